"""Statements compiled once for SQLite and run on the driver's own connection.

SQLAlchemy writes the SQL and converts the values; its way of executing, made for every database
there is, would take five times as long as SQLite itself does.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.types import TypeEngine

from storage.news import News
from storage.session import Record, Statement

Convert = Callable[[Any], Any]

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


class _Prepared:
    def __init__(self, statement: Statement, names: Sequence[str]) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=list(names))
        self.text = str(compiled)
        self._fixed = {}
        self._writers: list[tuple[str, Convert | None]] = []
        for name, bind in compiled.binds.items():
            write = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            if name in names:
                self._writers.append((name, write))
            elif bind.required:
                raise KeyError(name)
            else:
                self._fixed[name] = write(bind.value) if write else bind.value
        readers = (_reader(column.type) for column in statement.exported_columns)
        self._readers = [(place, read) for place, read in enumerate(readers) if read]

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        bound = dict(self._fixed)
        for name, write in self._writers:
            bound[name] = write(values[name]) if write else values[name]
        return bound

    def read(self, row: Sequence[Any]) -> Record:
        record = list(row)
        for place, read in self._readers:
            record[place] = read(record[place])
        return record


def _reader(kind: TypeEngine[Any]) -> Convert | None:
    return kind.dialect_impl(_DIALECT).result_processor(_DIALECT, None)


_prepare = lru_cache(maxsize=None)(_Prepared)
