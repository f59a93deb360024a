"""The stores' interfaces. What is promised here is tested in tests/contracts over every engine.

A transaction is explicit and carries every store:

    async with storage.transaction() as tx:
        job, created = await tx.jobs.enqueue(new_job, now=now, ...)
        if created:
            await tx.quotas.reserve(job.user_id, job.id, job.cost, day=day, now=now)

An exception inside rolls all of it back. Each promise is a guarded statement or a unique index,
never a read followed by a write. Time always comes from the caller.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Protocol

from storage.records import (
    Artifact,
    Chat,
    Heartbeat,
    Job,
    NewArtifact,
    NewJob,
    Outcome,
    QuotaDay,
    QuotaView,
    Submission,
    User,
    VerdictCount,
)


class UserStore(Protocol):
    async def remember(
        self, user_id: int, *, username: str | None, language: str | None, now: datetime
    ) -> User:
        """Insert or refresh; one statement. Names the caller doesn't know (None) are kept."""
        ...

    async def get(self, user_id: int) -> User | None: ...

    async def count_request(self, user_id: int, *, per_minute: int, now: datetime) -> None:
        """Count one request in the current minute. Raises Throttled when it is one too many.

        Creates the user where it was never seen.
        """
        ...


class ChatStore(Protocol):
    async def remember(self, chat_id: int, *, kind: str, now: datetime) -> Chat:
        """Insert (private: enabled, any other: off) or refresh the kind."""
        ...

    async def get(self, chat_id: int) -> Chat | None: ...

    async def set_enabled(self, chat_id: int, enabled: bool, *, kind: str, now: datetime) -> None:
        """Turn a chat on or off, also one never seen; turning off allows one more hint."""
        ...

    async def claim_hint(self, chat_id: int) -> bool:
        """True exactly once per time the chat is off: the caller may say how to turn it on."""
        ...

    async def claim_notice(self, chat_id: int, *, every: float, now: datetime) -> bool:
        """True at most once in `every` seconds a chat, whoever asks: room for one refusal."""
        ...

    async def migrate(self, old_id: int, new_id: int, *, now: datetime) -> None:
        """A group became a supergroup: its row and its unfinished jobs follow. Idempotent."""
        ...


class QuotaStore(Protocol):
    async def reserve(
        self, user_id: int, job_id: int, units: int, *, day: QuotaDay, now: datetime
    ) -> None:
        """Hold units for a job, daily ones first. Raises QuotaExceeded, leaving nothing held.

        A job has one reservation at most (unique). Yesterday's unused hold never blocks today.
        """
        ...

    async def settle(self, job_id: int, units: int, *, now: datetime) -> bool:
        """Capture `units` of the job's hold (daily ones first) and release the rest.

        True the first time, False when the reservation was settled before (nothing changes).
        Units captured from a hold of an earlier day never count against today's allowance.
        """
        ...

    async def view(self, user_id: int, *, day: QuotaDay) -> QuotaView: ...

    async def grant(self, user_id: int, units: int, *, now: datetime) -> None:
        """Add extra units that don't expire, also for a user never seen."""
        ...


