"""What store tests are built from. Everything happens around NOW."""

from datetime import UTC, date, datetime, timedelta

from storage.base import Storage
from storage.records import Job, NewArtifact, NewJob, Outcome, QuotaDay

NOW = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(minutes=10)
TODAY = NOW.date()
TOMORROW = NOW + timedelta(days=1)


def new_job(message_id: int, *, user_id: int = 1, chat_id: int = 100, **changes: object) -> NewJob:
    fields = {
        "thread_id": None,
        "chat_kind": "private",
        "provider": "local",
        "model": "kandinsky-2.2",
        "cost": 1,
        "spec": {"prompt": "лиса 🦊", "n": [1, None]},
        "deadline": LATER,
    }
    return NewJob(chat_id=chat_id, message_id=message_id, user_id=user_id, **{**fields, **changes})


def quota_day(limit: int, day: date = TODAY) -> QuotaDay:
    return QuotaDay(day, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(1), limit)


def new_artifact(position: int = 0, *, part: int = 0, sha256: str = "ab" * 32) -> NewArtifact:
    return NewArtifact(
        part=part,
        position=position,
        sha256=sha256,
        media_type="image/png",
        width=64,
        height=48,
        seed=2**40,
        size=1234,
    )


async def enqueue(storage: Storage, message_id: int, **fields: object) -> Job:
    async with storage.transaction() as tx:
        job, created = await tx.jobs.enqueue(new_job(message_id, **fields), now=NOW)
    assert created
    return job


async def claim(
    storage: Storage,
    lease: str = "lease",
    *,
    providers: tuple[str, ...] = ("local",),
    cap: int = 100,
    until: datetime = SOON,
    now: datetime = NOW,
) -> Job | None:
    async with storage.transaction() as tx:
        return await tx.jobs.claim(
            lease=lease,
            lease_until=until,
            providers=providers,
            max_running_per_user=cap,
            now=now,
        )


async def running_job(storage: Storage, message_id: int = 1, **fields: object) -> Job:
    """A job claimed under the lease "lease-<message_id>"; the queue must be empty before."""
    await enqueue(storage, message_id, **fields)
    job = await claim(storage, f"lease-{message_id}")
    assert job is not None and job.message_id == message_id
    return job


async def end(storage: Storage, job: Job, outcome: Outcome, *, now: datetime = NOW) -> bool:
    async with storage.transaction() as tx:
        return await tx.jobs.finish(job.id, outcome, lease=job.lease, now=now)


async def fetch(storage: Storage, job_id: int) -> Job:
    async with storage.reading() as tx:
        job = await tx.jobs.get(job_id)
    assert job is not None
    return job
