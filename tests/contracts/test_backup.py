"""A database copied and put back has the same rows, books and pictures, on both engines."""

import asyncio
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.backup import contents, copy_database, restore_database
from storage.base import Storage
from storage.errors import DatabaseUnusable
from storage.records import JobState, Outcome
from tests.contracts.building import NOW, end, enqueue, new_artifact, quota_day, running_job
from tests.storage.databases import execute, sqlite_url

GIVEN = "cd" * 32


@contextmanager
def new_place(database_url: str, folder: Path) -> Iterator[str]:
    """Where no database is yet, on the same engine."""
    if database_url.startswith("sqlite"):
        yield sqlite_url(folder / "new" / "bot.db")
        return
    name = f"restored_{uuid.uuid4().hex}"
    run(database_url, f'CREATE DATABASE "{name}"')
    try:
        yield make_url(database_url).set(database=name).render_as_string(hide_password=False)
    finally:
        run(database_url, f'DROP DATABASE "{name}" WITH (FORCE)')


def run(database_url: str, script: str) -> None:
    """In a thread of its own: here a loop runs."""
    with ThreadPoolExecutor() as threads:
        threads.submit(asyncio.run, execute(database_url, script)).result()


async def fill(storage: Storage) -> None:
    job = await running_job(storage, 1)
    async with storage.transaction() as tx:
        await tx.quotas.reserve(1, job.id, 2, day=quota_day(9), now=NOW)
        await tx.artifacts.add(job.id, "lease-1", new_artifact(), now=NOW)
    await end(storage, job, Outcome(JobState.SUCCEEDED, units=1))
    async with storage.transaction() as tx:
        await tx.quotas.settle(job.id, 1, now=NOW)
    await enqueue(storage, 2, spec={"inputs": {"mask": GIVEN}})


async def test_what_is_restored_is_what_was_saved(
    storage: Storage, database_url: str, tmp_path: Path
) -> None:
    await fill(storage)
    saved = await asyncio.to_thread(copy_database, database_url, tmp_path / "copy")
    assert saved.pictures == {"ab" * 32, GIVEN} and saved.rows["jobs"] == 2
    assert saved.books == {"capture": (1, 0), "hold": (2, 0), "release": (1, 0)}
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600
    await enqueue(storage, 3)
    with new_place(database_url, tmp_path) as place:
        restored = await asyncio.to_thread(restore_database, tmp_path / "copy", place)
        assert restored == saved == await asyncio.to_thread(contents, place)
    with pytest.raises(DatabaseUnusable, match=r"is there already|isn't empty"):
        await asyncio.to_thread(restore_database, tmp_path / "copy", database_url)
