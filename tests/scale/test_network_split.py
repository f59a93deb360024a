"""A worker whose line to the database is dead for a while, in the middle of its work.

The line is a proxy that falls silent, as a network does that is split: no packet says so; or it is a
real one between two hosts, each a network namespace.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.playground import Message
from tests.bot.process import BotProcess, House, house
from tests.bot.test_crash import USERS, answers_to, is_outcome
from tests.fakes.line import line_to
from tests.fakes.replicate import Plan
from tests.scale.namespaces import Host, doors, host, needs_namespaces
from tests.scale.servers import Processes, ask, processes, rows, use
from tests.scale.test_takeover import Chaos, check, watch
from tests.storage.cluster import Cluster

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

JOBS = 12
OPEN = "SELECT 1 FROM jobs WHERE delivery <> 'delivered' LIMIT 1"


@pytest.mark.parametrize("silence", [20, 45])
async def test_a_worker_cut_off_from_the_database_costs_nothing(
    home: House, crew: Processes, database: str, silence: int
) -> None:
    """For less than a lease, after which it goes on; for more, after which it is fenced out."""
    home.settings |= {"MAX_RUNNING_PER_USER": "50"}
    home.service.plan = Plan(seconds=12.0)
    async with line_to(make_url(database).port or 5432) as line:
        far = make_url(database).set(port=line.port).render_as_string(hide_password=False)
        await crew.edge()
        await crew.worker(DATABASE_URL=far)
        commands = await ask_for(home, JOBS // 2)
        await home.playground.wait_until(lambda: home.service.count("create") >= JOBS // 2, 60)
        line.fall_silent()
        near = await crew.worker()
        commands += await ask_for(home, JOBS // 2, first=JOBS // 2)
        await asyncio.sleep(silence)  # the split is what is tested
        line.mend()
        await everything_settled(home, database, commands)
        assert "Traceback" not in near.stderr


async def ask_for(home: House, count: int, *, first: int = 0) -> list[Message]:
    people = [(USERS[number % len(USERS)], number) for number in range(first, first + count)]
    return [await home.playground.send(user, user, f"/imagine fox {n}") for user, n in people]


async def everything_settled(home: House, database: str, commands: list[Message]) -> None:
    await home.playground.wait_until(
        lambda: all(any(map(is_outcome, answers_to(home, each))) for each in commands), 120
    )
    while await rows(database, OPEN):  # noqa: ASYNC110 - a database has no event
        await asyncio.sleep(0.2)
    await asyncio.to_thread(check, home, database, commands, Chaos.none())


@needs_namespaces
@pytest.mark.parametrize("silence", [20, 45])
async def test_of_two_hosts_one_is_cut_off(tmp_path: Path, server: Cluster, silence: int) -> None:
    """A worker each; one line goes down while both have pictures being made."""
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(house(tmp_path))
        hosts = [stack.enter_context(host(number)) for number in (1, 2)]
        server.also_on(*(each.here for each in hosts))
        await server.restart()
        use(home, server.url, MAX_RUNNING_PER_USER="50")
        home.service.plan = Plan(seconds=12.0)
        crew = await stack.enter_async_context(processes(home))
        edge = await crew.edge()
        workers = [await _worker_on(each, home, server, crew, stack) for each in hosts]
        chaos = Chaos.none()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch(server.url, chaos))
            commands = await ask_for(home, JOBS)
            await home.playground.wait_until(lambda: home.service.count("create") == JOBS, 60)
            assert await _hosts_at_work(server.url) == len(hosts)
            await asyncio.to_thread(hosts[0].cut)
            await asyncio.sleep(silence)  # the split is what is tested
            await asyncio.to_thread(hosts[0].mend)
            await everything_settled(home, server.url, commands)
            watching.cancel()
        assert "storage away" in workers[0].stderr and "storage away" not in workers[1].stderr
        assert "Traceback" not in workers[1].stderr
        assert await edge.end() == 0
        await asyncio.to_thread(_report, server.url, silence, chaos)


async def _worker_on(
    host: Host, home: House, server: Cluster, crew: Processes, stack: AsyncExitStack
) -> BotProcess:
    ports = (make_url(home.playground.url).port, make_url(home.service.origin).port)
    await stack.enter_async_context(doors(host, *ports))
    far = make_url(server.url).set(host=host.here).render_as_string(hide_password=False)
    return await crew.worker(within=host.command, DATABASE_URL=far)


async def _hosts_at_work(url: str) -> int:
    """As the database sees them."""
    calling = (
        "SELECT DISTINCT client_addr FROM pg_stat_activity WHERE client_addr << '10.213.0.0/16'"
    )
    return len(await rows(url, calling))


def _report(url: str, silence: int, chaos: Chaos) -> None:
    (again,) = ask(url, "SELECT count(*) FROM jobs WHERE attempts > 1")[0]
    states = dict(ask(url, "SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state"))
    longest = max(chaos.gaps, default=timedelta()).total_seconds()
    sys.stdout.write(
        f"{JOBS} jobs, {silence} s of split: {states}, {again} taken over,"
        f" at most {longest:.1f} s after their lease\n"
    )
