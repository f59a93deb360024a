"""Looking at a database changes nothing, and disturbs nobody who works on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.engine import open_storage
from storage.errors import DatabaseTooNew, DatabaseUnusable
from storage.inspection import inspect
from storage.migrate import HEAD, migrate
from tests.storage.databases import execute, postgres_database, sqlite_url


def stand(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = await inspect(sqlite_url(tmp_path / "new" / "bot.db"))
    assert (found.place, found.revision) == (str(tmp_path / "new" / "bot.db"), None)
    assert not stand(tmp_path)


async def test_a_database_at_rest_is_left_as_it_lies(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "a b #1.db")
    migrate(url)
    before = stand(tmp_path)
    assert (await inspect(url)).revision == HEAD
    assert stand(tmp_path) == before


async def test_a_database_in_use_is_read_beside_its_user(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.db")
    storage = await open_storage(url)
    try:
        async with storage.transaction() as tx:  # the write lock is taken
            await tx.jobs.requeue_all()
            assert (await inspect(url)).revision == HEAD
    finally:
        await storage.close()


async def test_a_revision_still_in_the_log_is_seen(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "bot.db")
    migrate(url)
    with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA wal_autocheckpoint = 0")
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseTooNew, match="9999"):
            await inspect(url)


async def test_an_empty_file_has_no_revision(tmp_path: Path) -> None:
    (tmp_path / "bot.db").touch()
    assert (await inspect(sqlite_url(tmp_path / "bot.db"))).revision is None


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "bot.db").write_bytes(b"These are my notes, not a database. " * 100)
    with pytest.raises(DatabaseUnusable, match="not a database"):
        await inspect(sqlite_url(tmp_path / "bot.db"))


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.mark.postgres
async def test_a_server(postgres_url: str) -> None:
    assert (await inspect(postgres_url)).revision is None
    storage = await open_storage(postgres_url)
    await storage.close()
    found = await inspect(postgres_url)
    assert found.revision == HEAD
    assert "@" not in found.place and " at " in found.place
    await execute(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew):
        await inspect(postgres_url)


async def test_a_server_that_is_not_there_tells_no_password() -> None:
    pytest.importorskip("asyncpg")
    with pytest.raises(DatabaseUnusable) as refused:
        await inspect("postgresql+asyncpg://owner:hunter2@127.0.0.1:1/name")
    assert "hunter2" not in str(refused.value)
