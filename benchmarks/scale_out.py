"""How many more pictures two and four workers make than one.

    python -m benchmarks.scale_out postgresql+asyncpg://user@host/any_database
        [--workers 1,2,4] [--seconds 10] [--window 40] [--rounds 2]

One edge and so many workers over a PostgreSQL database of their own, a playground as Telegram, an
imitation of Replicate whose pictures take --seconds of waiting, half
to one and a half. More jobs are queued than can be
made; then the pictures made in a window are counted. A worker works on eight at once, so its own cap
is what counts, until the cores are spent: the CPU columns tell. The counts of workers take turns. Nothing is
asserted: the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import make_url

from benchmarks.databases import fresh_postgres
from benchmarks.processes import CORES, backends, busy, used
from providers.replicate import ReplicateProvider
from tests.bot.process import House, house
from tests.fakes.replicate import Plan
from tests.scale.servers import Processes, processes, rows, use

FIRST_USER = 5000
USERS = 200
SETTLED = 5.0  # seconds of work before the window
MADE = "SELECT count(*) FROM jobs WHERE state = 'succeeded'"
WAITING = "SELECT count(*) FROM jobs WHERE state = 'queued'"
SETTINGS = {
    "MAX_RUNNING_PER_USER": "50",
    "DAILY_QUOTA": "1000000",
    "PROVIDER_RATES": "replicate=1000000",
    "LOG_LEVEL": "INFO",
}


@dataclass(frozen=True, slots=True)
class Window:
    """CPU in cores: of one worker, of the edge, of the database, of Telegram's and the service's
    stand-ins, and of all that ran on the machine, others included.
    """

    pictures: float
    worker: float
    edge: float
    database: float
    around: float
    machine: float


def spread(seconds: float) -> Iterator[Plan]:
    """Around that mean, or all that begin together would end together, and a window catch them or not."""
    dice = random.Random(8)  # noqa: S311 - the same for all
    for _ in range(5000):
        yield Plan(seconds=seconds * dice.uniform(0.5, 1.5))


async def queue_up(home: House, url: str, jobs: int) -> None:
    """Before anyone works, or it would count among the work."""
    for number in range(jobs):
        user = FIRST_USER + number % USERS
        await home.playground.send(user, user, f"/imagine fox {number}")
    async with asyncio.timeout(300):
        while (await rows(url, WAITING))[0][0] < jobs:  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.5)


async def watch(url: str, edge: int, workers: list[int], seconds: float) -> Window:
    database = list(backends(str(make_url(url).database)))
    parts = {"edge": [edge], "worker": workers, "database": database, "around": [_own()]}
    made, all_before = (await rows(url, MADE))[0][0], busy()
    before = {name: used(*pids) for name, pids in parts.items()}
    await asyncio.sleep(seconds)
    spent = {name: used(*pids) - before[name] for name, pids in parts.items()}
    made, machine = (await rows(url, MADE))[0][0] - made, busy() - all_before
    wall = spent["edge"].seconds
    cores = {name: each.cores for name, each in spent.items()}
    cores["worker"] /= len(workers)
    if (await rows(url, WAITING))[0][0] == 0:
        raise RuntimeError("the queue ran dry: the count is not of all that could be made")
    return Window(pictures=made / wall, machine=machine / wall, **cores)


def _own() -> int:
    return psutil.Process().pid


async def turn(server: str, workers: int, seconds: float, window: float) -> Window:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = await stack.enter_async_context(fresh_postgres(server))
        home = await stack.enter_async_context(house(folder))
        for user in range(FIRST_USER, FIRST_USER + USERS):
            home.playground.add_user(user, f"User {user}")
        home.service.plan = Plan(seconds=seconds)
        home.service.plans.extend(spread(seconds))
        use(home, url, **SETTINGS)
        crew = await stack.enter_async_context(processes(home))
        edge = await crew.edge()
        most = workers * ReplicateProvider.max_concurrency * (window + SETTLED + 5) / seconds
        await queue_up(home, url, int(1.3 * most))
        pids = await start(crew, workers)
        await asyncio.sleep(SETTLED + seconds)
        return await watch(url, edge.pid, pids, window)


async def start(crew: Processes, workers: int) -> list[int]:
    return [each.pid for each in await asyncio.gather(*(crew.worker() for _ in range(workers)))]


def report(windows: dict[int, list[Window]]) -> None:
    print("| workers | pictures/s | to one | of all |", end="")
    print(f" CPU of a worker | edge | database | around | machine, of {CORES} |")
    print(f"|{'---|' * 9}")
    one: float | None = None
    for workers, seen in windows.items():
        pictures = statistics.median(each.pictures for each in seen)
        one = one or pictures / workers
        cells = [str(workers), f"{pictures:.2f}", f"{pictures / one:.2f} x"]
        cells.append(f"{pictures / one / workers:.2f}")
        cells += [
            f"{statistics.median(getattr(each, part) for each in seen):.2f}"
            for part in ("worker", "edge", "database", "around", "machine")
        ]
        print(f"| {' | '.join(cells)} |")


async def run(server: str, counts: list[int], rounds: int, seconds: float, window: float) -> None:
    windows: dict[int, list[Window]] = defaultdict(list)
    for _ in range(rounds):
        for workers in counts:
            windows[workers].append(await turn(server, workers, seconds, window))
            print(f"{workers} workers: {windows[workers][-1]}", flush=True)
    report(windows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("server")
    arguments.add_argument("--workers", default="1,2,4")
    arguments.add_argument("--seconds", type=float, default=10.0, help="a picture takes, +-50 %%")
    arguments.add_argument("--window", type=float, default=40.0, help="seconds of counting")
    arguments.add_argument("--rounds", type=int, default=2)
    given = arguments.parse_args()
    counts = [int(each) for each in given.workers.split(",")]
    asyncio.run(run(given.server, counts, given.rounds, given.seconds, given.window))


if __name__ == "__main__":
    main()
