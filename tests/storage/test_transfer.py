"""A grown SQLite installation moves to PostgreSQL: whole, or not at all."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from storage.base import Storage
from storage.engine import open_storage
from storage.errors import CountsDiffer, DatabaseInUse, DatabaseUnusable, TargetNotEmpty
from storage.migrate import migrate
from storage.records import JobState, Outcome
from storage.tables import metadata
from storage.transfer import transfer
from tests.contracts.building import NOW, claim, new_artifact, new_job, quota_day
from tests.scale.servers import rows
from tests.storage.databases import copy_sqlite, execute, postgres_database

pytestmark = pytest.mark.postgres

JOBS = 60


@pytest.fixture
def target() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.fixture
async def grown(sqlite_file: Path, tmp_path: Path) -> str:
    """A file with something of most kinds in it, names and prompts in many scripts."""
    url = copy_sqlite(sqlite_file, tmp_path)
    storage = await open_storage(url)
    for number in range(JOBS):
        await _grow(storage, number)
    async with storage.transaction() as tx:
        await tx.controls.set("pause", {"провайдер": [1, None]}, by=1, now=NOW)
        await tx.audit.add(1, "grant", target_id=2, details={"units": 5}, now=NOW)
        await tx.chats.remember(-(10**12), kind="supergroup", now=NOW)
    await storage.close()
    return url


async def _grow(storage: Storage, number: int) -> None:
    user = 10**9 * (number % 7 + 1)
    now = NOW + timedelta(microseconds=number)
    async with storage.transaction() as tx:
        await tx.users.remember(user, username=f"u{number % 7}", language="ru", name="🦊", now=now)
        new = new_job(number, user_id=user, chat_id=user, spec={"prompt": f"лиса № {number} 🦊"})
        job, _ = await tx.jobs.enqueue(new, now=now)
        await tx.quotas.grant(user, 3, now=now)
        await tx.quotas.reserve(user, job.id, 1, day=quota_day(5), now=now)
    if number % 3:
        running = await claim(storage, f"lease-{number}", now=now)
        assert running is not None
        async with storage.transaction() as tx:
            await tx.artifacts.add(running.id, f"lease-{number}", new_artifact(), now=now)
            done = Outcome(JobState.SUCCEEDED, 1)
            await tx.jobs.finish(running.id, done, lease=f"lease-{number}", now=now)
            await tx.quotas.settle(running.id, 1, now=now)


def everything(path: Path) -> dict[str, list[tuple]]:
    with closing(sqlite3.connect(path)) as file:
        return {
            table.name: sorted(
                file.execute(f"SELECT count(*) FROM {table.name}").fetchall()  # noqa: S608
            )
            for table in metadata.sorted_tables
        }


async def test_everything_moves_and_work_goes_on(grown: str, target: str, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    counts = await transfer(grown, target, lambda *told: seen.append(told))
    assert {name: [(n,)] for name, n in counts.items()} == everything(tmp_path / "bot.db")
    assert counts["jobs"] == JOBS and counts["ledger"] > JOBS
    assert sum(n for table, n, _ in seen if table == "jobs") == JOBS
    old, new = await open_storage(grown), await open_storage(target)
    try:
        async with old.reading() as before, new.reading() as after:
            for number in range(1, JOBS + 1):
                assert await before.jobs.get(number) == await after.jobs.get(number)
                assert await before.artifacts.of_job(number) == await after.artifacts.of_job(number)
            for user in range(1, 8):
                ids = 10**9 * user
                day = quota_day(5)
                assert await before.users.get(ids) == await after.users.get(ids)
                assert await before.quotas.view(ids, day=day) == await after.quotas.view(
                    ids, day=day
                )
            assert await after.controls.all() == await before.controls.all()
        await _grow(new, JOBS + 1)  # numbered after the others
        async with new.reading() as view:
            assert await view.jobs.get(JOBS + 1) is not None
    finally:
        await old.close()
        await new.close()


async def test_a_database_with_data_in_it_is_left_alone(grown: str, target: str) -> None:
    await transfer(grown, target, lambda *_: None)
    with pytest.raises(TargetNotEmpty):
        await transfer(grown, target, lambda *_: None)
    assert await rows(target, "SELECT count(*) FROM jobs") == [(JOBS,)]


async def test_a_bot_at_work_on_the_file_forbids_it(grown: str, target: str) -> None:
    storage = await open_storage(grown)
    try:
        with pytest.raises(DatabaseInUse):
            await transfer(grown, target, lambda *_: None)
    finally:
        await storage.close()


@pytest.mark.parametrize(
    ("table", "deed"),
    [
        ("artifacts", "RETURN NULL"),  # a row that goes missing
        ("ledger", "NEW.daily := NEW.daily + 1; RETURN NEW"),  # units that changed on the way
    ],
)
async def test_what_came_out_different_is_not_kept(
    grown: str, target: str, table: str, deed: str
) -> None:
    await asyncio.to_thread(migrate, target)
    await execute(
        target,
        f"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {deed}; END $$;"
        f"CREATE TRIGGER spoil BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION spoil()",
    )
    with pytest.raises(CountsDiffer):
        await transfer(grown, target, lambda *_: None)
    assert await rows(target, "SELECT count(*) FROM users") == [(0,)]


async def test_a_failure_in_the_middle_leaves_nothing(grown: str, target: str) -> None:
    def fail(table: str, copied: int, _total: int) -> None:
        if table == "artifacts" and copied:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transfer(grown, target, fail)
    assert await rows(target, "SELECT count(*) FROM users") == [(0,)]
    await transfer(grown, target, lambda *_: None)  # it may be tried again


@pytest.mark.parametrize("wrong", ["to sqlite", "no file"])
async def test_what_cannot_be_moved_is_told(
    grown: str, target: str, tmp_path: Path, wrong: str
) -> None:
    nowhere = f"sqlite+aiosqlite:///{tmp_path / 'none.db'}"
    source, goal = (grown, nowhere) if wrong == "to sqlite" else (nowhere, target)
    with pytest.raises(DatabaseUnusable):
        await transfer(source, goal, lambda *_: None)


def test_the_command_says_what_it_did(
    grown: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate-data", "--from", grown, "--to", target]) == 0
    told = capsys.readouterr().err
    assert "jobs: 100%" in told and "counts and units checked" in told
    assert main(["migrate-data", "--from", grown, "--to", target]) == 2
    assert "into an empty database only" in capsys.readouterr().err
