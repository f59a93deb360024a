"""What every ImageProvider promises, over every implementation.

To add one: write a Rig for it (`rigs/`) and name it in `rigs/__init__.py`; what has a service
behind it is a RemoteRig, and is named in REMOTE_RIGS too. The local pipeline's rig is in RIGS
alone: its work ends with its process. What draws while the caller waits is in SYNCHRONOUS_RIGS
too: it has promises of its own in place of those about waiting. What else a service can't help
its rig's `traits` tell.
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
from tests.contracts.rigs import REMOTE_RIGS, RIGS, SYNCHRONOUS_RIGS
from tests.contracts.rigs.base import RemoteRig, Rig, SynchronousRig

PLENTY = 20.0
SHORT = 0.3
LASTING = [name for name in RIGS if name not in SYNCHRONOUS_RIGS]
"""Those where the work goes on after the submission was answered."""


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield RIGS[request.param](stack)


@pytest.fixture(params=REMOTE_RIGS)
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[RemoteRig]:
    async with AsyncExitStack() as stack:
        yield REMOTE_RIGS[request.param](stack)


@pytest.fixture(params=SYNCHRONOUS_RIGS)
async def synchronous(request: pytest.FixtureRequest) -> AsyncIterator[SynchronousRig]:
    async with AsyncExitStack() as stack:
        yield SYNCHRONOUS_RIGS[request.param](stack)


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
    result = await finished(rig, provider, await submitted(rig, provider))
    asked = rig.request()
    assert len(result.images) == asked.num_images
    for image in result.images:
        info = read_image(image.data)
        assert info == ImageInfo("image/png", asked.width, asked.height)
        assert info == ImageInfo(image.media_type, image.width, image.height)
        assert image.seed is not None or not rig.traits.tells_seed


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
    assert all(0 <= fraction < 1 for fraction in fractions)
    assert bool(fractions) is rig.traits.tells_progress


@pytest.mark.parametrize("remote", [name for name in REMOTE_RIGS if name in LASTING], indirect=True)
async def test_waiting_goes_on_after_a_restart(remote: RemoteRig) -> None:
    ticket = await submitted(remote, await remote.provider())
    result = await finished(remote, await remote.provider(), Ticket(ticket.remote_id))
    assert len(result.images) == 2
    assert remote.submissions_made() == 1


async def test_waiting_may_be_abandoned_and_taken_up_again(remote: RemoteRig) -> None:
    provider = await remote.provider()
    ticket = await submitted(remote, provider)
    async with asyncio.TaskGroup() as group:
        group.create_task(finished(remote, provider, ticket)).cancel()
    assert len((await finished(remote, provider, ticket)).images) == 2


@pytest.mark.parametrize("remote_id", ["nobodyknowsthis", "", "../account", "a b\n", "ü" * 300])
async def test_an_unknown_id_is_a_lost_result(rig: Rig, remote_id: str) -> None:
    provider = await rig.provider()
    with pytest.raises(ResultLost):
        await finished(rig, provider, Ticket(remote_id))


@pytest.mark.parametrize("rig", LASTING, indirect=True)
async def test_cancel_ends_the_wait(rig: Rig) -> None:
    """Where the service can't be asked to stop, its work goes on, and so may the wait."""
    rig.will_hang()
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await provider.cancel(ticket)
    await provider.cancel(ticket)
    deadline = rig.clock.monotonic() + (PLENTY if rig.traits.cancels else SHORT)
    with pytest.raises(GenerationCanceled if rig.traits.cancels else DeadlineExceeded):
        await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)


async def test_cancel_of_an_ended_or_unknown_submission_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await finished(rig, provider, ticket)
    await provider.cancel(ticket)
    for remote_id in ("nobodyknowsthis", "", "../../account"):
        await provider.cancel(Ticket(remote_id))


@pytest.mark.parametrize("rig", LASTING, indirect=True)
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


async def test_the_pictures_of_a_synchronous_answer_are_in_its_ticket(
    synchronous: SynchronousRig,
) -> None:
    """... and nowhere else: after a restart they are lost, and not paid for twice."""
    provider = await synchronous.provider()
    ticket, other = await submitted(synchronous, provider), await submitted(synchronous, provider)
    assert ticket.result is not None
    assert len(ticket.result.images) == 2
    assert ticket.remote_id != other.remote_id
    restarted = await synchronous.provider()
    with pytest.raises(ResultLost):
        await finished(synchronous, restarted, Ticket(ticket.remote_id))
    assert synchronous.submissions_made() == 2


async def test_a_synchronous_submission_may_be_abandoned(synchronous: SynchronousRig) -> None:
    synchronous.will_hang()
    provider = await synchronous.provider()
    async with asyncio.TaskGroup() as group:
        submitting = group.create_task(submitted(synchronous, provider))
        await synchronous.until_asked()
        submitting.cancel()
    assert submitting.cancelled()
    assert synchronous.attempts_seen() == 1


async def test_the_deadline_ends_a_synchronous_submission(synchronous: SynchronousRig) -> None:
    """What became of it isn't known then: it isn't made again."""
    synchronous.will_hang()
    provider = await synchronous.provider()
    offer = await the_offer(provider)
    start = synchronous.clock.monotonic()
    with pytest.raises(OutcomeUnknown):
        await provider.submit(synchronous.request(), offer, deadline=start + SHORT)
    assert SHORT <= synchronous.clock.monotonic() - start < SHORT + 1
    assert synchronous.attempts_seen() == 1


async def test_its_errors_name_it(rig: Rig) -> None:
    provider = await rig.provider()
    with pytest.raises(ResultLost) as lost:
        await finished(rig, provider, Ticket("nobodyknowsthis"))
    assert lost.value.provider == provider.name


async def test_closing_twice_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    await provider.aclose()
    await provider.aclose()
