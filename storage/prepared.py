"""Statements compiled once and run on the driver's own connection.

SQLAlchemy writes the SQL and converts the values; its way of executing, made for every database
there is, would take several times as long as the driver itself does.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.types import TypeEngine

from storage.session import Record, Statement

Convert = Callable[[Any], Any]

_DOUBLE = 701
"""What PostgreSQL calls the type that fractions have in every statement here; only they ask for it."""


class Prepared:
    def __init__(self, statement: Statement, names: Sequence[str], dialect: Dialect) -> None:
        """names: of the values that come with each use; the statement itself must have the others."""
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
        self.text = str(compiled)
        self._fixed = {}
        writers: dict[str, Convert | None] = {}
        for name, bind in compiled.binds.items():
            write = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if name in names:
                writers[name] = write
            elif bind.required:
                raise KeyError(name)
            else:
                self._fixed[name] = write(bind.value) if write else bind.value
        self._places = [(name, writers.get(name)) for name in compiled.positiontup]
        readers = (_reader(column.type, dialect) for column in statement.exported_columns)
        self._readers = [(place, read) for place, read in enumerate(readers) if read]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """In the order of their places."""
        found = {**self._fixed, **values}
        return [write(found[name]) if write else found[name] for name, write in self._places]

    def read(self, row: Sequence[Any]) -> Record:
        record = list(row)
        for place, read in self._readers:
            record[place] = read(record[place])
        return record


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, _DOUBLE)
