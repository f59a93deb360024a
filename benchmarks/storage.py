"""What a job costs in the database, and whether it costs more as the file grows.

    python -m benchmarks.storage [--jobs 300] [--sizes 1000,100000,1000000] [--folder DIR] [--url postgresql+asyncpg://...]

Every size is a SQLite file of its own with so many users and finished jobs. The files take turns
job by job, so that whatever else the machine does falls on all of them alike. With --url the
empty database there is measured instead, without sizes.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from storage.base import Storage
from storage.engine import open_storage
from storage.migrate import migrate
from storage.records import Job, JobState, NewArtifact, NewJob, Outcome, QuotaDay
from storage.sqlite import connect

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
DAY = QuotaDay(NOW.date(), NOW + timedelta(hours=12), daily_limit=10**9)

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :size) "
PAST = "2026-03-01 12:00:00.000000"
HISTORY = (
    "INSERT INTO users (id, username, seen_at) SELECT i, 'user' || i, :past FROM n",
    "INSERT INTO quota_accounts (user_id, day, spent) SELECT i, '2026-03-01', 1 FROM n",
    "INSERT INTO jobs (id, chat_id, message_id, user_id, chat_kind, provider, model, cost, spec,"
    " state, reason_data, turn, attempts, delivery, delivery_attempts, delivery_due, created_at,"
    " started_at, finished_at, deadline) SELECT i, i, 1, i, 'private', 'local', 'sdxl', 1,"
    """ '{"prompt": "a fox in the snow at dawn, watercolor", "width": 1024, "height": 1024}',"""
    " 'succeeded', '{}', i, 1, 'delivered', 1, :past, :past, :past, :past, :past FROM n",
    "INSERT INTO reservations (job_id, user_id, day, daily, extra, state, captured_daily,"
    " created_at, settled_at) SELECT i, i, '2026-03-01', 1, 0, 'captured', 1, :past, :past FROM n",
    "INSERT INTO ledger (user_id, job_id, kind, day, daily, extra, created_at)"
    " SELECT i, i, 'hold', '2026-03-01', 1, 0, :past FROM n",
    "INSERT INTO ledger (user_id, job_id, kind, day, daily, extra, created_at)"
    " SELECT i, i, 'capture', '2026-03-01', 1, 0, :past FROM n",
    "INSERT INTO submissions (job_id, part, provider, state, remote_id, created_at)"
    " SELECT i, 0, 'local', 'ended', 'r' || i, :past FROM n",
    "INSERT INTO artifacts (job_id, part, position, sha256, media_type, width, height, size,"
    " created_at) SELECT i, 0, 0, printf('%064d', i), 'image/png', 1024, 1024, 10, :past FROM n",
)

T = TypeVar("T")
Times = dict[str, list[float]]


def fill(path: Path, size: int) -> None:
    """A file with `size` users who have had a job each."""
    migrate(f"sqlite+aiosqlite:///{path}")
    raw = connect(path)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA cache_size = -200000")
    raw.execute("BEGIN")
    for insert in HISTORY:
        head, select = insert.split(" SELECT ", 1)
        raw.execute(f"{head} {NUMBERS} SELECT {select}", {"size": size, "past": PAST})
    raw.execute("COMMIT")
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    os.sync()  # or the first commits to be measured would wait for the disk on behalf of all this


def there(found: T | None) -> T:
    if found is None:
        raise LookupError("the database is not as this benchmark left it")
    return found


async def reserve_and_enqueue(storage: Storage, user_id: int, message_id: int) -> None:
    async with storage.transaction() as tx:
        new = NewJob(
            chat_id=user_id,
            message_id=message_id,
            thread_id=None,
            user_id=user_id,
            chat_kind="private",
            provider="local",
            model="sdxl",
            cost=1,
            spec={"prompt": "a fox in the snow at dawn, watercolor", "width": 1024},
            deadline=SOON,
        )
        job, _ = await tx.jobs.enqueue(new, queued_limit=10, now=NOW)
        await tx.quotas.reserve(user_id, job.id, 1, day=DAY, now=NOW)


async def position(storage: Storage, job_id: int) -> None:
    async with storage.reading() as tx:
        await tx.jobs.position(job_id)


async def claim(storage: Storage, lease: str) -> Job:
    async with storage.transaction() as tx:
        job = await tx.jobs.claim(
            lease=lease,
            lease_until=SOON,
            providers=["local", "segmind"],
            max_running_per_user=2,
            now=NOW,
        )
    return there(job)


async def submit(storage: Storage, job: Job) -> None:
    async with storage.transaction() as tx:
        opened = await tx.jobs.open_submission(
            job.id, job.lease or "", part=0, images=1, provider="local", now=NOW
        )
    async with storage.transaction() as tx:
        await tx.jobs.record_remote_id(there(opened)[0].id, "remote")


async def settle(storage: Storage, job: Job, key: str) -> None:
    new = NewArtifact(
        part=0, position=0, sha256=key, media_type="image/png",
        width=1024, height=1024, seed=7, size=10,
    )  # fmt: skip
    async with storage.transaction() as tx:
        await tx.artifacts.add(job.id, job.lease or "", new, now=NOW)
        await tx.jobs.finish(job.id, Outcome(JobState.SUCCEEDED, 1), lease=job.lease, now=NOW)
        await tx.quotas.settle(job.id, 1, now=NOW)


async def deliver(storage: Storage) -> None:
    async with storage.transaction() as tx:
        job = await tx.jobs.claim_delivery(now=NOW, lease_until=SOON)
    async with storage.transaction() as tx:
        await tx.jobs.end_delivery(there(job).id, delivered=True)


async def one_job(storage: Storage, user_id: int, number: int, times: Times) -> None:
    async def timed(step: str, work: Awaitable[T]) -> T:
        start = time.perf_counter()
        try:
            return await work
        finally:
            times[step].append(time.perf_counter() - start)

    before = time.perf_counter()
    cpu = time.process_time()
    await timed("reserve+enqueue", reserve_and_enqueue(storage, user_id, number))
    job = await timed("claim", claim(storage, f"lease-{number}"))
    await timed("position", position(storage, job.id))
    await timed("submit (2 tx)", submit(storage, job))
    await timed("finish+settle", settle(storage, job, f"{random.getrandbits(256):064x}"))
    await timed("deliver (2 tx)", deliver(storage))
    times["the whole job"].append(time.perf_counter() - before)
    times["CPU of it"].append(time.process_time() - cpu)


async def measure(storages: dict[int, Storage], jobs: int) -> dict[int, Times]:
    """Seconds of each step of each job, by size; the files take turns."""
    times: dict[int, Times] = {size: defaultdict(list) for size in storages}
    warm_up: Times = defaultdict(list)
    for number in range(jobs + 20):
        order = random.sample(sorted(storages), len(storages))
        for size in order:
            user_id = random.randint(1, size)  # noqa: S311 - no secret
            kept = times[size] if number >= 20 else warm_up
            await one_job(storages[size], user_id, 10 + number, kept)
    return times


def report(times: dict[int, Times]) -> None:
    sizes = sorted(times)
    small = times[sizes[0]]
    print(f"{'':18}" + "".join(f"{f'{size:,} jobs':>22}" for size in sizes) + f"{'ratio':>9}")
    for step in small:
        medians = [statistics.median(times[size][step]) for size in sizes]
        cells = "".join(f"{m * 1e6:11,.0f} us{1 / m:6,.0f}/s" for m in medians)
        print(f"{step:18}{cells}{medians[-1] / medians[0]:9.2f}")


async def run(sizes: list[int], jobs: int, parent: str | None, url: str | None) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=parent)))
        urls = {0: url} if url else {size: make(folder, size) for size in sizes}
        storages = {}
        for size, address in urls.items():
            storages[size or 1] = await open_storage(address)
            stack.push_async_callback(storages[size or 1].close)
        report(await measure(storages, jobs))


def make(folder: Path, size: int) -> str:
    path = folder / f"{size}.db"
    start = time.perf_counter()
    fill(path, size)
    megabytes = path.stat().st_size / 1e6
    print(f"{size:,} jobs: {megabytes:,.0f} MB in {time.perf_counter() - start:.0f} s", flush=True)
    return f"sqlite+aiosqlite:///{path}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--jobs", type=int, default=300)
    arguments.add_argument("--sizes", default="1000,100000,1000000")
    arguments.add_argument(
        "--folder", help="where the files go, e.g. /dev/shm to leave out the disk"
    )
    arguments.add_argument("--url")
    given = arguments.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    asyncio.run(run(sizes, given.jobs, given.folder, given.url))


if __name__ == "__main__":
    main()
