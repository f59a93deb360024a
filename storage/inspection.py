"""What a database is like, for tools that only look: nothing is written, locked or migrated."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from storage.engine import opening, parse_url
from storage.errors import DatabaseTooNew
from storage.migrate import HEAD, is_known, revision


@dataclass(frozen=True, slots=True)
class Inspection:
    """place: the file, or the server and its database; no password.

    revision: the schema's, None where there is none yet. newest: what the next start brings it to.
    """

    place: str
    revision: str | None
    newest: str = HEAD


async def inspect(database_url: str) -> Inspection:
    """Raises DatabaseUnusable, DatabaseTooNew."""
    url = parse_url(database_url)
    with opening():
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "")
            found = await asyncio.to_thread(_sqlite_revision, path)
            place = str(path)
        else:
            found = await asyncio.to_thread(revision, database_url)
            place = f"{url.database} at {url.host or 'localhost'}"
        if found is not None and not await asyncio.to_thread(is_known, found):
            raise DatabaseTooNew(found)
    return Inspection(place, found)


def _sqlite_revision(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(_open_to_look(path)) as raw:
        try:
            row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise
    return str(row[0]) if row else None


def _open_to_look(path: Path) -> sqlite3.Connection:
    """Without a write-ahead log beside it nobody works on the file, and it is read as it lies:
    a reader that took part would make that log, in its own name, and leave it there.
    """
    is_at_rest = not path.with_name(path.name + "-wal").exists()
    how = "immutable=1" if is_at_rest else "mode=ro"
    return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True)
