"""Webhooks: a call wakes who waits, decides nothing, and is not relied on before one got through."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given

from providers.base import Listening
from providers.errors import DeadlineExceeded
from providers.http import HttpClient
from providers.offers.replicate import REPLICATE_OFFERS
from providers.polling import SHORTEST
from providers.replicate import ReplicateProvider
from providers.replicate_calls import BETWEEN_QUESTIONS, Calls
from providers.types import GenerationRequest, GenerationResult, Ticket
from providers.webhooks import signing_key
from tests.fakes import faults
from tests.fakes.clock import START, FakeClock
from tests.fakes.replicate import FakeReplicate, Plan
from tests.fakes.replicate_calls import SECRET, signed_headers
from tests.providers.test_replicate_answers import GOOD, json_values, mutated

OFFER = REPLICATE_OFFERS[0]
REQUEST = GenerationRequest(prompt="a secret fox", width=512, height=384, num_images=2)
PATIENCE = 30.0  # seconds of real time; only a test that fails waits so long
CALLBACK = "http://127.0.0.1:1/replicate"
OTHER_SECRET = "whsec_b3RoZXI="  # noqa: S105 - opens nothing


@pytest.fixture
async def service() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate(Plan(seconds=3600)) as service:
        yield service


@pytest.fixture
def clock() -> FakeClock:
    """Time stands still: a wait is over when a call comes, or never."""
    return FakeClock()


def made(
    service: FakeReplicate, clock: FakeClock, *, secret: str | None = SECRET
) -> ReplicateProvider:
    return ReplicateProvider(
        service.token,
        base_url=service.base_url,
        callback_url=CALLBACK,
        webhook_secret=secret,
        http=HttpClient(clock),
        clock=clock,
        jitter=lambda: 0.0,
    )


@pytest.fixture
async def replicate(service: FakeReplicate, clock: FakeClock) -> AsyncIterator[ReplicateProvider]:
    provider = made(service, clock)
    yield provider
    await provider.aclose()


async def submit(provider: ReplicateProvider) -> Ticket:
    return await provider.submit(REQUEST, OFFER, deadline=600.0)


async def wait(provider: ReplicateProvider, ticket: Ticket) -> GenerationResult:
    async with asyncio.timeout(PATIENCE):
        return await provider.wait(ticket, deadline=600.0, on_progress=lambda _progress: None)


def call(
    provider: ReplicateProvider,
    service: FakeReplicate,
    remote_id: str,
    *,
    secret: str = SECRET,
    age: float = 0.0,
    **changes: Any,
) -> bool:
    body = service.body(remote_id, **changes)
    at = provider._clock.now().timestamp() - age
    headers = signed_headers(body, at=at, secret=secret)
    return provider.hear({name.lower(): value for name, value in headers.items()}, body)


def test_it_is_listening(replicate: ReplicateProvider) -> None:
    assert isinstance(replicate, Listening)
    assert replicate.callback_url == CALLBACK


async def test_it_asks_to_be_called_at_the_end_alone(replicate, service) -> None:
    await submit(replicate)
    body = service.seen("create")[0].json
    assert body["webhook"] == CALLBACK
    assert body["webhook_events_filter"] == ["completed"]


async def test_without_an_address_it_does_not(service, clock) -> None:
    provider = ReplicateProvider(
        service.token, base_url=service.base_url, http=HttpClient(clock), clock=clock
    )
    await provider.start()
    await submit(provider)
    assert service.seen("create")[0].json.keys() == {"version", "input"}
    assert service.count("secret") == 0
    await provider.aclose()


async def test_a_call_ends_the_wait_at_once(replicate, service, clock) -> None:
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        service.end(ticket.remote_id)
        assert call(replicate, service, ticket.remote_id)
    assert len(waiting.result().images) == 2
    assert service.count("get") == 2
    assert clock.now() == START


@pytest.mark.parametrize("status", ["failed", "canceled", "aborted"])
async def test_so_does_one_of_another_end(replicate, service, clock, status) -> None:
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_troubled(wait(replicate, ticket)))
        await clock.until_sleeping()
        service.end(ticket.remote_id, status)
        assert call(replicate, service, ticket.remote_id)
    assert waiting.result()


async def _troubled(work: Any) -> bool:
    try:
        await work
    except Exception:  # noqa: BLE001 - which one is told elsewhere
        return True
    return False


@pytest.mark.parametrize("wrong", [{"secret": OTHER_SECRET}, {"age": 301.0}, {"age": -301.0}])
async def test_a_call_of_somebody_else_is_refused_and_wakes_nobody(
    replicate, service, clock, wrong
) -> None:
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        service.end(ticket.remote_id)
        assert not call(replicate, service, ticket.remote_id, **wrong)
        await clock.advance(0)
        assert service.count("get") == 1
        assert call(replicate, service, ticket.remote_id)
    assert waiting.result()


async def test_a_call_is_believed_in_nothing_but_its_coming(replicate, service, clock) -> None:
    """It says `succeeded`, with pictures; the service, asked, says `starting`."""
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        assert call(replicate, service, ticket.remote_id, status="succeeded", output=["data:,x"])
        await service.until("get", 2)
        await clock.until_sleeping()
        assert not waiting.done()
        service.end(ticket.remote_id)
        await clock.advance_to_next()
    assert len(waiting.result().images) == 2


async def test_a_repeated_call_is_one_call(replicate, service, clock) -> None:
    ticket = await submit(replicate)
    service.plan = Plan()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        for _ in range(5):
            assert call(replicate, service, ticket.remote_id, status="succeeded")
        await service.until("get", 2)
        await clock.until_sleeping()
        assert call(replicate, service, ticket.remote_id, status="succeeded")
        await clock.advance(0)
        assert service.count("get") == 2
        waiting.cancel()


async def test_a_late_call_about_an_earlier_state_changes_nothing(
    replicate, service, clock
) -> None:
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        assert call(replicate, service, ticket.remote_id, status="processing")
        await clock.advance(0)
        assert service.count("get") == 1
        service.end(ticket.remote_id)
        assert call(replicate, service, ticket.remote_id)
        assert call(replicate, service, ticket.remote_id, status="processing")
    assert call(replicate, service, ticket.remote_id, status="starting")
    assert len(waiting.result().images) == 2
    clock.auto = True
    assert len((await wait(replicate, ticket)).images) == 2


async def test_a_call_about_something_unknown_is_heard_and_ignored(replicate, service) -> None:
    ticket = await submit(replicate)
    assert call(replicate, service, ticket.remote_id)
    assert call(replicate, service, ticket.remote_id, id="somebodyelses")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 5}', b"[" * 50_000, b"\xff"])
async def test_a_signed_call_that_cannot_be_read_is_taken_and_told(replicate, body, caplog) -> None:
    headers = signed_headers(body, at=START.timestamp())
    with caplog.at_level(logging.WARNING):
        assert replicate.hear({name.lower(): value for name, value in headers.items()}, body)
    assert "can't be read" in caplog.text


@given(json_values | mutated(GOOD))
def test_any_signed_call_is_taken(value: object) -> None:
    calls = Calls(FakeClock(), signing_key(SECRET))
    body = json.dumps(value).encode()
    headers = signed_headers(body, at=START.timestamp())
    with calls.expected_for(GOOD["id"]):
        assert calls.hear({name.lower(): value for name, value in headers.items()}, body)


async def test_a_call_before_the_wait_is_made_up_for_by_asking(replicate, service) -> None:
    ticket = await submit(replicate)
    service.end(ticket.remote_id)
    assert call(replicate, service, ticket.remote_id)
    assert len((await wait(replicate, ticket)).images) == 2


async def test_an_abandoned_wait_is_forgotten(replicate, service, clock) -> None:
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        waiting.cancel()
    assert replicate._calls._bells == {}


async def test_without_calls_it_asks_as_ever(replicate, service, clock) -> None:
    clock.auto = True
    service.plan = Plan(gets=6)
    ticket = await submit(replicate)
    assert len((await wait(replicate, ticket)).images) == 2
    assert min(clock.slept) == pytest.approx(SHORTEST)


async def test_with_calls_it_asks_seldom_until_one_does_not_come(replicate, service, clock) -> None:
    ticket = await submit(replicate)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await clock.until_sleeping()
        service.end(ticket.remote_id)
        assert call(replicate, service, ticket.remote_id)
    assert waiting.result()
    assert await pauses_without_a_call(replicate, service, clock) == [BETWEEN_QUESTIONS] * 2
    assert max(await pauses_without_a_call(replicate, service, clock)) < 1


async def pauses_without_a_call(
    provider: ReplicateProvider, service: FakeReplicate, clock: FakeClock
) -> list[float]:
    """Between two questions; what passes before the first goes by what was measured."""
    clock.auto, service.plan = True, Plan(gets=3)
    before = len(clock.slept)
    await wait(provider, await submit(provider))
    return clock.slept[before:][-2:]


async def test_the_deadline_holds_while_a_call_is_waited_for(replicate, service, clock) -> None:
    clock.auto = True
    service.plan = Plan(gets=10_000)
    ticket = await submit(replicate)
    with pytest.raises(DeadlineExceeded):
        await replicate.wait(ticket, deadline=9.0, on_progress=lambda _progress: None)
    assert clock.monotonic() == pytest.approx(9.0)


# The secret


async def test_the_secret_is_asked_for_where_none_is_set(service, clock) -> None:
    provider = made(service, clock, secret=None)
    ticket = await submit(provider)
    assert "webhook" not in service.seen("create")[0].json
    assert not call(provider, service, ticket.remote_id)
    await provider.start()
    ticket = await submit(provider)
    assert service.seen("create")[1].json["webhook"] == CALLBACK
    assert call(provider, service, ticket.remote_id)
    assert service.count("secret") == 1
    await provider.aclose()


async def test_a_secret_that_is_set_is_not_asked_for(replicate, service) -> None:
    await replicate.start()
    assert service.count("secret") == 0


@pytest.mark.parametrize(
    "fault",
    [
        faults.answer(401, {}),
        faults.answer(404, b""),
        faults.answer(200, {"key": None}),
        faults.answer(200, {"key": "whsec_!"}),
        faults.answer(200, b"<html>"),
    ],
)
async def test_without_a_secret_it_goes_on_without_calls(service, clock, fault, caplog) -> None:
    clock.auto = True
    provider = made(service, clock, secret=None)
    service.fault("secret", fault, times=9)
    with caplog.at_level(logging.WARNING):
        await provider.start()
    assert "no webhooks" in caplog.text
    ticket = await submit(provider)
    assert "webhook" not in service.seen("create")[0].json
    assert not call(provider, service, ticket.remote_id)
    await provider.aclose()


async def test_nothing_of_a_call_is_logged(replicate, service, clock, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        ticket = await submit(replicate)
        assert call(replicate, service, ticket.remote_id, id=["a secret fox"])
        assert not call(replicate, service, ticket.remote_id, secret=OTHER_SECRET)
    assert "secret fox" not in caplog.text and SECRET not in caplog.text
    assert "secret fox" in json.dumps(service.seen("create")[0].json)
