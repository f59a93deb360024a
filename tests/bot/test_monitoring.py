"""/healthz, /readyz and /metrics of the running bot, over real HTTP, on polling and on a webhook."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from bot.monitoring.calls import Calls
from bot.monitoring.meters import Meters
from bot.monitoring.readiness import Readiness, is_ready
from bot.monitoring.scrape import Scrape
from bot.playground import Playground
from bot.playground.faults import SERVER_ERROR, flood, refusal
from bot.usecases.pauses import DRAIN, Pauses
from providers.breaker import FAILURES, FIRST_REST, BreakerState
from providers.errors import Unavailable
from providers.limits import Gates
from providers.testing import FakeProvider, hang
from storage.base import Storage
from storage.errors import DatabaseAway
from tests.bot.harness import ANN, Flow, flow
from tests.bot.ports import free_port
from tests.bot.process import ROOT
from tests.fakes.clock import FakeClock

PROMPT = "a fox nobody shall read of"
Numbers = dict[tuple[str, frozenset[str]], float]


@dataclass
class Watched:
    """A running bot, and what it says to whoever watches it."""

    chat: Flow
    port: int

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def ready(self) -> tuple[int, dict[str, str]]:
        status, text = await self.get("/readyz")
        return status, json.loads(text)

    async def until_ready(self, **wanted: str) -> int:
        """The status with which all of these are told; what it waits for rings no bell."""
        async with asyncio.timeout(30):
            while True:
                status, found = await self.ready()
                if wanted.items() <= found.items():
                    return status
                await asyncio.sleep(0.02)

    async def numbers(self) -> Numbers:
        status, text = await self.get("/metrics")
        assert status == 200
        assert PROMPT not in text and str(ANN) not in text
        return read(text)


def read(text: str) -> Numbers:
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(numbers: Numbers, name: str, *labels: str) -> float | None:
    return numbers.get((f"imagine_{name}", frozenset(labels)))


@asynccontextmanager
async def watched(folder: Path, provider: Any = None, **more: Any) -> AsyncIterator[Watched]:
    port = free_port()
    async with flow(folder, provider, monitoring=True, http_port=port, **more) as chat:
        await chat.say("/help")
        await chat.see_text("/imagine")  # so it listens by now
        yield Watched(chat, port)


@pytest.fixture(params=[False, True], ids=["polling", "webhook"])
async def bot(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Watched]:
    async with watched(tmp_path, webhook=request.param) as made:
        yield made


async def test_a_bot_at_work_is_alive_and_ready(bot: Watched) -> None:
    assert await bot.get("/healthz") == (200, '{"alive": "ok"}')
    assert await bot.ready() == (200, {"database": "ok", "intake": "ok", "updates": "ok"})


async def test_a_picture_leaves_its_numbers(bot: Watched) -> None:
    before = await bot.numbers()
    assert of(before, "jobs_ended_total", "fake", "succeeded") == 0
    await bot.chat.say(f"/imagine {PROMPT} --n 2")
    await bot.chat.delivered()
    found = await bot.numbers()
    assert of(found, "jobs_ended_total", "fake", "succeeded") == 1
    assert of(found, "jobs_ended_total", "fake", "failed") == 0
    assert of(found, "units_spent_total", "fake") == 2
    assert of(found, "job_seconds_count", "fake") == of(found, "drawing_seconds_count", "fake") == 1
    assert of(found, "breaker_state", "fake", "closed") == 1
    assert of(found, "breaker_state", "fake", "open") == 0
    assert of(found, "oldest_job_seconds") == of(found, "undelivered_jobs") == 0
    assert of(found, "database_up") == 1 and of(found, "draining") == 0
    sent = of(found, "telegram_calls_total", "sendMessage", "ok")
    assert sent is not None and sent >= 2


async def test_a_draining_bot_is_not_ready(bot: Watched) -> None:
    async with bot.chat.app.delivery._storage.transaction() as tx:
        await tx.controls.set(DRAIN, True, by=ANN, now=FakeClock().now())
    assert await bot.ready() == (503, {"database": "ok", "intake": "draining", "updates": "ok"})
    assert await bot.get("/healthz") == (200, '{"alive": "ok"}')


async def test_the_queue_as_it_stands(tmp_path: Path) -> None:
    clock, end = FakeClock(), asyncio.Event()
    provider = FakeProvider(lambda _: hang(end), clock=clock)
    async with watched(tmp_path, provider, clock=clock, max_running_per_user=1) as bot:
        for _ in range(3):
            await bot.chat.say(f"/imagine {PROMPT}")
        await bot.chat.job_until(lambda job: job.state == "running")
        await bot.chat.job_until(lambda job: job.state == "queued", 3)
        await clock.advance(4)  # less than a heartbeat
        found = await bot.numbers()
        assert of(found, "jobs_waiting", "fake") == 2
        assert of(found, "jobs_running", "fake") == 1
        assert of(found, "oldest_job_seconds") == 4
        await bot.chat.say("/cancel")  # two of them are over at once, by nobody's drawing
        await bot.chat.job_until(lambda job: job.state == "canceled", 3)
        await bot.chat.job_until(lambda job: job.state == "canceled", 1)
        ended = await bot.numbers()
        assert of(ended, "jobs_ended_total", "fake", "canceled") == 3
        assert of(ended, "jobs_waiting", "fake") is None
        end.set()


async def test_a_429_is_counted_by_its_method(tmp_path: Path) -> None:
    async with watched(tmp_path) as bot:
        bot.chat.playground.faults.add("sendMessage", flood(1))
        bot.chat.playground.faults.add("editMessageMedia", SERVER_ERROR)
        await bot.chat.say(f"/imagine {PROMPT}")
        await bot.chat.delivered()
        found = await bot.numbers()
        assert of(found, "telegram_calls_total", "sendMessage", "429") == 1
        assert of(found, "telegram_calls_total", "editMessageMedia", "no_answer") == 1
        assert of(found, "telegram_calls_total", "editMessageMedia", "ok") == 1


async def test_a_breakers_three_states() -> None:
    clock = FakeClock()
    gates = Gates({"fake": FakeProvider()}, clock, jitter=lambda: 1.0)
    meters = Meters(gates, clock)

    def seen() -> dict[str, float | None]:
        meters.show_providers(gates)
        found = read(generate_latest(meters.registry).decode())
        return {state: of(found, "breaker_state", "fake", state) for state in BreakerState}

    assert seen() == {"closed": 1, "open": 0, "half_open": 0}
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            async with gates["fake"].submission(clock.monotonic() + 60):
                raise Unavailable("fake")
    assert seen() == {"closed": 0, "open": 1, "half_open": 0}
    rest = of(read(generate_latest(meters.registry).decode()), "provider_rest_seconds", "fake")
    assert rest == FIRST_REST
    await clock.advance(FIRST_REST)
    assert seen() == {"closed": 0, "open": 0, "half_open": 1}


class Away:
    """A database that isn't there."""

    shared = True

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        raise DatabaseAway("ConnectionRefusedError", at_once=True)
        yield


