"""What every Reconciling provider promises beside: a lost receipt is found, and a no is sure."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from providers.base import ImageProvider, Reconciling
from providers.errors import OutcomeUnknown, ProviderError
from providers.types import Ticket
from tests.contracts.rigs import REMOTE_RIGS
from tests.contracts.rigs.base import RemoteRig

RECONCILING = [name for name, rig in REMOTE_RIGS.items() if rig.reconciles]

PLENTY = 20.0


@pytest.fixture(params=RECONCILING)
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[RemoteRig]:
    async with AsyncExitStack() as stack:
        yield REMOTE_RIGS[request.param](stack)


def a_while_ago(remote: RemoteRig) -> datetime:
    """Long enough for whatever was accepted then to be listed by now."""
    return remote.clock.now() - timedelta(minutes=1)


async def lost(remote: RemoteRig, provider: ImageProvider, *, accepted: bool) -> None:
    remote.will_drop_the_answer(accepted=accepted)
    with pytest.raises(OutcomeUnknown):
        await made(remote, provider)


async def made(remote: RemoteRig, provider: ImageProvider) -> Ticket:
    offer = (await provider.offers())[0]
    deadline = remote.clock.monotonic() + PLENTY
    return await provider.submit(remote.request(), offer, deadline=deadline)


async def found(
    remote: RemoteRig,
    provider: ImageProvider,
    known: tuple[str, ...] = (),
    *,
    prompt: str | None = None,
) -> Ticket | None:
    assert isinstance(provider, Reconciling)
    offer, request = (await provider.offers())[0], remote.request()
    return await provider.find(
        request.model_copy(update={"prompt": prompt or request.prompt}),
        offer,
        since=a_while_ago(remote),
        known=known,
        deadline=remote.clock.monotonic() + PLENTY,
    )


async def test_what_was_accepted_is_found_after_a_restart_and_ends_in_its_pictures(
    remote: RemoteRig,
) -> None:
    await lost(remote, await remote.provider(), accepted=True)
    provider = await remote.provider()
    ticket = await found(remote, provider)
    assert ticket is not None
    deadline = remote.clock.monotonic() + PLENTY
    result = await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)
    assert len(result.images) == remote.request().num_images
    assert remote.submissions_made() == 1


async def test_what_was_not_accepted_is_not_found(remote: RemoteRig) -> None:
    provider = await remote.provider()
    await lost(remote, provider, accepted=False)
    assert await found(remote, provider) is None


async def test_another_request_is_not_taken_for_it(remote: RemoteRig) -> None:
    provider = await remote.provider()
    await lost(remote, provider, accepted=True)
    assert await found(remote, provider, prompt="a hare") is None


async def test_what_is_on_record_is_another_one(remote: RemoteRig) -> None:
    provider = await remote.provider()
    recorded = await made(remote, provider)
    assert await found(remote, provider, (recorded.remote_id,)) is None
    await lost(remote, provider, accepted=True)
    ticket = await found(remote, provider, (recorded.remote_id,))
    assert ticket is not None and ticket.remote_id != recorded.remote_id


async def test_a_service_that_cannot_be_asked_says_neither_yes_nor_no(remote: RemoteRig) -> None:
    remote.will_refuse_connections()
    provider = await remote.provider()
    offer = (await provider.offers())[0]
    assert isinstance(provider, Reconciling)
    with pytest.raises(ProviderError):
        await provider.find(
            remote.request(),
            offer,
            since=a_while_ago(remote),
            known=(),
            deadline=remote.clock.monotonic() + 0.3,
        )
