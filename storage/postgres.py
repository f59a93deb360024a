"""PostgreSQL through asyncpg: as many writers as there are, kept apart by row locks.

BEGIN and COMMIT are sent by hand: the first shows whether a pooled connection is still alive, and
the answer to the second may get lost. Then the server is asked what became of the transaction, so
that DatabaseAway always means that nothing of it has happened.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import asyncpg
import structlog
from sqlalchemy import URL
from sqlalchemy.util import greenlet_spawn

from storage.errors import DatabaseAway
from storage.leadership import Leadership
from storage.leading import lead
from storage.listening import listen
from storage.news import Hear
from storage.outages import noticing
from storage.pool import Pool
from storage.postgres_sql import PostgresSql
from storage.session import Sql
from storage.stores import SqlStores

T = TypeVar("T")

POOL = 10  # connections of one process; who finds none free waits for one
ASK_EVERY = 0.2  # seconds between questions about a commit whose answer was lost
WRITE = "BEGIN"
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"  # one snapshot for all a reader sees

WRITTEN = "SELECT pg_current_xact_id_if_assigned()::text AS number, clock_timestamp() AS at"
FATE = """
    SELECT CASE
        WHEN recovered <= $1::text::xid8 AND (checkpoint_time > $2 OR pg_postmaster_start_time() > $2)
        THEN 'lost' ELSE pg_xact_status($1::text::xid8) END
    FROM pg_control_checkpoint(), LATERAL (SELECT (split_part(next_xid, ':', 1)::numeric * 2 ^ 32
        + split_part(next_xid, ':', 2)::numeric)::bigint::text::xid8 AS recovered) AS numbers
"""
"""A crash forgets the numbers of transactions that weren't on disk, and gives them out again: somebody
else's commit must not be taken for ours. A checkpoint after `at` ($2) that doesn't know of our number
can only be one that ended such a recovery.
"""

log = structlog.get_logger(__name__)


class _InDoubt(DatabaseAway):
    """The answer to COMMIT was lost. at: the server's time when it was sent."""

    def __init__(self, number: str, at: datetime, *, at_once: bool) -> None:
        super().__init__("no answer to COMMIT", at_once=at_once)
        self.number = number
        self.at = at


class _Line:
    """A connection while a transaction has it."""

    def __init__(self, connection: Any, process: str) -> None:
        self.connection = connection
        self.process = process
        self._sql = PostgresSql(connection)

    async def run(self, work: Callable[[Sql], T]) -> T:
        with noticing:
            return await greenlet_spawn(work, self._sql)

    async def send(self, word: str) -> None:
        with noticing:
            await self.connection.execute(word)

    async def ask(self, question: str, *values: object) -> asyncpg.Record:
        with noticing:
            return await self.connection.fetchrow(question, *values)

    async def commit(self) -> None:
        number, at = await self.ask(WRITTEN)
        try:
            await self.send("COMMIT")
        except DatabaseAway as error:
            if number is None:  # it has written nothing
                raise
            raise _InDoubt(number, at, at_once=error.at_once) from error

    async def roll_back(self) -> None:
        try:
            await self.send("ROLLBACK")
        except BaseException as error:
            self.give_up()
            if not isinstance(error, DatabaseAway):  # canceled
                raise

    def give_up(self) -> None:
        """Nobody gets it again."""
        self.connection.terminate()


class PostgresStorage:
    """The Storage on a server, shared by any number of processes."""

    shared = True

    def __init__(self, url: URL, *, pool: int = POOL) -> None:
        self._pool = Pool(url, pool)
        self._url = url
        self._process = secrets.token_hex(6)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlStores]:
        try:
            async with self._begun(WRITE) as line:
                yield SqlStores(line)
                await line.commit()
        except _InDoubt as error:  # its place in the pool is free again: it takes one to ask
            if not await self._was_committed(error.number, error.at):
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlStores]:
        async with self._looking() as line:
            yield SqlStores(line)

    async def write(self, work: Callable[[SqlStores], Coroutine[Any, Any, T]]) -> T:
        async with self.transaction() as tx:
            return await work(tx)

    async def read(self, work: Callable[[SqlStores], Coroutine[Any, Any, T]]) -> T:
        async with self.reading() as view:
            return await work(view)

    async def listen(self, hear: Hear) -> None:
        await listen(self._url, hear)

    async def lead(self, what: int) -> Leadership:
        return await lead(self._url, what)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[_Line]:
        async with self._begun(READ) as line:
            yield line
            await line.send("ROLLBACK")

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[_Line]:
        line = await self._begin(begin)
        try:
            yield line
        except DatabaseAway:
            line.give_up()
            raise
        except Exception:
            await line.roll_back()
            raise
        except BaseException:  # canceled, perhaps in the middle of a statement
            line.give_up()
            raise
        finally:
            self._pool.put_back(line.connection)

    async def _begin(self, begin: str) -> _Line:
        """On a live connection: those in the pool may all have died since."""
        tries = self._pool.size + 1
        while True:
            line = _Line(await self._pool.take(), self._process)
            try:
                await line.send(begin)
            except BaseException as error:
                line.give_up()
                self._pool.put_back(line.connection)
                tries -= 1
                if not (isinstance(error, DatabaseAway) and error.at_once and tries):
                    raise
            else:
                return line

    async def _was_committed(self, number: str, at: datetime) -> bool:
        """Waits for the server's return: until then nobody can tell."""
        log.warning("the answer to a commit was lost")
        while True:
            try:
                fate = await self._fate(number, at)
            except DatabaseAway:
                fate = None
            if fate is not None:
                log.info("a commit whose answer was lost", fate=fate)
                return fate == "committed"
            await asyncio.sleep(ASK_EVERY)

    async def _fate(self, number: str, at: datetime) -> str | None:
        """None while the transaction isn't over."""
        async with self._looking() as line:
            try:
                (fate,) = await line.ask(FATE, number, at)
            except asyncpg.InvalidParameterValueError:
                return "lost"  # never heard of: a stand-in took over that hadn't got so far
        return None if fate == "in progress" else str(fate)
