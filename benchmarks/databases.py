"""Databases of a benchmark's own, empty or with so many users who have had a job each."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from storage.migrate import migrate
from storage.sqlite import connect

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size})"
PAST = "'2026-03-01 12:00:00.000000{zone}'"
HISTORY = (
    "INSERT INTO users (id, username, seen_at) SELECT i, 'user' || i, {past} FROM n",
    "INSERT INTO quota_accounts (user_id, day, spent) SELECT i, '2026-03-01', 1 FROM n",
    "INSERT INTO jobs (id, chat_id, message_id, user_id, chat_kind, provider, model, cost, spec,"
    " state, reason_data, turn, attempts, delivery, delivery_attempts, delivery_due, created_at,"
    " started_at, finished_at, deadline) SELECT i, i, 1, i, 'private', 'local', 'sdxl', 1,"
    """ '{{"prompt": "a fox in the snow at dawn, watercolor", "width": 1024, "height": 1024}}',"""
    " 'succeeded', '{{}}', i, 1, 'delivered', 1, {past}, {past}, {past}, {past}, {past} FROM n",
    "INSERT INTO reservations (job_id, user_id, day, daily, extra, state, captured_daily,"
    " created_at, settled_at)"
    " SELECT i, i, '2026-03-01', 1, 0, 'captured', 1, {past}, {past} FROM n",
    "INSERT INTO ledger (user_id, job_id, kind, day, daily, extra, created_at)"
    " SELECT i, i, 'hold', '2026-03-01', 1, 0, {past} FROM n",
    "INSERT INTO ledger (user_id, job_id, kind, day, daily, extra, created_at)"
    " SELECT i, i, 'capture', '2026-03-01', 1, 0, {past} FROM n",
    "INSERT INTO submissions (job_id, part, provider, state, remote_id, created_at)"
    " SELECT i, 0, 'local', 'ended', 'r' || i, {past} FROM n",
    "INSERT INTO artifacts (job_id, part, position, sha256, media_type, width, height, size,"
    " created_at) SELECT i, 0, 0, 'k' || i, 'image/png', 1024, 1024, 10, {past} FROM n",
)


def history(size: int, zone: str) -> list[str]:
    """One statement a table; both engines read them."""
    past = PAST.format(zone=zone)
    filled = []
    for insert in HISTORY:
        head, select = insert.format(past=past).split(" SELECT ", 1)
        filled.append(f"{head} {NUMBERS.format(size=size)} SELECT {select}")
    return filled


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def fill_sqlite(path: Path, size: int) -> None:
    migrate(sqlite_url(path))
    raw = connect(path)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA cache_size = -200000")
    raw.execute("BEGIN")
    for statement in history(size, zone=""):
        raw.execute(statement)
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    os.sync()  # or the first commits to be measured would wait for the disk on behalf of all this


def plain(url: str) -> str:
    """As the bare driver reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@asynccontextmanager
async def fresh_postgres(server: str) -> AsyncIterator[str]:
    """An empty database of its own on the server of that URL, dropped at the block's end."""
    url = make_url(server).set(database=f"benchmark_{uuid.uuid4().hex}")
    await _execute(server, f'CREATE DATABASE "{url.database}"')
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        await _execute(server, f'DROP DATABASE "{url.database}" WITH (FORCE)')


@asynccontextmanager
async def filled_postgres(server: str, size: int) -> AsyncIterator[str]:
    async with fresh_postgres(server) as url:
        await asyncio.to_thread(migrate, url)
        jobs_number = f"SELECT setval(pg_get_serial_sequence('jobs', 'id'), {size})"
        await _execute(url, *history(size, zone="+00"), jobs_number, "ANALYZE", "CHECKPOINT")
        yield url


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(plain(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
