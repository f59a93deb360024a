"""The ledger: units held, captured and released."""

from datetime import datetime
from typing import Protocol

from storage.records import QuotaDay, QuotaView


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

    async def revoke(self, user_id: int, units: int, *, now: datetime) -> int:
        """Take extra units back, as far as there are and no job holds them; returns how many."""
        ...

    async def set_limit(self, user_id: int, limit: int | None) -> None:
        """Daily units from now on, also for a user never seen; None: what the settings say."""
        ...

    async def reset(self, user_id: int, *, day: QuotaDay, now: datetime) -> int:
        """Forgive what was spent today; what is held stays held. Returns how many units."""
        ...

    async def transfer(self, old_id: int, new_id: int, *, now: datetime) -> None:
        """All of an account goes to another: spent and extra units, open reservations, and its own
        limit where the other has none. Idempotent.
        """
        ...