class JobStore(Protocol):
    async def enqueue(
        self, new: NewJob, *, queued_limit: int | None = None, now: datetime
    ) -> tuple[Job, bool]:
        """Insert a job, once per (chat_id, message_id). (job, False): it was there already.

        Its turn is the user's virtual time, so that users alternate whatever each has queued.
        Raises QueueFull where the user has `queued_limit` jobs waiting.
        """
        ...

    async def get(self, job_id: int) -> Job | None: ...

    async def of_message(self, chat_id: int, message_id: int) -> Job | None:
        """The job this message asked for, if it was enqueued."""
        ...

    async def claim(
        self,
        *,
        lease: str,
        lease_until: datetime,
        providers: Sequence[str],
        max_running_per_user: int,
        now: datetime,
    ) -> Job | None:
        """Take the queued job whose turn it is: state running, attempts + 1, `lease` on it.

        Passes over providers not named and users who have max_running_per_user running.
        `lease` must be new for every claim: it is the fence for all that follows.
        """
        ...

    async def heartbeat(self, job_id: int, lease: str, *, lease_until: datetime) -> Heartbeat: ...

    async def hand_back(self, job_id: int, lease: str) -> bool:
        """Put a running job back into the queue at its old turn; the attempt doesn't count."""
        ...

    async def requeue_expired(self, *, now: datetime) -> list[Job]:
        """Put running jobs whose lease ran out back into the queue at their old turn (their
        attempts stay counted); returns them as they are now.
        """
        ...

    async def requeue_all(self) -> int:
        """On SQLite at start, where no other process can be alive: every running job, at once."""
        ...

    async def request_cancel(self, job_id: int) -> Job | None:
        """Mark a queued or running job for cancellation; None where it has ended already."""
        ...

    async def finish(
        self, job_id: int, outcome: Outcome, *, lease: str | None, now: datetime
    ) -> bool:
        """End a job, once: running under this lease, or queued where lease is None.

        Sets the delivery to pending, and who made it where the outcome says so. False: it was
        not ours to end; nothing changed.
        """
        ...

    async def position(self, job_id: int) -> int | None:
        """1 for the next to be claimed; None where it is not queued."""
        ...

    async def active_of(self, user_id: int, *, chat_id: int | None = None) -> list[Job]:
        """Queued and running jobs of a user, oldest first."""
        ...

    async def unfinished(self) -> list[Job]:
        """Queued and running jobs of everyone, oldest turn first (status messages after a start)."""
        ...

    async def recent_durations(self, provider: str, model: str, *, limit: int = 20) -> list[float]:
        """Seconds from start to finish of the last succeeded jobs there."""
        ...

    # Submissions: the record of each call to a service.

    async def open_submission(
        self, job_id: int, lease: str, *, part: int, images: int, provider: str, now: datetime
    ) -> tuple[Submission, bool] | None:
        """Store "submitting" before the POST, at most one open submission a part (unique).

        (submission, False): an earlier try left this one open; None: the lease isn't ours any more.
        """
        ...

    async def record_remote_id(self, submission_id: int, remote_id: str) -> None: ...

    async def end_submission(self, submission_id: int) -> None: ...

    async def submissions_of(self, job_id: int) -> list[Submission]:
        """Oldest first."""
        ...

    async def remote_ids(self, provider: str, *, since: datetime) -> set[str]:
        """Of all submissions there that were opened at `since` or later, whosever they are."""
        ...

    # The message in the chat, and the delivery of the outcome.

    async def set_status_message(self, job_id: int, message_id: int) -> None: ...

    async def clear_status_message(self, job_id: int) -> None:
        """The message is gone from the chat: the outcome needs a new one."""
        ...

    async def claim_delivery(self, *, now: datetime, lease_until: datetime) -> Job | None:
        """The oldest outcome that is pending and due; not due again before `lease_until`.

        Counts the attempt.
        """
        ...

    async def postpone_delivery(self, job_id: int, *, until: datetime) -> None: ...

    async def release_deliveries(self) -> int:
        """On SQLite at start, as with `requeue_all`: every pending outcome is due, oldest first."""
        ...

    async def end_delivery(self, job_id: int, *, delivered: bool) -> None: ...


class ArtifactStore(Protocol):
    async def add(self, job_id: int, lease: str, new: NewArtifact, *, now: datetime) -> bool:
        """Record a stored picture, once per (job, part, position); False where the lease is lost."""
        ...

    async def of_job(self, job_id: int) -> list[Artifact]: ...

    async def set_file_id(self, artifact_id: int, file_id: str) -> None: ...

    async def drop_of_job(self, job_id: int) -> list[str]:
        """Forget a job's pictures (it was censored); returns the sha256 no other job uses."""
        ...


class VerdictStore(Protocol):
    async def count(self, counted: VerdictCount) -> None:
        """Add to what is counted already for this day, source, stage and status."""
        ...

    async def since(self, day: date) -> list[VerdictCount]:
        """Of that day and later ones, by day, source, stage and status."""
        ...


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


class Storage(Protocol):
    def transaction(self) -> AbstractAsyncContextManager[Stores]:
        """A write transaction: committed at the end of the block, rolled back on an exception."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Stores]:
        """A consistent read-only view; never waits for a writer on SQLite."""
        ...

    async def close(self) -> None: ...


class BlobStore(Protocol):
    """Pictures by content: the key is the SHA-256 of the bytes, in hex."""

    async def put(self, data: bytes) -> str:
        """Store durably (temporary file, fsync, rename) before returning the key. Idempotent."""
        ...

    async def get(self, key: str) -> bytes:
        """Raises PictureMissing."""
        ...

    async def delete(self, key: str) -> None:
        """Idempotent."""
        ...
