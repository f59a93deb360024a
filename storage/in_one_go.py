"""A whole transaction given to the storage at once, where it awaits nothing but its stores.

    async def accept(tx: Stores) -> Job:
        job, _ = await tx.jobs.enqueue(new_job, now=now, ...)
        await tx.quotas.reserve(job.user_id, job.id, job.cost, day=day, now=now)
        return job

    job = await write(storage, accept)

On SQLite `accept` then runs in the database's thread, BEGIN and COMMIT with it: one way there and back
instead of one for each step, and each costs more than most statements do. So it must touch
nothing that the event loop's tasks change. Canceled on its way, it may have happened, as where a
transaction is canceled during its COMMIT.
"""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from storage.base import Storage, Stores
from storage.sqlite import SqliteStorage

T = TypeVar("T")

Work = Callable[[Stores], Coroutine[Any, Any, T]]


async def write(storage: Storage, work: Work[T]) -> T:
    """Like `storage.transaction()`."""
    if isinstance(storage, SqliteStorage):
        return await storage.write(work)
    async with storage.transaction() as tx:
        return await work(tx)


async def read(storage: Storage, work: Work[T]) -> T:
    """Like `storage.reading()`."""
    if isinstance(storage, SqliteStorage):
        return await storage.read(work)
    async with storage.reading() as view:
        return await work(view)
