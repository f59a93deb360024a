"""What every store is built on: statements on one connection, inside one transaction."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Delete, Insert, Select, Update

from storage.news import News

T = TypeVar("T")
Statement = Select[Any] | Insert | Update | Delete
Record = Sequence[Any]  # a row: the statement's columns, in order


class Sql(Protocol):
    """The connection. Blocks, so it is used in work given to Session.run alone.

    A statement must be built once, at import: it is compiled at its first use and then kept.
    """

    def first(self, statement: Statement, **values: Any) -> Record | None: ...

    def one(self, statement: Statement, **values: Any) -> Record:
        """The row of a statement that always returns one."""
        ...

    def all(self, statement: Statement, **values: Any) -> Sequence[Record]: ...

    def count(self, statement: Statement, **values: Any) -> int:
        """Execute; returns the number of rows changed."""
        ...

    def lock(self, what: int, which: int) -> None:
        """Let one transaction at a time past this point with this key, two 32-bit numbers.

        For what no single statement can guard; SQLite has one writer anyway.
        """
        ...

    def notify(self, news: News, details: str = "") -> None:
        """Tell all processes, once the transaction is committed; where there is one, nobody."""
        ...


class Session(Protocol):
    @property
    def process(self) -> str:
        """This process's name: no two have the same, nor has one after a restart."""
        ...

    async def run(self, work: Callable[[Sql], T]) -> T:
        """Run `work` on the transaction's connection, off the event loop.

        A store call is one piece of work, however many statements it takes: the way to the
        connection and back costs more than most statements do.
        """
        ...


class SqlStore:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def _first(self, statement: Statement, **values: Any) -> Record | None:
        return await self._session.run(lambda sql: sql.first(statement, **values))

    async def _one(self, statement: Statement, **values: Any) -> Record:
        return await self._session.run(lambda sql: sql.one(statement, **values))

    async def _all(self, statement: Statement, **values: Any) -> Sequence[Record]:
        return await self._session.run(lambda sql: sql.all(statement, **values))

    async def _count(self, statement: Statement, **values: Any) -> int:
        return await self._session.run(lambda sql: sql.count(statement, **values))
