"""Opening the database: lock, migrate, connect."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.base import Storage
from storage.errors import DatabaseAway, DatabaseUnusable
from storage.lock import FileLock
from storage.migrate import migrate
from storage.sqlite import SqliteStorage


async def open_storage(database_url: str, *, exclusive: bool = True) -> Storage:
    """Bring the schema up to date and connect. The caller closes what it gets.

    Transactions of a storage don't nest.
    exclusive: on SQLite, be the one process that works on the file; False is for tools that
    only look (doctor, backup).
    Raises DatabaseUnusable, DatabaseInUse, DatabaseTooNew.
    """
    url = parse_url(database_url)
    with opening():
        if url.get_backend_name() == "sqlite":
            return await _open_sqlite(Path(url.database or ""), database_url, exclusive=exclusive)
        return await _open_postgres(url, database_url)


def parse_url(database_url: str) -> URL:
    """Raises DatabaseUnusable for what names no database that we can work with."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):  # its text may repeat a password
        raise DatabaseUnusable("not a URL like postgresql+asyncpg://user@host/name") from None
    if url.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise DatabaseUnusable("must begin with sqlite+aiosqlite: or postgresql+asyncpg:")
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise DatabaseUnusable("names no file")
    return url


@contextmanager
def opening() -> Iterator[None]:
    """Around the first use of a database: what its driver raises becomes DatabaseUnusable."""
    try:
        yield
    except ModuleNotFoundError:
        raise DatabaseUnusable("asyncpg not installed: pip install '.[postgres]'") from None
    except DBAPIError as error:
        # The server is there, but not for us: no such database, role, right.
        reason = str(error.orig).strip().partition("\n")[0].rpartition(">: ")[2]
        raise DatabaseUnusable(f"can't be opened: {reason}") from error
    except (OSError, sqlite3.DatabaseError) as error:
        words = error.strerror if isinstance(error, OSError) else str(error)
        raise DatabaseUnusable(f"can't be opened: {words or type(error).__name__}") from error


async def _open_postgres(url: URL, database_url: str) -> Storage:
    from storage.postgres import PostgresStorage  # noqa: PLC0415 - asyncpg is an extra

    await asyncio.to_thread(migrate, database_url)
    return PostgresStorage(url)


async def _open_sqlite(path: Path, database_url: str, *, exclusive: bool) -> Storage:
    lock = await asyncio.to_thread(_lock_new_or_old, path) if exclusive else None
    try:
        await asyncio.to_thread(migrate, database_url)
        storage = SqliteStorage(path, lock)
        await storage.open()
        if exclusive:
            await _reclaim(storage)
    except BaseException:
        if lock is not None:
            lock.close()
        raise
    return storage


async def _reclaim(storage: Storage) -> None:
    """The lock is ours, so whoever had jobs or deliveries in hand is dead: they are free at once."""
    try:
        async with storage.transaction() as tx:
            await tx.jobs.requeue_all()
            await tx.jobs.release_messages()
            await tx.jobs.release_deliveries()
    except DatabaseAway as error:  # nothing is begun on a disk that is full
        raise DatabaseUnusable(str(error.__cause__)) from error


def _lock_new_or_old(path: Path) -> FileLock:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    path.touch(mode=0o600)  # prompts are private; SQLite gives its side files the same mode
    return lock
