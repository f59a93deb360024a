"""What every ImageProvider promises, over every implementation.

To add one: write a Rig for it (`rigs/`) and name it in `rigs/__init__.py`; what has a service
behind it is an HttpRig, and is named in HTTP_RIGS (`test_remote_service.py` breaks its wires).
The local pipeline's rig is in RIGS alone: its work ends with its process.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    ResultLost,
    Unauthorized,
)
from providers.sniffing import read_image
from providers.types import Progress, Ticket
from tests.contracts.rigs import REMOTE_RIGS, RIGS
from tests.contracts.rigs.base import RemoteRig, Rig
from tests.contracts.rigs.use import SHORT, finished, made, submitted, the_offer
from tests.fakes.clock import FakeClock

ENOUGH_TO_TRY = 2.0
"""Seconds until the deadline in which a first attempt fails for sure, on a busy machine too."""


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield RIGS[request.param](stack)


@pytest.fixture(params=REMOTE_RIGS)
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[RemoteRig]:
    async with AsyncExitStack() as stack:
        yield REMOTE_RIGS[request.param](stack)


FOLLOWED = [name for name, rig in REMOTE_RIGS.items() if not rig.synchronous]
SYNCHRONOUS = [name for name, rig in REMOTE_RIGS.items() if rig.synchronous]
CANCELING = [name for name, rig in RIGS.items() if rig.cancels and not rig.synchronous]
WITHOUT_CANCEL = [name for name, rig in RIGS.items() if not rig.cancels and not rig.synchronous]


async def test_gives_the_pictures_asked_for(rig: Rig) -> None:
    provider = await rig.provider()
    result = await made(rig, provider)
    asked, offer = rig.request(), await the_offer(provider)
    assert len(result.images) == asked.num_images
    for image in result.images:
        info = read_image(image.data)
        assert (info.media_type, info.width, info.height) == (
            image.media_type,
            asked.width,
            asked.height,
        )
        assert (image.width, image.height) == (info.width, info.height)
        assert image.seed is not None or not (offer.seed and rig.tells_seed)


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
    assert bool(fractions) is rig.shows_progress


@pytest.mark.parametrize("remote", FOLLOWED, indirect=True)
async def test_waiting_goes_on_after_a_restart(remote: RemoteRig) -> None:
    ticket = await submitted(remote, await remote.provider())
    result = await finished(remote, await remote.provider(), Ticket(ticket.remote_id))
    assert len(result.images) == remote.request().num_images
    assert remote.submissions_made() == 1


@pytest.mark.parametrize("remote", SYNCHRONOUS, indirect=True)
async def test_what_came_at_once_is_lost_with_its_ticket(remote: RemoteRig) -> None:
    ticket = await submitted(remote, await remote.provider())
    assert ticket.result is not None
    with pytest.raises(ResultLost):
        await finished(remote, await remote.provider(), Ticket(ticket.remote_id))
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


@pytest.mark.parametrize("rig", CANCELING, indirect=True)
async def test_cancel_ends_the_wait(rig: Rig) -> None:
    rig.will_hang()
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await provider.cancel(ticket)
    await provider.cancel(ticket)
    with pytest.raises(GenerationCanceled):
        await finished(rig, provider, ticket)


@pytest.mark.parametrize("rig", WITHOUT_CANCEL, indirect=True)
async def test_where_nothing_can_be_canceled_the_work_goes_on(rig: Rig) -> None:
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await provider.cancel(ticket)
    assert (await finished(rig, provider, ticket)).images


async def test_cancel_of_an_ended_or_unknown_submission_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await finished(rig, provider, ticket)
    await provider.cancel(ticket)
    for remote_id in ("nobodyknowsthis", "", "../../account"):
        await provider.cancel(Ticket(remote_id))


async def test_the_deadline_ends_it(rig: Rig) -> None:
    """Only a synchronous service may have taken the request, and nobody knows."""
    rig.will_hang()
    provider = await rig.provider()
    start = rig.clock.monotonic()
    with pytest.raises(OutcomeUnknown if rig.synchronous else DeadlineExceeded):
        await made(rig, provider, SHORT)
    assert SHORT <= rig.clock.monotonic() - start < SHORT + 1


async def test_past_the_deadline_nothing_is_submitted(rig: Rig) -> None:
    provider = await rig.provider()
    now = rig.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await provider.submit(rig.request(), await the_offer(provider), deadline=now)
    with pytest.raises(DeadlineExceeded):
        await provider.wait(Ticket("some"), deadline=now, on_progress=lambda _progress: None)
    assert rig.submissions_made() == 0


@pytest.mark.parametrize(
    ("remote", "kind"),
    [(name, kind) for name, rig in REMOTE_RIGS.items() for kind in rig.refusals],
    indirect=["remote"],
)
async def test_each_refusal_is_told_by_its_kind(remote: RemoteRig, kind: type[NotAccepted]) -> None:
    remote.will_refuse(kind)
    provider = await remote.provider()
    with pytest.raises(NotAccepted) as refused:
        await submitted(remote, provider)
    assert type(refused.value) is kind
    assert refused.value.provider == provider.name
    assert (remote.attempts_seen(), remote.submissions_made()) == (1, 0)
    assert (await made(remote, provider)).images


@pytest.mark.parametrize("rig", REMOTE_RIGS.values())
def test_no_service_goes_without_these_refusals(rig: type[RemoteRig]) -> None:
    assert set(rig.refusals) >= {Unauthorized, RateLimited}


@pytest.mark.parametrize(
    ("remote", "kind"),
    [(name, kind) for name, rig in REMOTE_RIGS.items() for kind in rig.endings],
    indirect=["remote"],
)
async def test_each_ending_is_told_by_its_kind(
    remote: RemoteRig, kind: type[ProviderError]
) -> None:
    provider = await remote.provider()
    remote.will_end(kind)
    with pytest.raises(ProviderError) as ended:
        await made(remote, provider)
    assert type(ended.value) is kind
    if isinstance(ended.value, Censored):
        assert ended.value.verdict.stage == remote.censors


async def test_a_malformed_answer_is_a_bad_answer(remote: RemoteRig) -> None:
    remote.clock = FakeClock(auto=True)
    provider = await remote.provider()
    remote.will_garble()
    with pytest.raises(BadAnswer):
        await made(remote, provider)


async def test_without_a_connection_nothing_was_accepted(remote: RemoteRig) -> None:
    remote.will_refuse_connections()
    provider = await remote.provider()
    with pytest.raises(NotAccepted):
        await submitted(remote, provider, ENOUGH_TO_TRY)
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
