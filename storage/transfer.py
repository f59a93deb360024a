"""Moving a grown installation from its SQLite file to PostgreSQL: all of it, or nothing.

Pictures stay where they are: the database knows them by their content. The file is only read (but
for bringing it to this version's schema first), and locked meanwhile: no bot works on it.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.engine import opening, parse_url
from storage.errors import CountsDiffer, DatabaseUnusable, TargetNotEmpty
from storage.lock import FileLock
from storage.migrate import migrate
from storage.tables import accounts, ledger, metadata

BATCH = 1000  # rows a statement

Moved = Callable[[str, int, int], None]
"""Told a table, how many of its rows have been copied since the last time, and how many it has."""


async def transfer(source_url: str, target_url: str, moved: Moved) -> dict[str, int]:
    """The rows of each table. Raises CannotOpen, TargetNotEmpty among them, and CountsDiffer."""
    source, target = parse_url(source_url), parse_url(target_url)
    if source.get_backend_name() != "sqlite" or target.get_backend_name() != "postgresql":
        raise DatabaseUnusable("data are moved from sqlite+aiosqlite: to postgresql+asyncpg: only")
    path = Path(source.database or "")
    if not await asyncio.to_thread(path.is_file):
        raise DatabaseUnusable(f"there is no {path}")
    with opening(), FileLock(path):
        await asyncio.to_thread(migrate, source_url)
        await asyncio.to_thread(migrate, target_url)
        reading, writing = create_async_engine(source_url), create_async_engine(target_url)
        try:
            async with reading.connect() as old, writing.begin() as new:
                return await _copy_all(old, new, moved)
        finally:
            await reading.dispose()
            await writing.dispose()


async def _copy_all(old: AsyncConnection, new: AsyncConnection, moved: Moved) -> dict[str, int]:
    tables = metadata.sorted_tables  # what is referred to comes first
    names = ", ".join(table.name for table in tables)
    await new.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
    for table in tables:
        if await _count(new, table):
            raise TargetNotEmpty(table.name)
    for table in tables:
        await _copy(table, old, new, moved)
        await _continue_numbers(table, new)
    return {table.name: await _check(table, old, new) for table in tables}


async def _copy(table: Table, old: AsyncConnection, new: AsyncConnection, moved: Moved) -> None:
    total = await _count(old, table)
    moved(table.name, 0, total)
    rows = await old.stream(select(table).order_by(*table.primary_key.columns))
    async for batch in rows.mappings().partitions(BATCH):
        await new.execute(insert(table), [dict(row) for row in batch])
        moved(table.name, len(batch), total)


async def _continue_numbers(table: Table, new: AsyncConnection) -> None:
    """Rows inserted from now on are numbered after those that came along."""
    key = table.autoincrement_column
    if key is None:
        return
    highest = (await new.execute(select(func.max(key)))).scalar()
    if highest is not None:
        sequence = func.pg_get_serial_sequence(table.name, key.name)
        await new.execute(select(func.setval(sequence, highest)))


async def _check(table: Table, old: AsyncConnection, new: AsyncConnection) -> int:
    """As many rows and, where units are kept, the same sums. Raises CountsDiffer."""
    for question in _questions(table):
        before = (await old.execute(question)).all()
        after = (await new.execute(question)).all()
        if sorted(map(repr, before)) != sorted(map(repr, after)):
            raise CountsDiffer(table.name)
    return await _count(new, table)


def _questions(table: Table) -> list[Select[Any]]:
    sums: list[Select[Any]] = []
    if table is ledger:
        units = func.sum(ledger.c.daily), func.sum(ledger.c.extra)
        sums.append(select(ledger.c.user_id, ledger.c.kind, *units).group_by("user_id", "kind"))
    if table is accounts:
        kept = accounts.c.spent, accounts.c.held, accounts.c.extra, accounts.c.extra_held
        sums.append(select(*map(func.sum, kept)))
    return [select(func.count()).select_from(table), *sums]


async def _count(connection: AsyncConnection, table: Table) -> int:
    found: int = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
    return found
