"""The moderation service when it isn't well: never a guess, and nobody waits for a dead one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.clock import SystemClock
from providers.http import HttpClient
from providers.moderation.service import FIRST_PAUSE, LONGEST_PAUSE, PATIENCE, ModerationService
from providers.moderation.service_answers import UnreadableVerdict, read_judgement
from providers.types import Verdict, VerdictStatus
from tests.bot.ports import free_port
from tests.fakes.clock import FakeClock
from tests.fakes.faults import (
    Fault,
    answer,
    bad_gateway,
    cut_short,
    drip,
    flood,
    hang,
    reset_after,
    reset_before,
)
from tests.fakes.moderation import KEY, MODEL, FakeModeration

GOOD = {"results": [{"flagged": True, "categories": {"violence": True, "sexual": False}}]}
OFTEN = 100  # more often than anybody asks again


@pytest.fixture
async def fake() -> AsyncIterator[FakeModeration]:
    async with FakeModeration() as service:
        yield service


def client(fake: FakeModeration, clock: Any = None, key: str | None = KEY) -> ModerationService:
    clock = clock or FakeClock(auto=True)
    http = HttpClient(clock)
    return ModerationService(fake.base_url, api_key=key, model=MODEL, http=http, clock=clock)


async def status(service: ModerationService, prompt: str = "a fox") -> VerdictStatus:
    return (await service.check(prompt)).status


async def test_what_is_sent(fake: FakeModeration) -> None:
    service = client(fake)
    await service.check("лиса")
    await service.aclose()
    (seen,) = fake.seen("judge")
    assert seen.json == {"model": MODEL, "input": "лиса"}
    assert seen.headers["Authorization"] == f"Bearer {KEY}"


async def test_a_service_without_keys_gets_none(fake: FakeModeration) -> None:
    service = client(fake, key=None)
    assert await status(service) is VerdictStatus.UNCHECKED  # this fake wants one
    await service.aclose()
    assert all("Authorization" not in seen.headers for seen in fake.requests)


@pytest.mark.parametrize(
    "fault",
    [
        answer(401),
        answer(404, b"<html>"),
        answer(429, {"error": {"message": "slow down"}}),
        answer(500),
        bad_gateway(),
        answer(302, Location="http://127.0.0.1:1/elsewhere"),
        answer(200, b"not json"),
        answer(200, {"results": []}),
        answer(200, {"results": [{"categories": {}}]}),
        reset_before,
        reset_after,
        cut_short,
        flood(200_000),
    ],
)
async def test_whatever_is_wrong_the_verdict_is_unchecked(
    fake: FakeModeration, fault: Fault
) -> None:
    service = client(fake)
    fake.fault("judge", fault, times=OFTEN)
    found = await service.check("a bloodbath")
    assert found == Verdict(VerdictStatus.UNCHECKED, "prompt", "moderation")
    await service.aclose()


@pytest.mark.parametrize("fault", [bad_gateway(), reset_before, reset_after])
async def test_a_stumble_is_not_a_fall(fake: FakeModeration, fault: Fault) -> None:
    service = client(fake)
    fake.fault("judge", fault, times=2)
    assert await status(service) is VerdictStatus.ALLOWED
    await service.aclose()


async def test_nobody_there(fake: FakeModeration) -> None:
    clock = FakeClock(auto=True)
    service = ModerationService(
        f"http://127.0.0.1:{free_port()}/v1",
        api_key=KEY,
        model=MODEL,
        http=HttpClient(clock),
        clock=clock,
    )
    assert await status(service) is VerdictStatus.UNCHECKED
    await service.aclose()


@pytest.mark.parametrize("slow", [drip, None], ids=["drip", "silence"])
async def test_patience_ends(
    fake: FakeModeration, monkeypatch: pytest.MonkeyPatch, slow: Callable[[], Fault] | None
) -> None:
    monkeypatch.setattr("providers.moderation.service.PATIENCE", 0.2)
    service = client(fake, SystemClock())
    fake.fault("judge", slow() if slow else hang(fake.released), times=OFTEN)
    async with asyncio.timeout(10):
        assert await status(service) is VerdictStatus.UNCHECKED
    await service.aclose()


async def test_a_dead_service_is_left_alone_for_ever_longer(fake: FakeModeration) -> None:
    clock = FakeClock(auto=True)
    service = client(fake, clock)
    fake.fault("judge", answer(404), times=OFTEN)
    pauses = []
    for asked in range(1, 8):
        assert await status(service) is VerdictStatus.UNCHECKED
        assert fake.count("judge") == asked
        rested = clock.monotonic()
        while fake.count("judge") == asked and service._not_before > clock.monotonic():
            assert await status(service) is VerdictStatus.UNCHECKED
            await clock.sleep(1)
        pauses.append(clock.monotonic() - rested)
    assert pauses[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    fake._faults.clear()
    assert await status(service) is VerdictStatus.ALLOWED
    assert await status(service, "smut") is VerdictStatus.BLOCKED
    await service.aclose()


async def test_one_tries_and_the_others_do_not_wait(fake: FakeModeration) -> None:
    clock = FakeClock()
    service = client(fake, clock)
    fake.fault("judge", answer(404))
    await service.check("a fox")
    await clock.advance(FIRST_PAUSE)
    fake.fault("judge", hang(fake.released))
    async with asyncio.TaskGroup() as group:
        trying = group.create_task(status(service))
        await fake.until("judge", 2)
        assert [await status(service) for _ in range(5)] == [VerdictStatus.UNCHECKED] * 5
        assert fake.count("judge") == 2
        fake.released.set()
    assert trying.result() is VerdictStatus.ALLOWED
    assert await status(service) is VerdictStatus.ALLOWED
    await service.aclose()


async def test_one_that_gave_up_trying_leaves_room_for_another(fake: FakeModeration) -> None:
    clock = FakeClock()
    service = client(fake, clock)
    fake.fault("judge", answer(404))
    await service.check("a fox")
    await clock.advance(FIRST_PAUSE)
    fake.fault("judge", hang(fake.released))
    async with asyncio.TaskGroup() as group:
        trying = group.create_task(service.check("a fox"))
        await fake.until("judge", 2)
        trying.cancel()
    await clock.advance(PATIENCE)
    assert await status(service) is VerdictStatus.ALLOWED
    await service.aclose()


async def test_neither_key_nor_prompt_is_told(
    fake: FakeModeration, capsys: pytest.CaptureFixture[str]
) -> None:
    service = client(fake)
    fake.fault("judge", answer(400, {"error": {"message": "can't judge 'a secret fox'"}}))
    await service.check("a secret fox")
    await service.aclose()
    told = "".join(capsys.readouterr()) + repr(service)
    assert KEY not in told and "secret" not in told and "HTTP 400" in told


# What it answers.


@pytest.mark.parametrize(
    ("result", "categories"),
    [
        (
            {"flagged": True, "categories": {"b": True, "a/b-c_2": True, "no": False}},
            ("a/b-c_2", "b"),
        ),
        ({"flagged": True, "categories": {"Sexual": True}}, ("sexual",)),
        ({"flagged": True, "categories": {"a prompt, quoted": True, "x" * 41: True, "": True}}, ()),
        ({"flagged": True, "categories": {"<b>": True, "ok\n": True, "ж": True}}, ()),
        ({"flagged": True, "categories": {"truthy": 1, "word": "true"}}, ()),
        ({"flagged": True, "categories": None}, ()),
        ({"flagged": True}, ()),
    ],
)
def test_categories_are_names_and_nothing_else(result: Any, categories: tuple[str, ...]) -> None:
    found = read_judgement({"results": [result]})
    assert found.flagged and found.categories == categories


def test_one_flagged_result_flags_all() -> None:
    assert read_judgement({"results": [{"flagged": False}, {"flagged": True}]}).flagged
    assert not read_judgement({"results": [{"flagged": False, "categories": {"a": True}}]}).flagged


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["results", "flagged", "categories", "x"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(JSON | JSON.map(lambda value: {"results": value}) | JSON.map(lambda v: {**GOOD, "x": v}))
def test_any_answer_is_read_or_refused(body: object) -> None:
    with suppress(UnreadableVerdict):
        assert isinstance(read_judgement(body).flagged, bool)


@given(st.sampled_from(["results", "flagged", "categories"]), JSON)
def test_a_good_answer_with_one_thing_changed(name: str, value: object) -> None:
    inside = {**GOOD["results"][0], name: value}
    body = {"results": value} if name == "results" else {"results": [inside]}
    with suppress(UnreadableVerdict):
        assert isinstance(read_judgement(body).flagged, bool)
