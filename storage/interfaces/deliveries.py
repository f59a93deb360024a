"""A job's one message, until its outcome is shown and for as long as it stays."""

from datetime import datetime
from typing import Protocol

from storage.records import FreeMessage, Job


class DeliveryStore(Protocol):
    """The message in the chat, the delivery of the outcome, and its deletion."""

    async def set_status_message(self, job_id: int, message_id: int) -> None: ...

    async def clear_status_message(self, job_id: int) -> None:
        """The message is gone from the chat: the outcome needs a new one."""
        ...

    async def hold_message(self, job_id: int, *, now: datetime) -> bool:
        """Before sending it, or an edit while the job is queued: True where no other process is at
        the message. None will be before it is released, or the hold has lapsed; not even with the
        outcome.

        Whoever enqueues a job holds its message, also when it starts elsewhere meanwhile; and
        whoever ends it.
        """
        ...

    async def release_message(self, job_id: int) -> None: ...

    async def release_messages(self) -> int:
        """On SQLite at start, as with `requeue_all`."""
        ...

    async def free_message(self, job_id: int, *, now: datetime) -> FreeMessage | None:
        """The message, None while another process is at it."""
        ...

    async def claim_delivery(self, *, now: datetime, lease_until: datetime) -> Job | None:
        """The oldest outcome that is pending and due, with no other process at its message; not
        due again before `lease_until`.

        Counts the attempt.
        """
        ...

    async def postpone_delivery(self, job_id: int, *, until: datetime) -> None: ...

    async def release_deliveries(self) -> int:
        """On SQLite at start, as with `requeue_all`: every pending outcome is due, oldest first."""
        ...

    async def end_delivery(self, job_id: int, *, delivered: bool) -> None: ...

    async def plan_deletion(self, job_id: int, *, at: datetime) -> None:
        """The job's message is to be taken out of the chat then."""
        ...

    async def claim_deletion(self, *, now: datetime, lease_until: datetime) -> Job | None:
        """One whose message is due to go; not due again before `lease_until`."""
        ...

    async def end_deletion(self, job_id: int) -> None: ...
