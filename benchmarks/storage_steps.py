"""The life of one job in the database, step by step: what `storage` and `storage_floor` time."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from storage.base import Storage
from storage.records import Job, JobState, NewArtifact, NewJob, Outcome, QuotaDay

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
DAY = QuotaDay(NOW.date(), NOW + timedelta(hours=12), daily_limit=10**9)
WHOLE, CPU = "the whole job", "CPU of it"

T = TypeVar("T")


class Watch(Protocol):
    async def step(self, name: str, work: Awaitable[T]) -> T: ...


class Stopwatch:
    """Seconds by step."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)

    async def step(self, name: str, work: Awaitable[T]) -> T:
        start = time.perf_counter()
        try:
            return await work
        finally:
            self.times[name].append(time.perf_counter() - start)

    async def whole(self, work: Awaitable[None]) -> None:
        cpu = time.process_time()
        await self.step(WHOLE, work)
        self.times[CPU].append(time.process_time() - cpu)


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


async def one_job(storage: Storage, user_id: int, number: int, watch: Watch) -> None:
    """The same job for the same user and number, whatever database it is in."""
    await watch.step("reserve + enqueue", reserve_and_enqueue(storage, user_id, number))
    job = await watch.step("claim", claim(storage, f"lease-{number}"))
    await watch.step("position", position(storage, job.id))
    await watch.step("submit (2 transactions)", submit(storage, job))
    key = hashlib.sha256(str(number).encode()).hexdigest()
    await watch.step("finish + settle", settle(storage, job, key))
    await watch.step("deliver (2 transactions)", deliver(storage))
