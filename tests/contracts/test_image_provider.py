"""What every ImageProvider promises, over every implementation.

To add one: write a Rig for it (`rigs/`) and name it in `rigs/__init__.py`; what has a service
behind it is a RemoteRig, and is named in REMOTE_RIGS too. The local pipeline's rig is in RIGS
alone: its work ends with its process.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from providers.base import ImageProvider
from providers.catalog import Offer
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
    GenerationFailed,
    NotAccepted,
    OutcomeUnknown,
    ResultLost,
)
from providers.sniffing import ImageInfo, read_image
from providers.types import GenerationResult, Progress, Ticket
from tests.contracts.rigs import REMOTE_RIGS, RIGS
from tests.contracts.rigs.base import RemoteRig, Rig

PLENTY = 20.0
SHORT = 0.3


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield RIGS[request.param](stack)


@pytest.fixture(params=REMOTE_RIGS)
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[RemoteRig]:
    async with AsyncExitStack() as stack:
        yield REMOTE_RIGS[request.param](stack)


async def the_offer(provider: ImageProvider) -> Offer:
    return (await provider.offers())[0]


async def submitted(rig: Rig, provider: ImageProvider) -> Ticket:
    deadline = rig.clock.monotonic() + PLENTY
    return await provider.submit(rig.request(), await the_offer(provider), deadline=deadline)


async def finished(
    rig: Rig, provider: ImageProvider, ticket: Ticket, seen: list[Progress] | None = None
) -> GenerationResult:
    report = seen if seen is not None else []
    return await provider.wait(
        ticket, deadline=rig.clock.monotonic() + PLENTY, on_progress=report.append
    )


async def test_gives_the_pictures_asked_for(rig: Rig) -> None:
    provider = await rig.provider()
    tells_seed = (await the_offer(provider)).seed
    result = await finished(rig, provider, await submitted(rig, provider))
    asked = rig.request()
    assert len(result.images) == asked.num_images
    for image in result.images:
        info = read_image(image.data)
        assert info == ImageInfo(f"image/{asked.output_format}", asked.width, asked.height)
        assert info == ImageInfo(image.media_type, image.width, image.height)
        assert (image.seed is not None) == tells_seed


async def test_offers_say_who_they_are(rig: Rig) -> None:
    provider = await rig.provider()
    offers = await provider.offers()
    assert offers
    assert {offer.provider for offer in offers} == {provider.name}


async def test_progress_rises_and_stays_below_one(rig: Rig) -> None:
    provider = await rig.provider()
    seen: list[Progress] = []
    await finished(rig, provider, await submitted(rig, provider), seen)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(set(fractions))
    assert fractions and all(0 <= fraction < 1 for fraction in fractions)


async def test_waiting_goes_on_after_a_restart(remote: RemoteRig) -> None:
    ticket = await submitted(remote, await remote.provider())
    result = await finished(remote, await remote.provider(), Ticket(ticket.remote_id))
    assert len(result.images) == remote.request().num_images
    assert remote.submissions_made() == 1


async def test_waiting_may_be_abandoned_and_taken_up_again(remote: RemoteRig) -> None:
    provider = await remote.provider()
    ticket = await submitted(remote, provider)
    async with asyncio.TaskGroup() as group:
        group.create_task(finished(remote, provider, ticket)).cancel()
    result = await finished(remote, provider, ticket)
    assert len(result.images) == remote.request().num_images


@pytest.mark.parametrize("remote_id", ["nobodyknowsthis", "", "../account", "a b\n", "ü" * 300])
async def test_an_unknown_id_is_a_lost_result(rig: Rig, remote_id: str) -> None:
    provider = await rig.provider()
    with pytest.raises(ResultLost):
        await finished(rig, provider, Ticket(remote_id))


async def test_cancel_ends_the_wait(rig: Rig) -> None:
    rig.will_hang()
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await provider.cancel(ticket)
    await provider.cancel(ticket)
    with pytest.raises(GenerationCanceled):
        await finished(rig, provider, ticket)


async def test_cancel_of_an_ended_or_unknown_submission_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await finished(rig, provider, ticket)
    await provider.cancel(ticket)
    for remote_id in ("nobodyknowsthis", "", "../../account"):
        await provider.cancel(Ticket(remote_id))


async def test_the_deadline_ends_the_wait(rig: Rig) -> None:
    rig.will_hang()
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    start = rig.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await provider.wait(ticket, deadline=start + SHORT, on_progress=lambda _progress: None)
    assert SHORT <= rig.clock.monotonic() - start < SHORT + 1


async def test_past_the_deadline_nothing_is_submitted(rig: Rig) -> None:
    provider = await rig.provider()
    now = rig.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await provider.submit(rig.request(), await the_offer(provider), deadline=now)
    with pytest.raises(DeadlineExceeded):
        await provider.wait(Ticket("some"), deadline=now, on_progress=lambda _progress: None)
    assert rig.submissions_made() == 0


async def test_failure_censorship_and_loss_are_told_apart(remote: RemoteRig) -> None:
    provider = await remote.provider()
    remote.will_fail()
    with pytest.raises(GenerationFailed):
        await finished(remote, provider, await submitted(remote, provider))
    remote.will_censor()
    with pytest.raises(Censored) as censored:
        await finished(remote, provider, await submitted(remote, provider))
    assert censored.value.verdict.stage == "image"
    remote.will_lose_the_picture()
    with pytest.raises(ResultLost):
        await finished(remote, provider, await submitted(remote, provider))


async def test_a_malformed_answer_is_a_bad_answer(remote: RemoteRig) -> None:
    provider = await remote.provider()
    remote.will_garble()
    with pytest.raises(BadAnswer):
        await finished(remote, provider, await submitted(remote, provider))


async def test_without_a_connection_nothing_was_accepted(remote: RemoteRig) -> None:
    remote.will_refuse_connections()
    provider = await remote.provider()
    with pytest.raises(NotAccepted):
        await provider.submit(
            remote.request(), await the_offer(provider), deadline=remote.clock.monotonic() + SHORT
        )
    assert remote.submissions_made() == 0


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_lost_answer_is_not_asked_for_again(remote: RemoteRig, accepted: bool) -> None:
    remote.will_drop_the_answer(accepted=accepted)
    provider = await remote.provider()
    with pytest.raises(OutcomeUnknown):
        await submitted(remote, provider)
    assert remote.submissions_made() == (1 if accepted else 0)
    assert remote.attempts_seen() == 1


async def test_its_errors_name_it(rig: Rig) -> None:
    provider = await rig.provider()
    with pytest.raises(ResultLost) as lost:
        await finished(rig, provider, Ticket("nobodyknowsthis"))
    assert lost.value.provider == provider.name


async def test_closing_twice_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    await provider.aclose()
    await provider.aclose()
