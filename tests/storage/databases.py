"""Fresh databases for tests, without migrating each."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.migrate import migrate
from storage.tables import metadata

POSTGRES_URL = os.environ.get("TEST_DATABASE_URL")  # noqa: TID251 - tests have no settings


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@contextmanager
def sqlite_template(folder: Path) -> Iterator[Path]:
    path = folder / "template.db"
    migrate(sqlite_url(path))
    yield path


def copy_sqlite(template: Path, folder: Path) -> str:
    path = folder / "bot.db"
    shutil.copy(template, path)
    return sqlite_url(path)


@contextmanager
def postgres_database() -> Iterator[str]:
    """A database of our own on the server, dropped afterwards."""
    if POSTGRES_URL is None:
        pytest.skip("TEST_DATABASE_URL is not set")
    url = make_url(POSTGRES_URL).set(database=f"test_{uuid.uuid4().hex}")
    asyncio.run(execute(POSTGRES_URL, f'CREATE DATABASE "{url.database}"'))
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        asyncio.run(execute(POSTGRES_URL, f'DROP DATABASE "{url.database}" WITH (FORCE)'))


async def empty_postgres(url: str) -> None:
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    # As a replica, so that the trigger that keeps the ledger stands aside.
    await execute(
        url, f"SET session_replication_role = replica; TRUNCATE {tables} RESTART IDENTITY"
    )


async def execute(url: str, script: str) -> None:
    import asyncpg  # noqa: PLC0415 - an extra, and only here

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(script)
    finally:
        await connection.close()
