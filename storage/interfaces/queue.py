"""Jobs in the queue, while they run, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from storage.records import Heartbeat, Job, NewJob, Outcome


class QueueStore(Protocol):
    """Jobs from their acceptance to their outcome."""

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

    async def last_of(self, user_id: int, chat_id: int, *, before: int | None = None) -> Job | None:
        """The last one a user asked for in a chat, whatever became of it; `before`: a job's id."""
        ...

    async def mark_pooled(self, job_id: int) -> None:
        """The chat's shared units pay for it."""
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

    async def queued_at(self, provider: str, *, after: int = 0) -> list[Job]:
        """Those queued for this provider with an id beyond `after`, by id."""
        ...

    async def redirect(
        self, job_id: int, *, away_from: str, provider: str, model: str, spec: Mapping[str, Any]
    ) -> bool:
        """Queue a job for another provider, at its old turn. False: it isn't queued there now."""
        ...

    async def move_times(self, by: timedelta) -> None:
        """The clock was set by so much: so are all times of jobs that are unfinished, not yet
        delivered, or to be deleted from their chat.
        """
        ...

    # What has been made, for whom it was made.

    async def succeeded_of(
        self, user_id: int, *, before: int | None = None, limit: int
    ) -> list[Job]:
        """A user's jobs that made something, newest first; with `before`, those older than it."""
        ...

    async def succeeded_after(self, user_id: int, job_id: int, *, limit: int) -> list[Job]:
        """The ones that came next after that job; of these the newest first."""
        ...
