"""Statements on asyncpg's own connection, which keeps each prepared."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.util import await_

from storage.driver_sql import DriverSql
from storage.news import News
from storage.prepared import Prepared

_LOCK = select(
    func.pg_advisory_xact_lock(
        bindparam("what", type_=Integer()), bindparam("which", type_=Integer())
    )
)
_NOTIFY = select(func.pg_notify(bindparam("channel"), bindparam("details")))


class _Dialect(PGDialect_asyncpg):
    supports_native_json_deserialization = False  # without a codec asyncpg hands JSON on as text


class PostgresSql(DriverSql):
    """Works in a greenlet that somebody drives, as `greenlet_spawn` does."""

    dialect = _Dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's gap

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def lock(self, what: int, which: int) -> None:
        self.all(_LOCK, what=what, which=which)

    def notify(self, news: News, details: str = "") -> None:
        self.all(_NOTIFY, channel=news.value, details=details)

    def _fetch(self, prepared: Prepared, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        return await_(self._connection.fetch(prepared.text, *prepared.bind(values)))

    def _execute(self, prepared: Prepared, values: dict[str, Any]) -> int:
        status = await_(self._connection.execute(prepared.text, *prepared.bind(values)))
        return int(status.rpartition(" ")[2])  # "UPDATE 3", "INSERT 0 1"
