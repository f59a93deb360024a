"""Whatever users queue, nobody who waits is passed over more than twice by the same one."""

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.base import Storage
from storage.engine import open_storage
from storage.records import JobState, Outcome
from tests.contracts.building import NOW, claim, end, enqueue
from tests.storage.databases import copy_sqlite

NUMBERS = itertools.count(1)
CLAIM = 0
users = st.integers(2, 5)


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def queue(
    runner: asyncio.Runner, sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storage]:
    storage = runner.run(open_storage(copy_sqlite(sqlite_file, tmp_path_factory.mktemp("queue"))))
    yield storage
    runner.run(storage.close())


@st.composite
def bursts(draw: st.DrawFn) -> list[int]:
    """Users who queue a job each, in order, with claims in between."""
    who = st.integers(1, draw(users))
    burst = st.tuples(who, st.integers(1, 8)).map(lambda burst: [burst[0]] * burst[1])
    pause = st.integers(1, 6).map(lambda claims: [CLAIM] * claims)
    return list(itertools.chain(*draw(st.lists(burst | pause, min_size=2, max_size=12))))


async def clear(queue: Storage) -> None:
    """What a failed example left behind must not fail the next one."""
    async with queue.transaction() as tx:
        for job in await tx.jobs.unfinished():
            await tx.jobs.finish(job.id, Outcome(JobState.CANCELED), lease=job.lease, now=NOW)


async def play(queue: Storage, steps: list[int]) -> None:
    await clear(queue)
    waiting: Counter[int] = Counter()
    passed: defaultdict[int, Counter[int]] = defaultdict(Counter)  # the waiting one -> by whom
    to_claim = sum(step != CLAIM for step in steps)
    for step in [*steps, *[CLAIM] * to_claim]:
        if step != CLAIM:
            await enqueue(queue, next(NUMBERS), user_id=step)
            waiting[step] += 1
            continue
        job = await claim(queue, f"lease-{next(NUMBERS)}")
        assert (job is None) == (waiting.total() == 0)
        if job is None:
            continue
        await end(queue, job, Outcome(JobState.SUCCEEDED, 1))
        waiting[job.user_id] -= 1
        passed.pop(job.user_id, None)
        for other in waiting.keys() - {job.user_id}:
            if waiting[other]:
                passed[other][job.user_id] += 1
                assert passed[other][job.user_id] <= 2
    assert waiting.total() == 0


@settings(max_examples=60, deadline=None)
@given(steps=bursts())
def test_nobody_is_passed_over_more_than_twice(
    queue: Storage, runner: asyncio.Runner, steps: list[int]
) -> None:
    runner.run(play(queue, steps))
