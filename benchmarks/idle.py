"""What the bot uses while nobody asks it for anything.

    python -m benchmarks.idle [--seconds 60] [--server postgresql+asyncpg://user@host/any_database]

The bot as processes of its own, long polling a playground: over SQLite, and with --server over PostgreSQL
too, edge and worker apart. One picture is made first, then nothing happens; --settle seconds later
CPU time and wakeups are read, and again after --seconds. The baseline is a bare aiogram bot
(`bare_bot`) that polls the same way. Nothing is asserted: the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from benchmarks.databases import fresh_postgres
from benchmarks.processes import used
from bot.playground import ANN, Playground
from tests.bot.process import House, house, polls
from tests.scale.servers import processes, use

Pids = dict[str, int]


@asynccontextmanager
async def bare() -> AsyncIterator[Pids]:
    async with Playground.start() as playground:
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "benchmarks.bare_bot",
                playground.api_url,
                "http://127.0.0.1:1",
            ),
            env={"BOT_TOKEN": playground.token, "PYTHONPATH": ":".join(sys.path)},
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await playground.wait_until(lambda: polls(playground) > 0, 180)
            yield {"bare aiogram bot": process.pid}
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Pids]:
    async with house(folder) as home, home.bot() as process:
        await one_picture(home)
        yield {"SQLite, one process": process.pid}


@asynccontextmanager
async def on_postgres(folder: Path, server: str) -> AsyncIterator[Pids]:
    async with fresh_postgres(server) as url, house(folder) as home, processes(home) as crew:
        use(home, url)
        edge, worker = await crew.edge(), await crew.worker()
        await one_picture(home)
        yield {"PostgreSQL, the edge": edge.pid, "PostgreSQL, a worker": worker.pid}


async def one_picture(home: House) -> None:
    """The warm-up: what is made at the first use is made."""
    await home.playground.send(ANN, ANN, "/imagine a fox")
    await home.playground.wait_until(
        lambda: any(message.photo for message in home.playground.messages(ANN)), 180
    )


async def measure(seconds: float, settle: float, server: str | None) -> None:
    """All at once: each sleeps nearly all of the time, and keeps the others from nothing."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pids = await stack.enter_async_context(bare())
        settings = [on_sqlite(_made(folder / "sqlite"))]
        if server is not None:
            settings.append(on_postgres(_made(folder / "postgres"), server))
        for setting in settings:
            pids |= await stack.enter_async_context(setting)
        await asyncio.sleep(settle)
        before = {name: used(pid) for name, pid in pids.items()}
        await asyncio.sleep(seconds)
        print("| process | CPU, of a core | wakeups/s |\n|---|---|---|")
        for name, pid in pids.items():
            spent = used(pid) - before[name]
            print(f"| {name} | {spent.cores:.2%} | {spent.wakes_a_second:.1f} |")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--settle", type=float, default=20.0)
    arguments.add_argument("--server")
    given = arguments.parse_args()
    asyncio.run(measure(given.seconds, given.settle, given.server))


if __name__ == "__main__":
    main()
