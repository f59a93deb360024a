"""Whose turn it is at a job's message: edits by two processes must never overtake each other.

Whoever accepts a job may at once send its message and, while it is queued, edit it; whoever runs it
edits it then; whoever ended it brings the outcome. A hold covers a call that is on its way when the
next one's turn comes. It ends with the call, or by itself where its process is dead.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    String,
    and_,
    bindparam,
    case,
    false,
    func,
    null,
    or_,
    select,
    update,
)

from storage.news import News
from storage.records import DeliveryState, FreeMessage
from storage.session import Sql, SqlStore
from storage.tables import QUEUED, UNDELIVERED, UNFINISHED, UtcDateTime, jobs

HOLD = timedelta(seconds=15)
"""Longer than a call to Telegram may take that is made under it."""

_me = bindparam("me", type_=String())
_now = bindparam("now", type_=UtcDateTime())
_by_id = update(jobs).where(jobs.c.id == bindparam("job", type_=BigInteger()))

FREE = or_(jobs.c.message_until.is_(None), jobs.c.message_until <= _now, jobs.c.message_by == _me)
"""No other process than `me` is at the message, as of `now`."""

TAKEN = {
    "message_by": case((FREE, _me), else_=jobs.c.message_by),
    "message_until": case(
        (FREE, bindparam("hold_until", type_=UtcDateTime())), else_=jobs.c.message_until
    ),
}
"""Held by `me`, where it isn't another's."""

_HELD = and_(jobs.c.message_by == _me, jobs.c.message_until > _now)
_HOLD = _by_id.where(FREE, or_(QUEUED, _HELD)).values(
    message_by=_me, message_until=bindparam("hold_until", type_=UtcDateTime())
)
_RELEASE = (
    _by_id.where(jobs.c.message_by == _me)
    .values(message_by=null(), message_until=null())
    .returning(jobs.c.delivery)
)
_RELEASE_ALL = (
    update(jobs)
    .where(or_(UNFINISHED, UNDELIVERED), jobs.c.message_until.is_not(None))
    .values(message_by=null(), message_until=null())
)
_IF_FREE = select(jobs.c.status_message_id, func.coalesce(jobs.c.message_by == _me, false())).where(
    jobs.c.id == bindparam("job"), FREE
)
_SET = _by_id.values(status_message_id=bindparam("message", type_=BigInteger()))


class JobMessages(SqlStore):
    async def set_status_message(self, job_id: int, message_id: int) -> None:
        await self._count(_SET, job=job_id, message=message_id)

    async def clear_status_message(self, job_id: int) -> None:
        await self._count(_SET, job=job_id, message=None)

    async def hold_message(self, job_id: int, *, now: datetime) -> bool:
        return await self._count(_HOLD, job=job_id, hold_until=now + HOLD, **self._me(now)) == 1

    async def release_message(self, job_id: int) -> None:
        def work(sql: Sql) -> None:
            freed = sql.first(_RELEASE, job=job_id, me=self._session.process)
            if freed is not None and freed[0] is DeliveryState.PENDING:
                sql.notify(News.DELIVERIES)  # an outcome came meanwhile, and waits

        await self._session.run(work)

    async def release_messages(self) -> int:
        return await self._count(_RELEASE_ALL)

    async def free_message(self, job_id: int, *, now: datetime) -> FreeMessage | None:
        row = await self._first(_IF_FREE, job=job_id, **self._me(now))
        return FreeMessage(row[0], bool(row[1])) if row else None

    def _me(self, now: datetime) -> dict[str, object]:
        return {"me": self._session.process, "now": now}
