"""Statements on SQLite's own connection."""

import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from storage.news import News
from storage.prepared import Prepared
from storage.session import Record, Statement

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


class SqliteSql:
    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def first(self, statement: Statement, **values: Any) -> Record | None:
        rows = self.all(statement, **values)
        return rows[0] if rows else None

    def one(self, statement: Statement, **values: Any) -> Record:
        (row,) = self.all(statement, **values)
        return row

    def all(self, statement: Statement, **values: Any) -> Sequence[Record]:
        prepared = _prepare(statement, tuple(values))
        rows = self._raw.execute(prepared.text, prepared.bind(values)).fetchall()
        return [prepared.read(row) for row in rows]

    def count(self, statement: Statement, **values: Any) -> int:
        prepared = _prepare(statement, tuple(values))
        return self._raw.execute(prepared.text, prepared.bind(values)).rowcount

    def lock(self, what: int, which: int) -> None:
        pass

    def notify(self, news: News, details: str = "") -> None:
        pass


@cache
def _prepare(statement: Statement, names: tuple[str, ...]) -> Prepared:
    return Prepared(statement, names, _DIALECT)
