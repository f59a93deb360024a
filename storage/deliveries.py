"""Getting each outcome into its message."""

from datetime import datetime

from sqlalchemy import bindparam, select, update

from storage.messages import FREE
from storage.queue import JOB, job_from
from storage.records import DeliveryState, Job
from storage.session import SqlStore
from storage.tables import TO_DELETE, UNDELIVERED, UtcDateTime, jobs

_by_id = update(jobs).where(jobs.c.id == bindparam("job"))

_due = (
    select(jobs.c.id)
    .where(UNDELIVERED, jobs.c.delivery_due <= bindparam("now", type_=UtcDateTime()), FREE)
    .order_by(jobs.c.delivery_due, jobs.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = (
    update(jobs)
    .where(jobs.c.id == _due, UNDELIVERED)
    .values(
        delivery_attempts=jobs.c.delivery_attempts + 1,
        delivery_due=bindparam("until"),
    )
    .returning(*JOB)
)
_POSTPONE = _by_id.where(UNDELIVERED).values(delivery_due=bindparam("until"))
_RELEASE_ALL = update(jobs).where(UNDELIVERED).values(delivery_due=jobs.c.finished_at)
_END = _by_id.where(UNDELIVERED).values(delivery=bindparam("end"))

_gone_due = (
    select(jobs.c.id)
    .where(TO_DELETE, jobs.c.delete_due <= bindparam("now", type_=UtcDateTime()))
    .order_by(jobs.c.delete_due, jobs.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_SET_DELETION = _by_id.values(delete_due=bindparam("due"))
_CLAIM_DELETION = (
    update(jobs)
    .where(jobs.c.id == _gone_due, TO_DELETE)
    .values(delete_due=bindparam("until"))
    .returning(*JOB)
)


class JobDeliveries(SqlStore):
    async def claim_delivery(self, *, now: datetime, lease_until: datetime) -> Job | None:
        row = await self._first(_CLAIM, now=now, until=lease_until, me=self._session.process)
        return job_from(row) if row else None

    async def postpone_delivery(self, job_id: int, *, until: datetime) -> None:
        await self._count(_POSTPONE, job=job_id, until=until)

    async def release_deliveries(self) -> int:
        return await self._count(_RELEASE_ALL)

    async def end_delivery(self, job_id: int, *, delivered: bool) -> None:
        end = DeliveryState.DELIVERED if delivered else DeliveryState.UNDELIVERABLE
        await self._count(_END, job=job_id, end=end)

    async def plan_deletion(self, job_id: int, *, at: datetime) -> None:
        await self._count(_SET_DELETION, job=job_id, due=at)

    async def claim_deletion(self, *, now: datetime, lease_until: datetime) -> Job | None:
        row = await self._first(_CLAIM_DELETION, now=now, until=lease_until)
        return job_from(row) if row else None

    async def end_deletion(self, job_id: int) -> None:
        await self._count(_SET_DELETION, job=job_id, due=None)
