"""SQLite: one writer, a few readers, each a connection with a thread of its own.

SQLAlchemy's own aiosqlite dialect changes threads four times a statement. Here a whole store call
runs in aiosqlite's thread at once (`python -m benchmarks.storage` shows what that is worth).
"""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from storage.errors import DatabaseAway
from storage.leadership import Leadership
from storage.lock import FileLock
from storage.news import Hear
from storage.session import Sql
from storage.sqlite_sql import SqliteSql
from storage.stores import SqlStores

T = TypeVar("T")

BUSY_TIMEOUT = 10.0  # seconds; only a backup or a second tool can hold the file at all
READERS = 2
PRIMARY_CODE = 0xFF  # the rest says more exactly what happened
PASSING = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
    }
)
"""Nothing of a transaction that fails so has happened, and later it may succeed."""


def connect(
    path: Path, *, foreign_keys: bool = True, read_only: bool = False
) -> sqlite3.Connection:
    """Open the file for work. Transactions are begun and ended by statements alone."""
    raw = sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None, cached_statements=256)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
    raw.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")
    raw.execute(f"PRAGMA query_only = {int(read_only)}")
    return raw


@contextmanager
def noticing() -> Iterator[None]:
    """Raises DatabaseAway for what passes or what the owner mends: a full disk, a lock held long."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY_CODE not in PASSING:
            raise
        raise DatabaseAway(str(error), at_once=True) from error


class _Worker(aiosqlite.Connection):
    """aiosqlite's connection and thread, running whole pieces of work in a transaction."""

    def __init__(self, path: Path, process: str, *, read_only: bool) -> None:
        self.process = process
        super().__init__(partial(connect, path, read_only=read_only), iter_chunk_size=64)
        self._thread.daemon = True  # a forgotten connection must not keep the process alive
        # IMMEDIATE: a transaction that begins by reading can't be sure to write later on.
        self._begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
        self._commit = "ROLLBACK" if read_only else "COMMIT"

    async def run(self, work: Callable[[Sql], T]) -> T:
        return await self._call(partial(self._work, work))

    async def whole(self, work: Callable[[SqlStores], Coroutine[Any, Any, T]]) -> T:
        """A transaction from its BEGIN to its end in one visit to the thread."""
        return await self._call(partial(copy_context().run, self._whole, work))

    async def end(self, how: str) -> None:
        """COMMIT or ROLLBACK what was begun, if anything was."""
        await self._call(partial(self._end, how))

    def _work(self, work: Callable[[Sql], T]) -> T:
        with noticing():
            if not self._conn.in_transaction:
                self._conn.execute(self._begin)
            return work(SqliteSql(self._conn))

    def _whole(self, work: Callable[[SqlStores], Coroutine[Any, Any, T]]) -> T:
        with noticing():
            self._conn.execute(self._begin)
            try:
                result = _driven(work(SqlStores(_Here(self.process, self._conn))))
                self._conn.execute(self._commit)
            except BaseException:
                self._end("ROLLBACK")
                raise
            return result

    def _end(self, how: str) -> None:
        with noticing():
            if self._conn.in_transaction:
                self._conn.execute(how)

    async def _call(self, function: Callable[[], T]) -> T:
        # A function goes on in its thread when the task that waits for it is canceled, and what
        # is sent next comes after it: a rollback never overtakes the statement it undoes.
        result: T = await self._execute(function)  # type: ignore[no-untyped-call]  # aiosqlite's gap
        return result


@dataclass(frozen=True, slots=True)
class _Here:
    """A Session for work that is in the connection's thread already."""

    process: str
    raw: sqlite3.Connection

    async def run(self, work: Callable[[Sql], T]) -> T:
        return work(SqliteSql(self.raw))


def _driven(coroutine: Coroutine[Any, Any, T]) -> T:
    """What it returns. It has no event loop, so it may await nothing but its stores."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError("a transaction made in one go awaits something else than its stores")


class SqliteStorage:
    """The Storage on one file. Writers wait for each other in the event loop, in order;
    readers wait for no writer.
    """

    shared = False

    def __init__(self, path: Path, lock: FileLock | None) -> None:
        process = secrets.token_hex(6)
        self._writer = _Worker(path, process, read_only=False)
        self._readers = [_Worker(path, process, read_only=True) for _ in range(READERS)]
        self._writing = asyncio.Lock()
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._opened = AsyncExitStack()
        self._lock = lock

    async def open(self) -> None:
        async with AsyncExitStack() as opened:
            for worker in (self._writer, *self._readers):
                await opened.enter_async_context(worker)
            self._opened = opened.pop_all()
        for reader in self._readers:
            self._idle.put_nowait(reader)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlStores]:
        async with self._writing:
            try:
                yield SqlStores(self._writer)
                await self._writer.end("COMMIT")
            except BaseException:
                await self._writer.end("ROLLBACK")
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlStores]:
        reader = await self._idle.get()
        try:
            yield SqlStores(reader)
        finally:
            try:
                await reader.end("ROLLBACK")
            finally:
                self._idle.put_nowait(reader)

    async def write(self, work: Callable[[SqlStores], Coroutine[Any, Any, T]]) -> T:
        async with self._writing:
            return await self._writer.whole(work)

    async def read(self, work: Callable[[SqlStores], Coroutine[Any, Any, T]]) -> T:
        reader = await self._idle.get()
        try:
            return await reader.whole(work)
        finally:
            self._idle.put_nowait(reader)

    async def listen(self, hear: Hear) -> None:
        """Nobody else is there to be heard."""

    async def lead(self, what: int) -> Leadership:
        return Leadership()

    async def close(self) -> None:
        await self._opened.aclose()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
