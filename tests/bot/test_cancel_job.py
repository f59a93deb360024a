"""Canceling everything at the moment in which somebody else ends a part of it."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from bot.usecases.cancel_job import CancelJob, Cancellation
from storage.base import Storage
from storage.engine import open_storage
from storage.records import Job, JobState, Outcome
from tests.contracts.building import NOW, enqueue, fetch, quota_day
from tests.fakes.clock import FakeClock
from tests.storage.databases import postgres_database

IS_BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with postgres_database() as url:
        yield url


async def reserved(storage: Storage, message_id: int) -> Job:
    job = await enqueue(storage, message_id)
    async with storage.transaction() as tx:
        await tx.quotas.reserve(job.user_id, job.id, 1, day=quota_day(5), now=NOW)
    return job


async def until_blocked(url: str) -> None:
    """Until a transaction waits for a row that another one has."""
    import asyncpg  # noqa: PLC0415 - an extra

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    query = f"{IS_BLOCKED} AND datname = current_database()"
    while not await connection.fetchval(query):  # noqa: ASYNC110 - a database has no event
        await asyncio.sleep(0.01)
    await connection.close()


@pytest.mark.postgres
async def test_the_end_of_one_job_holds_up_no_cancel_of_all(postgres_url: str) -> None:
    storage = await open_storage(postgres_url)
    older, newer = await reserved(storage, 1), await reserved(storage, 2)
    cancel_job = CancelJob(storage, FakeClock(NOW), stop_running=lambda _: None)

    async def cancel_all() -> list[Cancellation]:
        return await cancel_job.all_of(older.user_id, older.chat_id)

    async with asyncio.timeout(20), asyncio.TaskGroup() as group, storage.transaction() as tx:
        assert await tx.jobs.finish(newer.id, Outcome(JobState.FAILED), lease=None, now=NOW)
        canceling = group.create_task(cancel_all())
        await until_blocked(postgres_url)
        assert await tx.quotas.settle(newer.id, 0, now=NOW)
    assert [done.job.id for done in canceling.result()] == [older.id]
    assert (await fetch(storage, older.id)).state is JobState.CANCELED
    assert (await fetch(storage, newer.id)).state is JobState.FAILED
    async with storage.reading() as view:
        assert (await view.quotas.view(older.user_id, day=quota_day(5))).left == 5
    await storage.close()
