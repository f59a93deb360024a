"""PostgreSQL through asyncpg: as many writers as there are, kept apart by row locks.

BEGIN and COMMIT are sent by hand: the first shows whether a pooled connection is still alive, and
the answer to the second may get lost. Then the server is asked what became of the transaction, so
that DatabaseAway always means that nothing of it has happened.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar, cast

import asyncpg
import structlog
from sqlalchemy import URL, AdaptedConnection, event
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.errors import DatabaseAway
from storage.leadership import Leadership
from storage.leading import lead
from storage.listening import listen
from storage.news import Hear
from storage.outages import CONNECTING, noticing, watch
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


class _Line:
    """A connection of the pool while a transaction has it."""

    def __init__(self, pooled: AsyncConnection, hull: AdaptedConnection) -> None:
        self._pooled = pooled
        self._hull = hull
        self._driver = hull.driver_connection

    async def run(self, work: Callable[[Sql], T]) -> T:
        with noticing():
            return await self._pooled.run_sync(lambda _: work(PostgresSql(self._hull)))

    async def send(self, word: str) -> None:
        with noticing():
            await self._driver.execute(word)

    async def ask(self, question: str, *values: object) -> asyncpg.Record:
        with noticing():
            return await self._driver.fetchrow(question, *values)

    async def roll_back(self) -> None:
        try:
            await self.send("ROLLBACK")
        except DatabaseAway:
            await self.give_up()

    async def give_up(self) -> None:
        """Nobody gets it again."""
        await self._pooled.invalidate()

    async def hand_back(self) -> None:
        await self._pooled.close()


class _Transaction:
    def __init__(self, line: _Line, process: str) -> None:
        self.run = line.run
        self.process = process


class PostgresStorage:
    """The Storage on a server, shared by any number of processes."""

    shared = True

    def __init__(self, url: URL, *, pool: int = POOL) -> None:
        self._engine = create_async_engine(
            url,
            hide_parameters=True,  # prompts stay out of errors
            isolation_level="AUTOCOMMIT",  # see above
            connect_args=CONNECTING,
            pool_size=pool,
            max_overflow=0,
        )
        event.listen(self._engine.sync_engine, "connect", _watch)
        self._url = url
        self._pool = pool
        self._process = secrets.token_hex(6)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlStores]:
        async with self._begun(WRITE) as line:
            yield SqlStores(_Transaction(line, self._process))
            await self._commit(line)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlStores]:
        async with self._begun(READ) as line:
            yield SqlStores(_Transaction(line, self._process))
            await line.send("ROLLBACK")

    async def listen(self, hear: Hear) -> None:
        await listen(self._url, hear)

    async def lead(self, what: int) -> Leadership:
        return await lead(self._url, what)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[_Line]:
        line = await self._begin(begin)
        try:
            yield line
        except DatabaseAway:
            await line.give_up()
            raise
        except Exception:
            await line.roll_back()
            raise
        except BaseException:  # canceled, perhaps in the middle of a statement
            await line.give_up()
            raise
        finally:
            await line.hand_back()

    async def _begin(self, begin: str) -> _Line:
        """On a live connection: those in the pool may all have died since."""
        tries = self._pool + 1
        while True:
            line = await self._connect()
            try:
                await line.send(begin)
            except BaseException as error:
                await line.give_up()
                await line.hand_back()
                tries -= 1
                if not (isinstance(error, DatabaseAway) and error.at_once and tries):
                    raise
            else:
                return line

    async def _connect(self) -> _Line:
        with noticing():
            pooled = await self._engine.connect()
            raw = await pooled.get_raw_connection()
        return _Line(pooled, cast(AdaptedConnection, raw.dbapi_connection))

    async def _commit(self, line: _Line) -> None:
        number, at = await line.ask(WRITTEN)
        try:
            await line.send("COMMIT")
        except DatabaseAway:
            # None: it has written nothing.
            if number is None or not await self._was_committed(number, at):
                raise

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
        """None while the transaction isn't over. `at`: the server's time when it was to be committed."""
        async with self._begun(READ) as line:
            try:
                (fate,) = await line.ask(FATE, number, at)
            except asyncpg.InvalidParameterValueError:
                return "lost"  # never heard of: a stand-in took over that hadn't got so far
        return None if fate == "in progress" else str(fate)


def _watch(hull: AdaptedConnection, _: object) -> None:
    watch(hull.driver_connection)
