"""Take a request: rank the offers, fit the wish to them, judge the prompt, store the pictures given
with it, reserve the units and queue the job.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.parsing import ImagineCommand
from bot.usecases.engines import Engines
from bot.usecases.errors import ModeNotTaken
from bot.usecases.given import Given, plan_for
from bot.usecases.inputs import PictureSource, PrepareInputs
from bot.usecases.moderation import Moderation, Tally
from bot.usecases.quotas import QuotaRules
from bot.usecases.spec import JobInputs, JobSpec, Leg, notes_of
from providers.catalog import Misfit, MisfitReason
from providers.clock import Clock
from providers.limits import Gates
from providers.router import Choice, rank
from providers.sizes import Size
from providers.types import Mode, Verdict, VerdictStatus, Wish
from storage.base import Storage, Stores
from storage.records import Job, NewJob

MAX_QUEUE_TIME = timedelta(hours=24)
MAX_WAITING = 50  # of one user's jobs; a generous quota must not fill the queue
NOTHING_GIVEN: Given[PictureSource] = Given()
SEED_LIMIT = 2**31  # what every service's integer takes


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, and where the answer goes. message_id is the command's own message."""

    user_id: int
    username: str | None
    language: str | None
    chat_id: int
    chat_kind: str
    message_id: int
    thread_id: int | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """created: False where this very message was accepted before (a repeated update)."""

    job: Job
    created: bool


class Imagine:
    """One transaction stores the job and holds its units; nothing is charged before it.

    Given pictures are stored before that: a job never waits for a picture that isn't there.
    """

    def __init__(
        self,
        storage: Storage,
        prepare: PrepareInputs,
        engines: Engines,
        rules: QuotaRules,
        clock: Clock,
        *,
        gates: Gates,
        moderation: Moderation,
        tally: Tally,
        requests_per_minute: int,
    ) -> None:
        self._storage = storage
        self._prepare = prepare
        self._engines = engines
        self._gates = gates
        self._moderation = moderation
        self._tally = tally
        self._rules = rules
        self._clock = clock
        self._requests_per_minute = requests_per_minute

    async def __call__(
        self, command: ImagineCommand, asker: Asker, given: Given[PictureSource] = NOTHING_GIVEN
    ) -> Accepted:
        """Raises WrongPictures, ModeNotTaken, Misfit, NoSuchOffer, PromptBlocked, PromptUnchecked,
        PictureRefused, QueueFull, Throttled, QuotaExceeded.
        """
        plan = plan_for(given, command)
        choices = self._rank(command, plan.mode)  # what nobody can do is refused right away
        wish, from_words = command.wish, plan.mode is Mode.TEXT_TO_IMAGE
        await self._enforce(await self._moderation.by_rules(wish), asker, counted=False)
        if from_words and not self._moderation.asks_service:
            return await self._accept(wish, asker, choices, JobInputs(), counted=False)
        async with self._storage.transaction() as tx:
            if (job := await tx.jobs.of_message(asker.chat_id, asker.message_id)) is not None:
                return Accepted(job, created=False)
            await self._count(asker, tx)  # before the work: nobody may keep the bot fetching
        await self._enforce(await self._moderation.by_service(wish), asker, counted=True)
        if from_words:
            return await self._accept(wish, asker, choices, JobInputs(), counted=True)
        inputs = await self._prepare(plan)
        if given.lone_of_album:
            inputs = inputs.model_copy(update={"lone_of_album": True})
        choices = self._rank(command, plan.mode, inputs.size)
        return await self._accept(wish, asker, choices, inputs, counted=True)

    async def _enforce(self, verdict: Verdict, asker: Asker, *, counted: bool) -> None:
        """Raises PromptBlocked, PromptUnchecked, Throttled."""
        if verdict.status is VerdictStatus.ALLOWED:
            return
        async with self._storage.transaction() as tx:
            if not counted:
                await self._count(asker, tx)
            await self._tally.count(tx, [verdict])
        self._moderation.enforce(verdict)

    async def _accept(
        self,
        wish: Wish,
        asker: Asker,
        choices: Sequence[Choice],
        inputs: JobInputs,
        *,
        counted: bool,
    ) -> Accepted:
        """`counted`: this request was held against the user's limit already."""
        now = self._clock.now()
        new = _new_job(asker, choices, wish, inputs, now)
        async with self._storage.transaction() as tx:
            job, created = await tx.jobs.enqueue(new, queued_limit=MAX_WAITING, now=now)
            if created:
                await tx.users.remember(
                    asker.user_id, username=asker.username, language=asker.language, now=now
                )
                if not counted:
                    await self._count(asker, tx)
                await tx.quotas.reserve(
                    asker.user_id, job.id, job.cost, day=self._rules.day_at(now), now=now
                )
        return Accepted(job, created)

    async def _count(self, asker: Asker, tx: Stores) -> None:
        await tx.users.count_request(
            asker.user_id, per_minute=self._requests_per_minute, now=self._clock.now()
        )

    def _rank(
        self, command: ImagineCommand, mode: Mode, picture_size: Size | None = None
    ) -> list[Choice]:
        """Where the job goes, and where it goes then. With --via that is one place.

        Raises ModeNotTaken, Misfit, NoSuchOffer. The default model counts where it can do it.
        """
        offers = self._engines.offers
        able = tuple(dict.fromkeys(offer.model for offer in offers if mode in offer.modes))
        model = command.model
        if model is None and command.provider is None and self._engines.default_model in able:
            model = self._engines.default_model
        try:
            return rank(
                command.wish,
                offers,
                model=model,
                provider=command.provider,
                mode=mode,
                picture_size=picture_size,
                standings=self._gates.standings(),
            )
        except Misfit as misfit:
            if misfit.reason is MisfitReason.MODE:
                raise ModeNotTaken(mode, able) from misfit
            raise


def _new_job(
    asker: Asker, choices: Sequence[Choice], wish: Wish, inputs: JobInputs, now: datetime
) -> NewJob:
    legs = _legs(choices)
    return NewJob(
        chat_id=asker.chat_id,
        message_id=asker.message_id,
        thread_id=asker.thread_id,
        user_id=asker.user_id,
        chat_kind=asker.chat_kind,
        provider=legs[0].provider,
        model=legs[0].model,
        cost=max(leg.cost for leg in legs) * wish.num_images,
        spec=JobSpec.of(wish, legs, inputs).dump(),
        deadline=now + MAX_QUEUE_TIME,
    )


def _legs(choices: Sequence[Choice]) -> list[Leg]:
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
