"""A start with a long queue: no flood of messages, everybody's turn kept, and the bot answers."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground import Call
from providers.testing import FAKE_OFFER, FakeProvider, hang
from tests.bot.backlog import fill
from tests.bot.harness import ANN, flow
from tests.storage.databases import sqlite_url

SECOND = timedelta(seconds=1)
MOST_A_SECOND = 30  # what Telegram takes from a bot
AT_ONCE = 4


def busiest_second(calls: list[Call]) -> int:
    times = sorted(call.at for call in calls)
    return max(sum(at <= other < at + SECOND for other in times) for at in times)


@pytest.mark.parametrize(
    ("jobs", "users"), [(300, 100), pytest.param(10_000, 1000, marks=pytest.mark.slow)]
)
async def test_a_start_with_a_long_queue_floods_nobody(
    tmp_path: Path, jobs: int, users: int
) -> None:
    await fill(sqlite_url(tmp_path / "bot.db"), [FAKE_OFFER], jobs, users)
    provider = FakeProvider([hang()] * (AT_ONCE + 1), max_concurrency=AT_ONCE)
    async with flow(tmp_path, provider, admin_ids=frozenset({ANN})) as chat:
        await chat.playground.wait_until(lambda: len(chat.calls("editMessageText")) >= 40)
        await chat.say("/queue")
        assert (
            f"{jobs - AT_ONCE} waiting · {AT_ONCE} running" in (await chat.see_text("Queue")).words
        )
        running = [await chat.job(number) for number in range(1, AT_ONCE + 1)]
        assert len({job.user_id for job in running if job and job.started_at}) == AT_ONCE
        await chat.say("/imagine a bear")
        status = await chat.see_text("position")
        # After one turn of each of the others, and one for those who have begun theirs.
        assert int(status.words.split("position ")[1].split()[0]) <= 2 * users
        edits = [call for call in chat.playground.calls if call.method == "editMessageText"]
        assert busiest_second(edits) <= MOST_A_SECOND
