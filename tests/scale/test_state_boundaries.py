"""SIGKILL at a boundary between two states, over PostgreSQL: what was held is free when its lease ends."""

from functools import partial

import pytest

from tests.bot.failpoints import Failpoint
from tests.bot.process import House
from tests.bot.test_state_boundaries import check_boundary
from tests.scale.servers import ask

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["jobs.record_remote_id", "jobs.finish"])
async def test_killed_at_a_boundary_a_job_ends_once(
    home: House, database: str, when: str, step: str
) -> None:
    point = Failpoint("before" if when == "before" else "after", step)
    await check_boundary(home, point, left=1, query=partial(ask, database))
