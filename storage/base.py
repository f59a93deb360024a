"""The stores' interfaces. What is promised here is tested in tests/contracts over every engine.

A transaction is explicit and carries every store:

    async with storage.transaction() as tx:
        job, created = await tx.jobs.enqueue(new_job, now=now, ...)
        if created:
            await tx.quotas.reserve(job.user_id, job.id, job.cost, day=day, now=now)

or is given to the storage whole, where it awaits nothing but its stores: `await storage.write(accept)`. On
SQLite `accept(tx)` then runs in the database's thread, BEGIN and COMMIT with it: one way there and back
instead of one for each step, and each costs more than most statements do. So it must touch nothing
that the event loop's tasks change.

An exception inside rolls all of it back. Any of it may raise DatabaseAway, where the database is a
server: nothing has happened then (also where a commit's answer was lost: the transaction's fate is
looked up), and the whole transaction may be made again. Each promise is a guarded statement or a unique index,
never a read followed by a write. Time always comes from the caller.
"""

from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from storage.interfaces.administration import (
    AuditStore,
    BroadcastStore,
    ControlStore,
    StatisticsStore,
    VerdictStore,
)
from storage.interfaces.chats import ChatStore, DraftStore, PaceStore
from storage.interfaces.jobs import JobStore
from storage.interfaces.people import ForgettingStore, InviteStore, PeopleStore, UserStore
from storage.interfaces.pictures import ArtifactStore, RetentionStore
from storage.interfaces.quotas import QuotaStore
from storage.leadership import Leadership
from storage.news import Hear
from storage.records import StoredBlob


class Stores(Protocol):
    """Every store, bound to one transaction."""

    @property
    def users(self) -> UserStore: ...

    @property
    def chats(self) -> ChatStore: ...

    @property
    def quotas(self) -> QuotaStore: ...

    @property
    def jobs(self) -> JobStore: ...

    @property
    def artifacts(self) -> ArtifactStore: ...

    @property
    def verdicts(self) -> VerdictStore: ...

    @property
    def people(self) -> PeopleStore: ...

    @property
    def invites(self) -> InviteStore: ...

    @property
    def forgetting(self) -> ForgettingStore: ...

    @property
    def retention(self) -> RetentionStore: ...

    @property
    def audit(self) -> AuditStore: ...

    @property
    def controls(self) -> ControlStore: ...

    @property
    def paces(self) -> PaceStore: ...

    @property
    def broadcasts(self) -> BroadcastStore: ...

    @property
    def statistics(self) -> StatisticsStore: ...

    @property
    def drafts(self) -> DraftStore: ...


T = TypeVar("T")
Work = Callable[[Stores], Coroutine[Any, Any, T]]


class Storage(Protocol):
    def transaction(self) -> AbstractAsyncContextManager[Stores]:
        """A write transaction: committed at the end of the block, rolled back on an exception."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Stores]:
        """A consistent read-only view; never waits for a writer on SQLite."""
        ...

    async def write(self, work: Work[T]) -> T:
        """A `transaction()` given whole. Canceled on its way, it may have happened."""
        ...

    async def read(self, work: Work[T]) -> T:
        """A `reading()` given whole."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other processes may work on it."""
        ...

    async def listen(self, hear: Hear) -> None:
        """For ever: pass on what any process stores. Returns where there is only one."""
        ...

    async def lead(self, what: int) -> Leadership:
        """Waits until no other process does, also while the database is away."""
        ...

    async def close(self) -> None: ...


class BlobStore(Protocol):
    """Pictures by content: the key is the SHA-256 of the bytes, in hex.

    Any of it may raise PicturesAway: the place can't be worked with now, a full disk say. Nothing
    is lost by that, and it may be tried again.
    """

    async def put(self, data: bytes) -> str:
        """Store durably before returning the key. Idempotent; a picture put again is as young as a
        new one, and whole again where it was damaged.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Raises PictureMissing; PictureDamaged, one of that kind, where the bytes aren't those that
        were put.
        """
        ...

    async def delete(self, key: str, *, put_before: datetime | None = None) -> None:
        """Idempotent. With `put_before`, only a picture that wasn't put again since."""
        ...

    async def page(self, *, after: str = "", limit: int) -> list[StoredBlob]:
        """The next `limit` of all pictures, by key, beyond the key `after`."""
        ...

    async def tidy(self, *, before: datetime) -> None:
        """Clear away what was begun before then and never finished."""
        ...
