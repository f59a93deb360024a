"""SIGKILL at each boundary of a service that can't be asked what it took, and gives a picture once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from bot.playground import ANN, Message
from tests.bot.failpoints import Failpoint, arm
from tests.bot.process import House, house
from tests.bot.test_crash import OUTCOME_UNKNOWN, rows
from tests.bot.test_state_boundaries import DIED, ends_once, is_picture
from tests.fakes.fusionbrain import KEYS, FakeFusionBrain

pytestmark = pytest.mark.slow

LOST = "lost on its way"


@pytest.fixture
async def service() -> AsyncIterator[FakeFusionBrain]:
    async with FakeFusionBrain() as service:
        yield service


@pytest.fixture
async def home(tmp_path: Path, service: FakeFusionBrain) -> AsyncIterator[House]:
    async with house(tmp_path) as home:
        key, secret = KEYS
        home.settings = {k: v for k, v in home.settings.items() if "REPLICATE" not in k} | {
            "FUSIONBRAIN_API_KEY": key,
            "FUSIONBRAIN_SECRET_KEY": secret,
            "FUSIONBRAIN_BASE_URL": service.base_url,
            "FUSIONBRAIN_STYLES_URL": service.styles_url,
        }
        yield home


def says(words: str) -> Callable[[Message], bool]:
    return lambda message: words in message.words


# The kill, how the job ends, how often the service was asked for a picture, and how many messages may
# stay, since their sending can't be on record by then.
BOUNDARIES = [
    (Failpoint("before", "jobs.open_submission"), is_picture, 1, 1),
    (Failpoint("after", "jobs.open_submission"), says(OUTCOME_UNKNOWN), 0, 1),
    (Failpoint("before", "jobs.record_remote_id"), says(OUTCOME_UNKNOWN), 1, 1),
    (Failpoint("after", "jobs.record_remote_id"), is_picture, 1, 1),
    (Failpoint("before", "blobs.put"), says(LOST), 1, 0),
    (Failpoint("after", "blobs.put"), says(LOST), 1, 0),
    (Failpoint("before", "jobs.finish"), says(LOST), 1, 0),
    (Failpoint("after", "jobs.finish"), is_picture, 1, 0),
    (Failpoint("before", "jobs.end_delivery"), is_picture, 1, 0),
]


@pytest.mark.parametrize(
    ("point", "ends", "ordered", "left"),
    BOUNDARIES,
    ids=[str(point).replace(" ", "-") for point, *_ in BOUNDARIES],
)
async def test_a_job_ends_once_and_what_was_lost_is_free(  # noqa: PLR0917 - a fault, and all that it may do
    home: House,
    service: FakeFusionBrain,
    point: Failpoint,
    ends: Callable[[Message], bool],
    ordered: int,
    left: int,
) -> None:
    async with home.started(prepare=partial(arm, point)) as bot:
        command = await home.playground.send(ANN, ANN, "/imagine a fox")
        assert await bot.exit_code() == DIED
    await ends_once(home, command, ends, left=left)
    assert service.count("run") == ordered
    await asyncio.to_thread(check_charge, home, 1 if ends is is_picture else 0)


def check_charge(home: House, pictures: int) -> None:
    query = partial(rows, home.database)
    assert query("SELECT count(*) FROM artifacts") == [(pictures,)]
    assert query("SELECT spent, held FROM quota_accounts") == [(pictures, 0)]
    assert query("SELECT delivery FROM jobs") == [("delivered",)]
