"""How much of what a job costs in the database the bare driver takes.

    python -m benchmarks.storage_floor [--jobs 300] [--folder DIR]
        [--server postgresql+asyncpg://user@host/any_database]

Our storage works on one database, and what it says to its driver is noted. Then it and the bare driver
take turns, job by job, on two databases that are copies of the first as it was: ours makes the same
jobs again, the driver says the same statements with the same values, commits and all. At the end the two must
hold the same books. SQLite has two floors: aiosqlite, which is how a program with an event loop
uses it, and sqlite3 in the calling thread. Nothing else is asserted: the figures go into
docs/benchmarks.md.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiosqlite
import asyncpg

from benchmarks.databases import fill_sqlite, filled_postgres, plain, sqlite_url
from benchmarks.storage_script import (
    READER,
    WRITER,
    Prompter,
    Said,
    Script,
    note_postgres,
    note_sqlite,
    say_aiosqlite,
    say_postgres,
    say_sqlite3,
)
from benchmarks.storage_steps import Stopwatch, one_job
from storage.base import Storage
from storage.engine import open_storage
from storage.postgres import PostgresStorage
from storage.sqlite import SqliteStorage, connect

HISTORY = 1000  # users who have had a job each
WARM_UP = 20  # jobs
BOOKS = (
    "SELECT state, delivery, count(*), sum(attempts) FROM jobs GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT kind, count(*), sum(daily) FROM ledger GROUP BY 1 ORDER BY 1",
    "SELECT sum(spent), sum(held) FROM quota_accounts",
    "SELECT count(*), max(sha256) FROM artifacts",
    "SELECT state, count(*) FROM submissions GROUP BY 1 ORDER BY 1",
)

SQLITE_FLOORS = ("aiosqlite", "sqlite3")

Books = list[list[tuple[object, ...]]]
Say = Callable[[list[Said]], Awaitable[None]]
Work = Callable[[Stopwatch], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Setting:
    """url: of a database of its own for our storage, with nothing noted. floors: by name."""

    url: str
    scripts: list[Script]
    floors: dict[str, Say]


async def make_job(storage: Storage, number: int, watch: Script | Stopwatch) -> None:
    await one_job(storage, 1 + number * 7 % HISTORY, 10 + number, watch)


async def say_again(script: Script, say: Say, watch: Stopwatch) -> None:
    for step, lines in script.steps.items():
        await watch.step(step, say(lines))


async def write_scripts(url: str, jobs: int) -> list[Script]:
    storage, prompter, scripts = await open_storage(url), Prompter(), []
    if isinstance(storage, SqliteStorage):
        note_sqlite(storage, prompter)
    elif isinstance(storage, PostgresStorage):
        note_postgres(storage, prompter)
    async with storage.reading():
        pass  # connected
    for number in range(WARM_UP + jobs):
        prompter.script = Script()
        await make_job(storage, number, prompter.script)
        scripts.append(prompter.script)
    await storage.close()
    return scripts


async def measure(setting: Setting) -> dict[str, Stopwatch]:
    kept = {name: Stopwatch() for name in ("ours", *setting.floors)}
    storage = await open_storage(setting.url)
    for number, script in enumerate(setting.scripts):
        turns: list[tuple[str, Work]] = [("ours", partial(make_job, storage, number))]
        turns += [(name, partial(say_again, script, say)) for name, say in setting.floors.items()]
        random.shuffle(turns)
        for name, work in turns:
            watch = kept[name] if number >= WARM_UP else Stopwatch()
            await watch.whole(work(watch))
    await storage.close()
    return kept


@asynccontextmanager
async def on_sqlite(parent: str | None, jobs: int) -> AsyncIterator[Setting]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        paths = {name: folder / f"{name}.db" for name in ("noted", "ours", *SQLITE_FLOORS)}
        for path in paths.values():
            await asyncio.to_thread(fill_sqlite, path, HISTORY)
        threads, raws = {}, {}
        for name, read_only in ((WRITER, False), (READER, True)):
            opened = partial(connect, paths["aiosqlite"], read_only=read_only)
            threads[name] = await stack.enter_async_context(aiosqlite.Connection(opened, 64))
            raws[name] = connect(paths["sqlite3"], read_only=read_only)
            stack.enter_context(closing(raws[name]))
        says: list[Say] = [partial(say_aiosqlite, threads), partial(say_sqlite3, raws)]
        scripts = await write_scripts(sqlite_url(paths["noted"]), jobs)
        yield Setting(
            sqlite_url(paths["ours"]), scripts, dict(zip(SQLITE_FLOORS, says, strict=True))
        )
        compare({name: read_sqlite(path) for name, path in paths.items()})


@asynccontextmanager
async def on_postgres(server: str, jobs: int) -> AsyncIterator[Setting]:
    async with AsyncExitStack() as stack:
        urls = {
            name: await stack.enter_async_context(filled_postgres(server, HISTORY))
            for name in ("noted", "ours", "asyncpg")
        }
        connection = await asyncpg.connect(plain(urls["asyncpg"]))
        stack.push_async_callback(connection.close)
        scripts = await write_scripts(urls["noted"], jobs)
        yield Setting(urls["ours"], scripts, {"asyncpg": partial(say_postgres, connection)})
        compare({name: await read_postgres(url) for name, url in urls.items()})


def read_sqlite(path: Path) -> Books:
    with closing(connect(path)) as raw:
        return [raw.execute(query).fetchall() for query in BOOKS]


async def read_postgres(url: str) -> Books:
    connection = await asyncpg.connect(plain(url))
    try:
        return [[tuple(row) for row in await connection.fetch(query)] for query in BOOKS]
    finally:
        await connection.close()


def compare(books: dict[str, Books]) -> None:
    """What was said did the same everywhere."""
    for name, held in books.items():
        if held != books["noted"]:
            raise RuntimeError(f"the books of {name}: {held}, not {books['noted']}")


def report(kept: dict[str, Stopwatch], scripts: list[Script]) -> None:
    floors = [name for name in kept if name != "ours"]
    heads = ["step", "statements", "ours", *(f"{each} | ratio" for each in floors)]
    print(f"| {' | '.join(heads)} |\n|{'---|' * (3 + 2 * len(floors))}")
    statements = {step: len(lines) for step, lines in scripts[-1].steps.items()}
    for step in kept["ours"].times:
        ours = statistics.median(kept["ours"].times[step])
        cells = [step, str(statements.get(step, sum(statements.values()))), f"{ours * 1e6:,.0f} us"]
        for name in floors:
            bare = statistics.median(kept[name].times[step])
            cells += [f"{bare * 1e6:,.0f} us", f"{ours / bare:.2f}"]
        print(f"| {' | '.join(cells)} |")


async def run(jobs: int, parent: str | None, server: str | None) -> None:
    opened = on_sqlite(parent, jobs) if server is None else on_postgres(server, jobs)
    async with opened as setting:
        report(await measure(setting), setting.scripts)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--jobs", type=int, default=300)
    arguments.add_argument("--folder", help="where SQLite's files go, e.g. /dev/shm: no disk")
    arguments.add_argument("--server", help="PostgreSQL in place of SQLite")
    given = arguments.parse_args()
    asyncio.run(run(given.jobs, given.folder, given.server))


if __name__ == "__main__":
    main()
