"""What both engines' statements have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import Dialect

from storage.prepared import Prepared
from storage.session import Record, Statement


class DriverSql(ABC):
    """The part of Sql that reads alike on both; what is said to the driver is each engine's own."""

    dialect: ClassVar[Dialect]

    def first(self, statement: Statement, **values: Any) -> Record | None:
        rows = self.all(statement, **values)
        return rows[0] if rows else None

    def one(self, statement: Statement, **values: Any) -> Record:
        (row,) = self.all(statement, **values)
        return row

    def all(self, statement: Statement, **values: Any) -> Sequence[Record]:
        prepared = _prepare(self.dialect, statement, tuple(values))
        return [prepared.read(row) for row in self._fetch(prepared, values)]

    def count(self, statement: Statement, **values: Any) -> int:
        return self._execute(_prepare(self.dialect, statement, tuple(values)), values)

    @abstractmethod
    def _fetch(self, prepared: Prepared, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        """All rows."""

    @abstractmethod
    def _execute(self, prepared: Prepared, values: dict[str, Any]) -> int:
        """The number of rows changed."""


@cache
def _prepare(dialect: Dialect, statement: Statement, names: tuple[str, ...]) -> Prepared:
    return Prepared(statement, names, dialect)
