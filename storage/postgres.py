"""PostgreSQL through asyncpg: as many writers as there are, kept apart by row locks.

BEGIN and COMMIT are sent by hand: the first shows whether a pooled connection is still alive, and
the answer to the second may get lost. Then the server is asked what became of the transaction, so
that DatabaseAway always means that nothing of it has happened.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy import URL, Connection, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.errors import DatabaseAway
from storage.leadership import Leadership
from storage.leading import lead
from storage.listening import listen
from storage.news import Hear, News
from storage.outages import CONNECTING, noticing, watch_line
from storage.session import Record, Sql, Statement
from storage.stores import SqlStores

T = TypeVar("T")

POOL = 10  # connections of one process; who finds none free waits for one
ASK_EVERY = 0.2  # seconds between questions about a commit whose answer was lost
WRITE = "BEGIN"
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"  # one snapshot for all a reader sees

log = structlog.get_logger(__name__)


_NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("details")))


class _PostgresSql:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first(self, statement: Statement, **values: Any) -> Record | None:
        return self._connection.execute(statement, values).first()

    def one(self, statement: Statement, **values: Any) -> Record:
        return self._connection.execute(statement, values).one()

    def all(self, statement: Statement, **values: Any) -> Sequence[Record]:
        return self._connection.execute(statement, values).all()

    def count(self, statement: Statement, **values: Any) -> int:
        return self._connection.execute(statement, values).rowcount

    def lock(self, what: int, which: int) -> None:
        self._connection.execute(select(func.pg_advisory_xact_lock(what, which)))

    def notify(self, news: News, details: str = "") -> None:
        self._connection.execute(_NOTIFY, {"channel": news.value, "details": details})


class _Transaction:
    def __init__(self, connection: AsyncConnection, process: str) -> None:
        self._connection = connection
        self.process = process

    async def run(self, work: Callable[[Sql], T]) -> T:
        with noticing():
            return await self._connection.run_sync(lambda plain: work(_PostgresSql(plain)))


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
        self._url = url
        self._pool = pool
        self._process = secrets.token_hex(6)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlStores]:
        async with self._begun(WRITE) as connection:
            yield SqlStores(_Transaction(connection, self._process))
            await self._commit(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlStores]:
        async with self._begun(READ) as connection:
            yield SqlStores(_Transaction(connection, self._process))
            await _send(connection, "ROLLBACK")

    async def listen(self, hear: Hear) -> None:
        await listen(self._url, hear)

    async def lead(self, what: int) -> Leadership:
        return await lead(self._url, what)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[AsyncConnection]:
        connection = await self._begin(begin)
        try:
            yield connection
        except DatabaseAway:
            await connection.invalidate()
            raise
        except Exception:
            await _roll_back(connection)
            raise
        except BaseException:  # canceled, perhaps in the middle of a statement
            await connection.invalidate()
            raise
        finally:
            await connection.close()

    async def _begin(self, begin: str) -> AsyncConnection:
        """On a live connection: those in the pool may all have died since."""
        tries = self._pool + 1
        while True:
            with noticing():
                connection = await self._engine.connect()
            try:
                await _send(connection, begin)
            except BaseException as error:
                await connection.invalidate()
                await connection.close()
                tries -= 1
                if not (isinstance(error, DatabaseAway) and error.at_once and tries):
                    raise
            else:
                return connection

    async def _commit(self, connection: AsyncConnection) -> None:
        number = await _number(connection)
        try:
            await _send(connection, "COMMIT")
        except DatabaseAway:
            if number is None or not await self._was_committed(number):
                raise

    async def _was_committed(self, number: str) -> bool:
        """Waits for the server's return: until then nobody can tell."""
        log.warning("the answer to a commit was lost")
        while True:
            try:
                fate = await self._fate(number)
            except DatabaseAway:
                fate = None
            if fate is not None:
                log.info("a commit whose answer was lost", fate=fate)
                return fate == "committed"
            await asyncio.sleep(ASK_EVERY)

    async def _fate(self, number: str) -> str | None:
        """None while the transaction isn't over."""
        async with self._begun(READ) as connection:
            try:
                fate = await _ask(connection, "SELECT pg_xact_status($1::text::xid8)", number)
            except DBAPIError:  # never heard of: a stand-in took over that hadn't got so far
                return "lost"
        return None if fate == "in progress" else str(fate)


async def _number(connection: AsyncConnection) -> str | None:
    """The transaction's; None where it has written nothing."""
    number = await _ask(connection, "SELECT pg_current_xact_id_if_assigned()::text")
    return None if number is None else str(number)


async def _ask(connection: AsyncConnection, question: str, *values: str) -> object:
    with noticing():
        driver = await watch_line(connection)
        return await driver.fetchval(question, *values)


async def _send(connection: AsyncConnection, word: str) -> None:
    with noticing():
        driver = await watch_line(connection)
        await driver.execute(word)


async def _roll_back(connection: AsyncConnection) -> None:
    try:
        await _send(connection, "ROLLBACK")
    except DatabaseAway:
        await connection.invalidate()
