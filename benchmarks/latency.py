"""From a request about to be stored to its start in another process, woken by the database.

    python -m benchmarks.latency postgresql+asyncpg://user@host/empty_database [--jobs 200]

A process of its own listens and claims as the worker does; this one enqueues, a job at a time. The
baseline in the same run is a bare NOTIFY to a bare listener, by the driver alone. Nothing is asserted:
the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import multiprocessing
import secrets
import time
from datetime import timedelta
from multiprocessing.connection import Connection

import asyncpg
from sqlalchemy import make_url

from providers.clock import SystemClock
from storage.base import Storage
from storage.engine import open_storage
from storage.news import News
from storage.records import NewJob

CLOCK = SystemClock()
PAUSE = 0.02  # seconds between two jobs


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def enqueue(storage: Storage, number: int) -> None:
    now = CLOCK.now()
    new = NewJob(
        chat_id=1,
        message_id=number,
        thread_id=None,
        user_id=number,
        chat_kind="private",
        provider="replicate",
        model="kandinsky-2.2",
        cost=1,
        spec={"prompt": "a fox"},
        deadline=now + timedelta(hours=1),
    )
    async with storage.transaction() as tx:
        await tx.jobs.enqueue(new, queued_limit=50, now=now)


async def work(url: str, told: Connection) -> None:
    storage, bell = await open_storage(url), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(storage.listen(lambda news, _: news is News.JOBS and bell.set()))
        while True:
            await bell.wait()
            bell.clear()
            while (number := await claim(storage)) is not None:
                told.send((number, time.monotonic()))


async def claim(storage: Storage) -> int | None:
    now = CLOCK.now()
    async with storage.transaction() as tx:
        job = await tx.jobs.claim(
            lease=secrets.token_hex(8),
            lease_until=now + timedelta(seconds=30),
            providers=["replicate"],
            max_running_per_user=2,
            now=now,
        )
    return job.message_id if job is not None else None


async def echo(url: str, told: Connection) -> None:
    connection = await asyncpg.connect(url)
    await connection.add_listener(
        "bare", lambda _, __, ___, number: told.send((int(number), time.monotonic()))
    )
    await asyncio.Event().wait()


def run_work(url: str, told: Connection) -> None:
    asyncio.run(work(url, told))


def run_echo(url: str, told: Connection) -> None:
    asyncio.run(echo(url, told))


async def ours(url: str, jobs: int, heard: Connection) -> list[float]:
    storage = await open_storage(url)
    began: dict[int, float] = {}
    for number in range(1, jobs + 1):
        began[number] = time.monotonic()
        await enqueue(storage, number)
        await asyncio.sleep(PAUSE)
    await storage.close()
    return await collect(began, heard)


async def bare(url: str, jobs: int, heard: Connection) -> list[float]:
    connection = await asyncpg.connect(url)
    began: dict[int, float] = {}
    for number in range(1, jobs + 1):
        began[number] = time.monotonic()
        await connection.execute("SELECT pg_notify('bare', $1)", str(number))
        await asyncio.sleep(PAUSE)
    await connection.close()
    return await collect(began, heard)


async def collect(began: dict[int, float], heard: Connection) -> list[float]:
    """Milliseconds; the clock is one for all processes of a machine."""
    waits = []
    for _ in began:
        number, at = await asyncio.to_thread(heard.recv)
        waits.append((at - began[number]) * 1000)
    return waits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--jobs", type=int, default=200)
    options = parser.parse_args()
    plain = make_url(options.url).set(drivername="postgresql").render_as_string(False)
    asyncio.run(prepare(options.url))
    print("| | p50, ms | p95, ms | most, ms |\n|---|---|---|---|")
    for name, there, here, url in (
        ("bare NOTIFY to a bare listener", run_echo, bare, plain),
        ("enqueue to start", run_work, ours, options.url),
    ):
        heard, told = multiprocessing.Pipe(duplex=False)
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=there, args=(url, told), daemon=True)
        process.start()
        time.sleep(5)  # by then it listens
        waits = asyncio.run(here(url, options.jobs, heard))
        process.terminate()
        p50, p95 = percentile(waits, 0.50), percentile(waits, 0.95)
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {max(waits):.1f} |")


async def prepare(url: str) -> None:
    storage = await open_storage(url)
    await storage.close()


if __name__ == "__main__":
    main()
