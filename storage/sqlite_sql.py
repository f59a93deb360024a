"""Statements on SQLite's own connection."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from storage.driver_sql import DriverSql
from storage.news import News
from storage.prepared import Prepared


class SqliteSql(DriverSql):
    dialect = SQLiteDialect_pysqlite()

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def lock(self, what: int, which: int) -> None:
        pass

    def notify(self, news: News, details: str = "") -> None:
        pass

    def _fetch(self, prepared: Prepared, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        return self._raw.execute(prepared.text, prepared.bind(values)).fetchall()

    def _execute(self, prepared: Prepared, values: dict[str, Any]) -> int:
        return self._raw.execute(prepared.text, prepared.bind(values)).rowcount