async def test_without_a_database_a_bot_is_watched_all_the_same() -> None:
    clock, away = FakeClock(), cast(Storage, Away())
    gates = Gates({"fake": FakeProvider()}, clock)
    meters = Meters(gates, clock)
    found = await Readiness(away, None, may_stand_by=False)()
    assert found == {"database": "away", "intake": "away"} and not is_ready(found)
    text = (await Scrape(meters, away, gates, Pauses(away, gates, clock))()).decode()
    numbers = read(text)
    assert of(numbers, "database_up") == 0
    assert isnan(of(numbers, "oldest_job_seconds") or 0)
    assert of(numbers, "breaker_state", "fake", "closed") == 1


async def test_a_stand_in_is_ready_to_take_over() -> None:
    calls = Calls(Meters([], FakeClock()))
    away = cast(Storage, Away())
    waiting = await Readiness(away, calls, may_stand_by=True)()
    assert waiting["updates"] == "standing by"
    starting = await Readiness(away, calls, may_stand_by=False)()
    assert starting["updates"] == "starting" and not is_ready(starting | {"database": "ok"})


async def test_a_bot_that_gets_no_updates_is_not_ready(tmp_path: Path) -> None:
    async with watched(tmp_path) as bot:
        planted = bot.chat.playground.faults.add(
            "getUpdates", refusal(409, "Conflict: terminated by other getUpdates request"), 1000
        )
        await bot.chat.say("/help")  # ends the poll in hand
        assert await bot.until_ready(updates="failing") == 503
        planted.times = 0
        await bot.chat.say("/help")
        assert await bot.until_ready(updates="ok") == 200


async def test_a_taken_port_is_no_reason_not_to_work(tmp_path: Path) -> None:
    with socket.socket() as other, capture_logs() as logs:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        async with flow(tmp_path, monitoring=True, http_port=port) as chat:
            await chat.say("/imagine a fox")
            await chat.see_picture()
    (warning,) = (each for each in logs if each["event"].startswith("no pages"))
    assert f"127.0.0.1:{port}" in warning["problem"]


async def test_the_containers_check(tmp_path: Path) -> None:
    async def check(port: int) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.health", cwd=ROOT, env={"HTTP_PORT": str(port)}
        )
        return await process.wait()

    async with watched(tmp_path) as bot:
        assert await check(bot.port) == 0
    assert await check(bot.port) == 1


async def test_the_check_is_light() -> None:
    """Every half minute, for ever."""
    code = (
        "import sys, bot.health; print(len({'aiogram', 'pydantic', 'asyncio'} & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert (await process.communicate())[0] == b"0\n"


async def test_two_bots_count_apart(tmp_path: Path) -> None:
    async with (
        Playground.start() as playground,
        watched(tmp_path / "one", playground=playground) as one,
        watched(tmp_path / "two") as two,
    ):
        await one.chat.say("/imagine a fox")
        await one.chat.delivered()
        assert of(await one.numbers(), "jobs_ended_total", "fake", "succeeded") == 1
        assert of(await two.numbers(), "jobs_ended_total", "fake", "succeeded") == 0
