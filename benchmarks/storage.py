"""What a job costs in the database, and whether it costs more as the database grows.

    python -m benchmarks.storage [--jobs 300] [--sizes 1000,100000,1000000] [--folder DIR]
        [--server postgresql+asyncpg://user@host/any_database]

Every size is a database of its own with so many users and finished jobs: SQLite files, or with
--server databases made on that server and dropped afterwards. They take turns job by job, so that
whatever else the machine does falls on all of them alike. `storage_floor` tells how much of it
the bare driver would take.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.databases import fill_sqlite, filled_postgres, sqlite_url
from benchmarks.storage_steps import Stopwatch, one_job
from storage.base import Storage
from storage.engine import open_storage

WARM_UP = 20  # jobs


async def measure(storages: dict[int, Storage], jobs: int) -> dict[int, Stopwatch]:
    """By size; the databases take turns."""
    kept = {size: Stopwatch() for size in storages}
    for number in range(jobs + WARM_UP):
        for size in random.sample(sorted(storages), len(storages)):
            user_id = random.randint(1, size)  # noqa: S311 - no secret
            watch = kept[size] if number >= WARM_UP else Stopwatch()
            await watch.whole(one_job(storages[size], user_id, 10 + number, watch))
    return kept


def report(kept: dict[int, Stopwatch]) -> None:
    sizes = sorted(kept)
    print("| step |" + "".join(f" {size:,} jobs |" for size in sizes) + " ratio |")
    print("|---|" + "---|" * (len(sizes) + 1))
    for step in kept[sizes[0]].times:
        medians = [statistics.median(kept[size].times[step]) for size in sizes]
        cells = "".join(f" {m * 1e6:,.0f} us ({1 / m:,.0f}/s) |" for m in medians)
        print(f"| {step} |{cells} {medians[-1] / medians[0]:.2f} |")


async def run(sizes: list[int], jobs: int, parent: str | None, server: str | None) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        storages = {}
        for size in sizes:
            begun = time.perf_counter()
            if server is not None:
                url = await stack.enter_async_context(filled_postgres(server, size))
            else:
                path = folder / f"{size}.db"
                await asyncio.to_thread(fill_sqlite, path, size)
                url = sqlite_url(path)
            print(f"{size:,} jobs made in {time.perf_counter() - begun:.0f} s", flush=True)
            storages[size] = await open_storage(url)
            stack.push_async_callback(storages[size].close)
        report(await measure(storages, jobs))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--jobs", type=int, default=300)
    arguments.add_argument("--sizes", default="1000,100000,1000000")
    arguments.add_argument(
        "--folder", help="where the files go, e.g. /dev/shm to leave out the disk"
    )
    arguments.add_argument("--server", help="PostgreSQL in place of SQLite")
    given = arguments.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    asyncio.run(run(sizes, given.jobs, given.folder, given.server))


if __name__ == "__main__":
    main()
