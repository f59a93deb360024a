"""The database goes away under load: nothing crashes, nothing is lost, work goes on when it is back."""

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from bot.playground import Message
from tests.bot.process import House, house
from tests.bot.test_crash import USERS, answers_to, check_books, check_service, is_outcome
from tests.fakes.replicate import Plan
from tests.scale.servers import ask, use
from tests.storage.cluster import Cluster
from tests.storage.databases import execute
from tests.storage.test_outages import HANG_UP

pytestmark = [pytest.mark.postgres, pytest.mark.waits(15)]

GOES_ON = 5.0  # seconds from the database's return


async def ask_for(home: House, count: int, first: int = 0) -> list[Message]:
    commands = []
    for number in range(first, first + count):
        user = USERS[number % len(USERS)]
        commands.append(await home.playground.send(user, user, f"/imagine fox number {number}"))
        await asyncio.sleep(0.02)  # spread over the outage
    return commands


def ended(home: House, commands: list[Message]) -> int:
    return sum(any(map(is_outcome, answers_to(home, each))) for each in commands)


async def check(home: House, server: Cluster, commands: list[Message]) -> None:
    # An order that was in the air waits for its lease (30 s), and is looked for then (20 s).
    await home.playground.wait_until(lambda: ended(home, commands) == len(commands), 120)
    for command in commands:
        assert [is_outcome(answer) for answer in answers_to(home, command)] == [True]
    await asyncio.to_thread(settled, home, server, commands)
    check_service(home, commands)


def settled(home: House, server: Cluster, commands: list[Message]) -> None:
    deadline = time.monotonic() + 10
    pending = "SELECT count(*) FROM jobs WHERE delivery <> 'delivered'"
    while ask(server.url, pending) != [(0,)] and time.monotonic() < deadline:
        time.sleep(0.1)
    check_books(home, commands, partial(ask, server.url))


@pytest.mark.parametrize("how", ["immediate", "fast"])
async def test_a_restart_of_the_database_is_waited_out(
    tmp_path: Path, server: Cluster, how: str
) -> None:
    async with house(tmp_path) as home:
        use(home, server.url, MAX_RUNNING_PER_USER="4")
        home.service.plan = Plan(seconds=1.0)
        async with home.bot() as bot:
            commands = await ask_for(home, 12)
            await home.playground.wait_until(lambda: home.service.count("create") >= 3, 60)
            await asyncio.to_thread(server.stop, how)
            async with asyncio.TaskGroup() as group:
                asked = group.create_task(ask_for(home, 6, first=12))
                await asyncio.sleep(2.5)
            before = ended(home, commands)
            await asyncio.to_thread(server.start)
            back = time.monotonic()
            await home.playground.wait_until(lambda: ended(home, commands) > before, 30)
            assert time.monotonic() - back < GOES_ON
            commands += asked.result()
            await check(home, server, commands)
            assert await bot.end() == 0
        assert "Traceback" not in bot.stderr


async def test_terminated_backends_cost_nothing(tmp_path: Path, server: Cluster) -> None:
    async with house(tmp_path) as home:
        use(home, server.url, MAX_RUNNING_PER_USER="4")
        home.service.plan = Plan(seconds=0.3)
        async with home.bot() as bot:
            async with asyncio.TaskGroup() as group:
                asked = group.create_task(ask_for(home, 15))
                while not asked.done():
                    await asyncio.sleep(0.1)
                    await execute(server.url, HANG_UP)
            for _ in range(10):
                await asyncio.sleep(0.2)
                await execute(server.url, HANG_UP)
            await check(home, server, asked.result())
            assert await bot.end() == 0
        assert "Traceback" not in bot.stderr


async def test_a_bot_whose_database_is_away_can_be_stopped(tmp_path: Path, server: Cluster) -> None:
    async with house(tmp_path) as home:
        use(home, server.url)
        home.service.plan = Plan(seconds=60)
        async with home.bot() as bot:
            await ask_for(home, 1)
            await home.playground.wait_until(lambda: home.service.count("create") == 1, 60)
            await asyncio.to_thread(server.stop)
            started = time.monotonic()
            assert await bot.end() == 0
            assert time.monotonic() - started < 10
        await asyncio.to_thread(server.start)
