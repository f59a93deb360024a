"""A database copied while others work on it, put back, and counted. Blocking: call it in a thread.

SQLite is copied in one step inside one read transaction: in WAL mode that holds no writer up, and
the copy is of one moment. In many steps it would begin anew whenever somebody writes. PostgreSQL is
dumped by its own tools.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import (
    Connection,
    StaticPool,
    String,
    cast,
    create_engine,
    func,
    select,
    text,
    union_all,
)

from storage import pg_tools
from storage.engine import parse_url
from storage.errors import DatabaseUnusable
from storage.migrate import transact
from storage.records import Contents
from storage.retention import KEY
from storage.sqlite import connect
from storage.tables import artifacts, drafts, jobs, ledger, metadata

_MENTIONS = union_all(
    select(artifacts.c.sha256),
    select(cast(jobs.c.spec, String)),
    select(cast(drafts.c.data, String)),
)
_LEDGER = (
    select(ledger.c.kind, func.sum(ledger.c.daily), func.sum(ledger.c.extra))
    .group_by(ledger.c.kind)
    .order_by(ledger.c.kind)
)


def copy_database(database_url: str, target: Path) -> Contents:
    """Write the database to a new file, durably; what is in it. Raises CannotOpen."""
    url = parse_url(database_url)
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(Path(url.database or ""), target)
        return _contents_of_file(target)
    return transact(url, lambda sql: _dump_postgres(sql, target))


def restore_database(source: Path, database_url: str) -> Contents:
    """Into a database that has no tables yet. Raises CannotOpen."""
    url = parse_url(database_url)
    if url.get_backend_name() == "sqlite":
        _restore_sqlite(source, Path(url.database or ""))
    else:
        if transact(url, _has_tables):
            raise DatabaseUnusable("isn't empty; a backup is restored into an empty database")
        pg_tools.restore(url, source)
    return contents(database_url)


def contents(database_url: str) -> Contents:
    url = parse_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _contents_of_file(Path(url.database or ""))
    return transact(url, _contents)


def _contents_of_file(path: Path) -> Contents:
    """Also of one that can't be written, or that others work on."""
    raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    try:
        with engine.begin() as sql:
            return _contents(sql)
    finally:
        engine.dispose()


def _contents(sql: Connection) -> Contents:
    rows = {
        table.name: sql.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
    books = {kind: (int(daily), int(extra)) for kind, daily, extra in sql.execute(_LEDGER)}
    named = {key for (words,) in sql.execute(_MENTIONS) for key in KEY.findall(words)}
    revision = sql.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return Contents(str(revision), rows, books, frozenset(named))


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.is_file():
        raise DatabaseUnusable("isn't there")
    try:
        with (
            closing(connect(source, read_only=True)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            target.chmod(0o600)  # prompts are private
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # the copy is one file
    except sqlite3.DatabaseError as error:
        raise DatabaseUnusable(f"can't be copied: {error}") from error


def _restore_sqlite(source: Path, target: Path) -> None:
    """All or nothing: an interrupted one may be begun again."""
    if target.exists():
        raise DatabaseUnusable(f"{target} is there already; a backup is restored into a new place")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".restoring")
    unfinished.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(source)) as here,
            closing(sqlite3.connect(unfinished)) as there,
        ):
            unfinished.chmod(0o600)
            here.backup(there)
            (found,) = there.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise DatabaseUnusable(f"can't be restored: {error}") from error
    if found != "ok":
        raise DatabaseUnusable("the backup's database is damaged")
    unfinished.rename(target)


def _dump_postgres(sql: Connection, target: Path) -> Contents:
    """The dump and the counts see the same moment."""
    sql.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    snapshot = sql.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    found = _contents(sql)
    pg_tools.dump(sql.engine.url, target, snapshot=str(snapshot))
    return found


def _has_tables(sql: Connection) -> bool:
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
    return bool(sql.execute(text(query)).scalar_one())
