"""Statements on asyncpg's own connection, which keeps each prepared."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import AdaptedConnection, Integer, bindparam, func, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from storage.news import News
from storage.prepared import Prepared
from storage.session import Record, Statement

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]  # SQLAlchemy's gap
_LOCK = select(
    func.pg_advisory_xact_lock(
        bindparam("what", type_=Integer()), bindparam("which", type_=Integer())
    )
)
_NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("details")))


class PostgresSql:
    def __init__(self, connection: AdaptedConnection) -> None:
        self._connection = connection

    def first(self, statement: Statement, **values: Any) -> Record | None:
        rows = self.all(statement, **values)
        return rows[0] if rows else None

    def one(self, statement: Statement, **values: Any) -> Record:
        (row,) = self.all(statement, **values)
        return row

    def all(self, statement: Statement, **values: Any) -> Sequence[Record]:
        prepared = _prepare(statement, tuple(values))
        bound = _places(prepared, values)
        rows = self._connection.run_async(lambda driver: driver.fetch(prepared.text, *bound))
        return [prepared.read(row) for row in rows]

    def count(self, statement: Statement, **values: Any) -> int:
        prepared = _prepare(statement, tuple(values))
        bound = _places(prepared, values)
        status = self._connection.run_async(lambda driver: driver.execute(prepared.text, *bound))
        return int(status.rpartition(" ")[2])  # "UPDATE 3", "INSERT 0 1"

    def lock(self, what: int, which: int) -> None:
        self.all(_LOCK, what=what, which=which)

    def notify(self, news: News, details: str = "") -> None:
        self.all(_NOTIFY, channel=news.value, details=details)


def _places(prepared: Prepared, values: dict[str, Any]) -> list[Any]:
    bound = prepared.bind(values)
    return [bound[name] for name in prepared.places]


@cache
def _prepare(statement: Statement, names: tuple[str, ...]) -> Prepared:
    return Prepared(statement, names, _DIALECT)
