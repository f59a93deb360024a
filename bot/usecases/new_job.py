"""From ranked offers to the job that is stored: where it goes first, and where if that fails."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.parsing import ImagineCommand
from bot.usecases.asker import Asker
from bot.usecases.spec import JobInputs, JobSpec, Leg, notes_of
from providers.router import Choice
from storage.records import NewJob

MAX_QUEUE_TIME = timedelta(hours=24)
SEED_LIMIT = 2**31  # what every service's integer takes


def new_job(
    asker: Asker,
    choices: Sequence[Choice],
    command: ImagineCommand,
    inputs: JobInputs,
    now: datetime,
) -> NewJob:
    wish, legs = command.wish, legs_of(choices)
    named = {"model": command.model, "provider": command.provider}
    spec = JobSpec.of(wish, legs, inputs, **named, lineage=asker.lineage)
    return NewJob(
        chat_id=asker.chat_id,
        message_id=asker.message_id,
        thread_id=asker.thread_id,
        user_id=asker.user_id,
        chat_kind=asker.chat_kind,
        provider=legs[0].provider,
        model=legs[0].model,
        cost=max(leg.cost for leg in legs) * wish.num_images,
        spec=spec.dump(),
        deadline=now + MAX_QUEUE_TIME,
        language=asker.locale,
        parent_id=asker.parent_id,
        reply_to=asker.reply_to,
        inline_message_id=asker.inline_message_id,
    )


def legs_of(choices: Sequence[Choice]) -> list[Leg]:
    """One a provider, its best: where a provider fails, its other models fail with it."""
    best = {choice.offer.provider: choice for choice in reversed(choices)}
    # Drawn here, so that a job made again after a crash makes the same picture.
    seed = secrets.randbelow(SEED_LIMIT)
    return [_leg(choice, seed) for choice in choices if best[choice.offer.provider] is choice]


def _leg(choice: Choice, drawn_seed: int) -> Leg:
    offer, fitted = choice.offer, choice.fit
    request = fitted.request
    if offer.seed and request.seed is None:
        request = request.model_copy(update={"seed": drawn_seed % (offer.max_seed + 1)})
    return Leg(
        provider=offer.provider,
        model=offer.model,
        request=request,
        images_per_call=offer.max_images,
        crop=fitted.crop,
        adjustments=notes_of(fitted),
        cost=offer.cost,
    )
