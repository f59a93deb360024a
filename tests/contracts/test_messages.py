"""Two processes are never at one message at once."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from storage.base import Storage
from storage.engine import open_storage
from storage.messages import HOLD
from storage.records import FreeMessage, Job, JobState, Outcome
from tests.contracts.building import NOW, claim, end, enqueue

LAPSED = NOW + HOLD


@pytest.fixture
async def other(storage: Storage, database_url: str) -> AsyncIterator[Storage]:
    """Another process on the same database."""
    opened = await open_storage(database_url, exclusive=False)
    yield opened
    await opened.close()


async def hold(storage: Storage, job: Job, now: datetime = NOW) -> bool:
    async with storage.transaction() as tx:
        return await tx.jobs.hold_message(job.id, now=now)


async def release(storage: Storage, job: Job) -> None:
    async with storage.transaction() as tx:
        await tx.jobs.release_message(job.id)


async def free(storage: Storage, job: Job, now: datetime = NOW) -> FreeMessage | None:
    async with storage.reading() as view:
        return await view.jobs.free_message(job.id, now=now)


async def delivery(storage: Storage, now: datetime = NOW) -> Job | None:
    async with storage.transaction() as tx:
        return await tx.jobs.claim_delivery(now=now, lease_until=now + timedelta(seconds=90))


async def test_whoever_accepts_a_job_is_at_its_message_first(
    storage: Storage, other: Storage
) -> None:
    job = await enqueue(storage, 1)
    assert await free(other, job) is None and not await hold(other, job)
    assert await free(storage, job) == FreeMessage(None, held=True)
    async with storage.transaction() as tx:
        await tx.jobs.set_status_message(job.id, 77)
    await release(other, job)  # not its to release
    assert not await hold(other, job)
    await release(storage, job)
    assert await free(other, job) == FreeMessage(77, held=False)
    assert await hold(other, job) and not await hold(storage, job)


async def test_a_hold_lapses(storage: Storage, other: Storage) -> None:
    job = await enqueue(storage, 1)
    assert not await hold(other, job, LAPSED - timedelta(microseconds=1))
    assert await hold(other, job, LAPSED)


async def test_the_message_of_a_running_job_is_held_by_nobody_new(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    assert await claim(storage) is not None
    assert await hold(storage, job)  # whoever accepted it may still be about to send it
    await release(storage, job)
    assert not await hold(storage, job)


async def test_an_outcome_waits_for_whoever_is_at_the_message(
    storage: Storage, other: Storage
) -> None:
    job = await enqueue(storage, 1)
    running = await claim(other)
    assert running is not None
    await end(other, running, Outcome(JobState.SUCCEEDED, 1))
    assert await delivery(other) is None
    await release(storage, job)
    due = await delivery(other)
    assert due is not None and due.id == job.id


async def test_whoever_ended_a_job_delivers_it_if_it_lives(
    storage: Storage, other: Storage
) -> None:
    job = await enqueue(storage, 1)
    await release(storage, job)
    running = await claim(other)
    assert running is not None
    await end(other, running, Outcome(JobState.SUCCEEDED, 1))
    assert await delivery(storage) is None
    assert await delivery(storage, LAPSED) is not None


async def test_at_a_start_nobody_is_at_a_message(storage: Storage, other: Storage) -> None:
    first, queued = await enqueue(storage, 1), await enqueue(storage, 2)
    running = await claim(storage, "lease-2")
    assert running is not None
    await end(storage, running, Outcome(JobState.SUCCEEDED, 1))
    async with other.transaction() as tx:
        assert await tx.jobs.release_messages() == 2
    assert running.id == first.id
    assert await hold(other, queued)
    assert await delivery(other) is not None
