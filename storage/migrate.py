"""Bringing a database to this version's schema. Blocking: call it in a thread.

Alembic takes as long to import as the rest of storage, so it is imported only where the schema
is not the newest already.

For a new revision copy the newest file in migrations/versions, write both ways and set HEAD; the
tests say whether the result matches tables.py, on both engines.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import URL, Connection, StaticPool, create_engine, event, inspect, make_url, text

from storage.errors import DatabaseTooNew
from storage.sqlite import connect

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")

HEAD = "0004"  # the newest revision in migrations/versions
SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database_url: str) -> None:
    """Bring the schema to HEAD, all or nothing. Raises DatabaseTooNew."""
    transact(make_url(database_url), _to_head)


def revision(database_url: str) -> str | None:
    """The schema's revision, None for an empty database. HEAD is the newest."""
    return transact(make_url(database_url), _revision)


def is_known(revision: str) -> bool:
    """Whether this version of the code has that revision; one it hasn't is a newer version's."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    return any(script.revision == revision for script in ScriptDirectory(SCRIPTS).walk_revisions())


def configuration(sql: Connection) -> "Config":
    """Alembic's configuration, from code so that it works installed, over this connection."""
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = sql
    return config


def _to_head(sql: Connection) -> None:
    if _revision(sql) == HEAD:
        return
    if sql.dialect.name == "postgresql":  # processes that start together take turns
        sql.execute(text("SELECT pg_advisory_xact_lock(0, 1)"))
    found = _revision(sql)
    if found is not None and not is_known(found):
        raise DatabaseTooNew(found)
    from alembic import command  # noqa: PLC0415 - see above

    command.upgrade(configuration(sql), "head")


def _revision(sql: Connection) -> str | None:
    if not inspect(sql).has_table("alembic_version"):
        return None
    found: str | None = sql.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def transact(url: URL, work: Callable[[Connection], T]) -> T:
    if url.get_backend_name() != "sqlite":
        return asyncio.run(_transact_postgres(url, work))
    # Rebuilding a table, SQLite's way to alter one, must not cascade into its children.
    raw = connect(Path(url.database or ""), foreign_keys=False)
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    event.listen(engine, "begin", lambda _: raw.execute("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as sql:
            return work(sql)
    finally:
        engine.dispose()


async def _transact_postgres(url: URL, work: Callable[[Connection], T]) -> T:
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - SQLite needs none of it

    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
