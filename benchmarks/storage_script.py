"""What our storage says to its driver: noted once, so that the driver alone can say it again."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import URL

from storage.pool import Pool
from storage.postgres import PostgresStorage
from storage.sqlite import SqliteStorage

T = TypeVar("T")
WRITER, READER = "writer", "reader"


@dataclass(frozen=True, slots=True)
class Said:
    """connection: which of them. values: by place."""

    connection: str
    text: str
    values: Any


class Script:
    """Statements by step; a Watch for `one_job`."""

    def __init__(self) -> None:
        self.steps: dict[str, list[Said]] = defaultdict(list)
        self._step = "before"

    async def step(self, name: str, work: Awaitable[T]) -> T:
        self._step = name
        return await work

    def note(self, connection: str, text: str, values: Any = ()) -> None:
        self.steps[self._step].append(Said(connection, text, values))


class Prompter:
    """Passes everything on to the script of the job at hand."""

    def __init__(self) -> None:
        self.script = Script()

    def note(self, connection: str, text: str, values: Any = ()) -> None:
        self.script.note(connection, text, values)


class _NotedSqlite:
    """A sqlite3 connection that notes what it executes."""

    def __init__(self, raw: Any, name: str, prompter: Prompter) -> None:
        self._raw, self._name, self._prompter = raw, name, prompter

    def execute(self, text: str, values: Any = ()) -> Any:
        self._prompter.note(self._name, text, values)
        return self._raw.execute(text, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


def note_sqlite(storage: SqliteStorage, prompter: Prompter) -> None:
    # No event tells it: the statements go to the driver's own connection.
    for name, workers in ((WRITER, [storage._writer]), (READER, storage._readers)):  # noqa: SLF001 - see above
        for worker in workers:
            worker._connection = _NotedSqlite(worker._connection, name, prompter)  # noqa: SLF001 - see above


class _NotedPostgres:
    """An asyncpg connection that notes what it is asked."""

    def __init__(self, raw: asyncpg.Connection, prompter: Prompter) -> None:
        self.raw, self._prompter = raw, prompter

    async def execute(self, text: str, *values: Any) -> Any:
        self._prompter.note(WRITER, text, values)
        return await self.raw.execute(text, *values)

    async def fetch(self, text: str, *values: Any) -> Any:
        self._prompter.note(WRITER, text, values)
        return await self.raw.fetch(text, *values)

    async def fetchrow(self, text: str, *values: Any) -> Any:
        self._prompter.note(WRITER, text, values)
        return await self.raw.fetchrow(text, *values)


class _NotedPool(Pool):
    def __init__(self, url: URL, size: int, prompter: Prompter) -> None:
        super().__init__(url, size)
        self._prompter = prompter

    async def take(self) -> _NotedPostgres:
        return _NotedPostgres(await super().take(), self._prompter)

    def put_back(self, connection: _NotedPostgres) -> None:
        super().put_back(connection.raw)


def note_postgres(storage: PostgresStorage, prompter: Prompter) -> None:
    """Before its first transaction."""
    storage._pool = _NotedPool(storage._url, storage._pool.size, prompter)  # noqa: SLF001 - nobody else shows what is said


async def say_postgres(connection: asyncpg.Connection, lines: list[Said]) -> None:
    """As short as it gets: words without values as they are, the rest prepared and kept."""
    for line in lines:
        if line.text.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            await connection.execute(line.text)
        else:
            await connection.fetch(line.text, *line.values)


async def say_aiosqlite(connections: dict[str, Any], lines: list[Said]) -> None:
    for line in lines:
        await connections[line.connection].execute_fetchall(line.text, line.values)


async def say_sqlite3(connections: dict[str, Any], lines: list[Said]) -> None:
    """In the calling thread, which no program with an event loop may do: the lowest floor there is."""
    for line in lines:
        connections[line.connection].execute(line.text, line.values).fetchall()
    await asyncio.sleep(0)
