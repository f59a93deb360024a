"""PostgreSQL through asyncpg: as many writers as there are, kept apart by row locks."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.session import Record, Sql, Statement
from storage.stores import SqlStores

T = TypeVar("T")


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


class _Transaction:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def run(self, work: Callable[[Sql], T]) -> T:
        return await self._connection.run_sync(lambda plain: work(_PostgresSql(plain)))


class PostgresStorage:
    """The Storage on a server, shared by any number of processes."""

    def __init__(self, url: URL) -> None:
        self._engine = create_async_engine(url, hide_parameters=True)  # prompts stay out of errors
        # One snapshot for all that a reader sees.
        self._snapshots = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[SqlStores]:
        async with self._engine.begin() as connection:
            yield SqlStores(_Transaction(connection))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[SqlStores]:
        async with self._snapshots.connect() as connection:
            yield SqlStores(_Transaction(connection))

    async def close(self) -> None:
        await self._engine.dispose()
