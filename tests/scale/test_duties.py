"""Requests taken by one process, pictures made by others."""

import asyncio
import signal
import time
from pathlib import Path

import aiohttp
import pytest

from bot.playground import ANN, BORIS
from tests.bot.ports import free_port
from tests.bot.process import House
from tests.bot.test_crash import answers_to, is_outcome
from tests.fakes.replicate import Plan
from tests.scale.servers import Processes, rows, until

pytestmark = [pytest.mark.postgres, pytest.mark.waits(5)]

TAKEN_OVER = 5.0  # seconds


async def picture(home: House, user: int = ANN, words: str = "/imagine a fox") -> None:
    command = await home.playground.send(user, user, words)
    await home.playground.wait_until(lambda: any(map(is_outcome, answers_to(home, command))), 60)
    assert len(answers_to(home, command)) == 1


async def test_an_edge_and_a_worker_share_one_message(home: House, crew: Processes) -> None:
    home.service.plan = Plan(seconds=2.0)
    edge, worker = await crew.edge(), await crew.worker()
    await picture(home)
    by_text = [call.method for call in home.playground.calls if "edit" in call.method]
    assert by_text.count("editMessageText") >= 1  # its progress, by the worker
    assert by_text.count("editMessageMedia") == 1
    await until(lambda: "delivery ended" in worker.stderr, 10)
    assert "delivery ended" not in edge.stderr
    assert await edge.end() == 0 and await worker.end() == 0


async def test_a_fast_worker_waits_for_the_message_to_be_sent(home: House, crew: Processes) -> None:
    from bot.playground.faults import Fault, Kind, When  # noqa: PLC0415

    home.service.plan = Plan(gets=1)
    await crew.edge()
    await crew.worker()
    slow = Fault(Kind.WAIT, When.BEFORE, seconds=1.5)
    home.playground.faults.add("sendMessage", slow, times=1)
    await picture(home)
    sent = [call for call in home.playground.calls if call.method == "sendMessage"]
    assert len(sent) == 1


async def test_cancel_at_the_edge_reaches_the_worker_at_once(home: House, crew: Processes) -> None:
    home.service.plan = Plan(seconds=60)
    await crew.edge()
    await crew.worker()
    command = await home.playground.send(ANN, ANN, "/imagine a fox")
    await home.playground.wait_until(lambda: home.service.count("create") == 1, 60)
    await home.playground.wait_until(lambda: answers_to(home, command), 60)
    started = time.monotonic()
    await home.playground.send(ANN, ANN, "/cancel")
    await home.playground.wait_until(
        lambda: any("Canceled" in each.words for each in answers_to(home, command)), 60
    )
    assert time.monotonic() - started < 4.0  # a heartbeat is 5 s


async def test_an_edge_loads_no_torch(home: House, crew: Processes) -> None:
    edge = await crew.edge(LOCAL_MODEL="demo")
    await home.playground.send(ANN, ANN, "/imagine a fox --via local")
    await home.playground.wait_until(
        lambda: any(
            "Queued" in m.words or "queue" in m.words for m in home.playground.messages(ANN)
        ),
        60,
    )
    assert "torch" not in Path(f"/proc/{edge.pid}/maps").read_text()  # noqa: ASYNC240 - of the kernel's
    children = Path(f"/proc/{edge.pid}/task/{edge.pid}/children").read_text()  # noqa: ASYNC240
    assert children == ""


async def test_a_worker_takes_jobs_of_its_providers_only(
    home: House, crew: Processes, database: str
) -> None:
    await crew.edge(LOCAL_MODEL="demo")
    await crew.worker("--providers", "replicate", LOCAL_MODEL="demo")
    await home.playground.send(ANN, ANN, "/imagine a bear --via local")
    await picture(home, BORIS, "/imagine a fox --via replicate")
    states = await rows(database, "SELECT provider, state FROM jobs ORDER BY provider")
    assert states == [("local", "queued"), ("replicate", "succeeded")]


async def test_a_provider_that_is_not_there_is_named(home: House, crew: Processes) -> None:
    worker = await crew.start("worker", "--providers", "replicate,locall")
    assert await worker.exit_code() == 2
    assert "--providers: 'locall' is not enabled here; there is replicate" in worker.stderr


@pytest.mark.parametrize("command", [("worker",), ("run", "--no-worker")])
async def test_sharing_needs_postgresql(
    home: House, crew: Processes, command: tuple[str, ...]
) -> None:
    alone = await crew.start(*command, DATABASE_URL="")
    assert await alone.exit_code() == 2
    assert "DATABASE_URL: must be postgresql+asyncpg" in alone.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_one_polls_and_another_takes_over(
    home: House, crew: Processes, number: signal.Signals
) -> None:
    first = await crew.edge()
    second = await crew.start("run", "--no-worker")
    await asyncio.sleep(3)  # it would long be polling
    assert "this process's turn" in first.stderr and "this process's turn" not in second.stderr
    await crew.worker()
    await picture(home)
    started = time.monotonic()
    await first.end(number)
    await until(lambda: "this process's turn" in second.stderr, 60)
    assert time.monotonic() - started < TAKEN_OVER
    await picture(home, BORIS)


async def test_a_worker_can_be_watched(home: House, crew: Processes) -> None:
    port = free_port()
    await crew.edge()
    await crew.worker(MONITORING="1", HTTP_PORT=str(port))
    await picture(home)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            assert answer.status == 200
            assert await answer.json() == {"database": "ok", "intake": "ok"}
        async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            drawn = 'imagine_jobs_ended_total{outcome="succeeded",provider="replicate"} 1.0'
            assert drawn in await answer.text()
