import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Inspector, create_engine, inspect, make_url, text

from storage import migrate as migrating
from storage.errors import DatabaseTooNew
from storage.migrate import HEAD, SCRIPTS, configuration, migrate, revision
from storage.tables import metadata
from tests.storage.databases import postgres_database, sqlite_url

ENGINES = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "bot.db")
    else:
        with postgres_database() as postgres_url:
            yield postgres_url


def run(url: str, work: Any) -> Any:
    return migrating.transact(make_url(url), work)


def schema(sql: Connection) -> dict[str, Any]:
    """All that tables, constraints, indexes and triggers promise."""
    look: Inspector = inspect(sql)
    tables = sorted(set(look.get_table_names()) - {"alembic_version"})
    described: dict[str, Any] = {
        table: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)
            ),
            "key": look.get_pk_constraint(table)["constrained_columns"],
            "checks": {c["name"]: c["sqltext"] for c in look.get_check_constraints(table)},
            "unique": {c["name"]: c["column_names"] for c in look.get_unique_constraints(table)},
            "foreign": {c["name"]: c["referred_table"] for c in look.get_foreign_keys(table)},
            "indexes": {
                i["name"]: (i["column_names"], *map(str, i.get("dialect_options", {}).values()))
                for i in look.get_indexes(table)
            },
        }
        for table in tables
    }
    return described


def triggers(sql: Connection) -> set[str]:
    if sql.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    return set(sql.execute(text(query)).scalars())


def test_head_is_the_newest_revision() -> None:
    with create_engine("sqlite://").connect() as sql:
        assert ScriptDirectory.from_config(configuration(sql)).get_current_head() == HEAD
    assert (SCRIPTS / "env.py").is_file()


def test_up_down_up(url: str) -> None:
    assert revision(url) is None
    migrate(url)
    first = run(url, schema), run(url, triggers)
    assert revision(url) == HEAD
    assert first[1]
    run(url, lambda sql: command.downgrade(configuration(sql), "base"))
    assert (run(url, schema), run(url, triggers)) == ({}, set())
    assert revision(url) is None
    migrate(url)
    assert (run(url, schema), run(url, triggers)) == first


def test_the_migrated_schema_is_that_of_the_tables(url: str) -> None:
    migrate(url)
    migrated = run(url, schema)

    def compare(sql: Connection) -> list[Any]:
        context = MigrationContext.configure(sql, opts={"compare_server_default": True})
        return compare_metadata(context, metadata)

    assert run(url, compare) == []
    run(url, lambda sql: command.downgrade(configuration(sql), "base"))
    run(url, metadata.create_all)
    assert run(url, schema) == migrated


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    migrate(url)
    assert revision(url) == HEAD


def test_a_newer_database_is_left_alone(url: str) -> None:
    migrate(url)
    run(
        url,
        lambda sql: sql.execute(text("UPDATE alembic_version SET version_num = '9999'")) and None,
    )
    with pytest.raises(DatabaseTooNew) as refusal:
        migrate(url)
    assert refusal.value.found == "9999"
    assert revision(url) == "9999"


def test_a_failed_migration_leaves_nothing_behind(url: str) -> None:
    run(url, lambda sql: sql.execute(text("CREATE TABLE artifacts (id INTEGER)")) and None)
    with pytest.raises(Exception, match="already exists"):
        migrate(url)
    assert list(run(url, schema)) == ["artifacts"]
    assert revision(url) is None


LEDGER_LINE = (
    "INSERT INTO ledger (user_id, kind, daily, extra, created_at)"
    " VALUES (1, 'grant', 0, 5, '2026-03-14 15:09:26')"
)


def test_whose_a_line_of_the_ledger_is_may_change(url: str) -> None:
    migrate(url)
    run(url, lambda sql: sql.execute(text(LEDGER_LINE)) and None)
    run(url, lambda sql: sql.execute(text("UPDATE ledger SET user_id = -9")) and None)
    assert run(url, lambda sql: sql.execute(text("SELECT user_id FROM ledger")).scalar()) == -9


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET daily = 9",
        "UPDATE ledger SET user_id = 2, extra = 9",
        "UPDATE ledger SET created_at = '2026-03-15 15:09:26'",
        "DELETE FROM ledger",
    ],
)
def test_the_ledger_is_append_only(url: str, change: str) -> None:
    migrate(url)
    run(url, lambda sql: sql.execute(text(LEDGER_LINE)) and None)
    with pytest.raises(Exception, match="append-only"):
        run(url, lambda sql: sql.execute(text(change)) and None)


def test_the_journal_is_durable(tmp_path: Path) -> None:
    migrate(sqlite_url(tmp_path / "bot.db"))
    raw = migrating.connect(tmp_path / "bot.db")
    settings = {
        name: raw.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    raw.close()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_a_start_on_the_newest_schema_imports_neither_alembic_nor_an_async_engine(
    database_url: str,
) -> None:
    script = (
        "import asyncio, sys\n"
        "from storage.engine import open_storage\n"
        "async def main():\n"
        f"    storage = await open_storage({database_url!r})\n"
        "    await storage.close()\n"
        "asyncio.run(main())\n"
        "slow = {'alembic', 'sqlalchemy.orm', 'sqlalchemy.ext.asyncio', 'asyncpg'}\n"
        "sys.exit(str(slow & set(sys.modules)) if slow & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
