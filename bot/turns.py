"""Whose turn it is at a job's message, where several processes work (see `storage/messages.py`).

Alone, it always is ours.
"""

from datetime import datetime, timedelta

from bot.telegram.pace import GROUP_SPACING, PRIVATE_SPACING
from bot.usecases.outage import waits_out
from providers.clock import Clock
from storage.base import Storage
from storage.paces import EVERYBODY
from storage.records import FreeMessage

EDIT_TIME = 10
"""Seconds a call may take that edits a running job's or a queued job's message: less than a hold."""

AMONG_ALL = timedelta(milliseconds=50)
"""Between two edits of all processes: Telegram takes about 30 calls a second, and results come first."""


class Turns:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    @property
    def shared(self) -> bool:
        return self._storage.shared

    async def take(self, job_id: int) -> bool:
        """Of a queued job, before an edit. Raises DatabaseAway."""
        if not self.shared:
            return True
        async with self._storage.transaction() as tx:
            return await tx.jobs.hold_message(job_id, now=self._clock.now())

    @waits_out
    async def leave(self, job_id: int) -> None:
        """After it."""
        if self.shared:
            async with self._storage.transaction() as tx:
                await tx.jobs.release_message(job_id)

    async def take_over(self, job_id: int) -> FreeMessage | None:
        """Of a job that now runs here: None until whoever accepted it is done. Nobody takes it
        again while it runs. Raises DatabaseAway.
        """
        async with self._storage.reading() as view:
            return await view.jobs.free_message(job_id, now=self._clock.now())

    async def may_edit(self, chat_id: int) -> bool:
        """Whether now is the time for an edit there, with all processes' edits in mind. Raises
        DatabaseAway.
        """
        if not self.shared:
            return True
        now = self._clock.now()
        spacing = timedelta(seconds=GROUP_SPACING if chat_id < 0 else PRIVATE_SPACING)
        async with self._storage.transaction() as tx:
            return await tx.paces.claim_call(EVERYBODY, spacing=AMONG_ALL, now=now) and (
                await tx.paces.claim_call(chat_id, spacing=spacing, now=now)
            )

    def in_time(self, lease_until: datetime | None) -> bool:
        """Whether an edit now is over before anybody else may run the job."""
        margin = timedelta(seconds=EDIT_TIME)
        return not self.shared or lease_until is None or self._clock.now() + margin < lease_until
