"""A worker whose line to the database is dead for a while, in the middle of its work.

The line is a proxy that falls silent, as a network does that is split: no packet says so. (Two
network namespaces would cut the workers off from Telegram and the services here as well: those
listen on loopback only.)
"""

import asyncio

import pytest
from sqlalchemy import make_url

from tests.bot.process import House
from tests.bot.test_crash import USERS, answers_to, is_outcome
from tests.fakes.line import line_to
from tests.fakes.replicate import Plan
from tests.scale.servers import Processes, rows
from tests.scale.test_takeover import Chaos, check

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
        commands = []
        for number in range(JOBS // 2):
            user = USERS[number % len(USERS)]
            commands.append(await home.playground.send(user, user, f"/imagine fox {number}"))
        await home.playground.wait_until(lambda: home.service.count("create") >= JOBS // 2, 60)
        line.fall_silent()
        near = await crew.worker()
        for number in range(JOBS // 2, JOBS):
            user = USERS[number % len(USERS)]
            commands.append(await home.playground.send(user, user, f"/imagine fox {number}"))
        await asyncio.sleep(silence)  # the split is what is tested
        line.mend()
        await home.playground.wait_until(
            lambda: all(any(map(is_outcome, answers_to(home, each))) for each in commands), 120
        )
        while await rows(database, OPEN):  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.2)
        await asyncio.to_thread(check, home, database, commands, Chaos.none())
        assert "Traceback" not in near.stderr
