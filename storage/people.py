"""What a person did, looked up for those who run the bot."""

from datetime import datetime

from sqlalchemy import Integer, bindparam, func, select

from storage.queue import JOB, job_from
from storage.records import Job, JobState
from storage.session import SqlStore
from storage.tables import UtcDateTime, jobs, ledger

_JOBS = (
    select(*JOB)
    .where(jobs.c.user_id == bindparam("user"))
    .order_by(jobs.c.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
_COUNTS = (
    select(jobs.c.state, func.count())
    .where(jobs.c.user_id == bindparam("user"))
    .group_by(jobs.c.state)
)
_SPENT = select(func.coalesce(func.sum(ledger.c.daily + ledger.c.extra), 0)).where(
    ledger.c.user_id == bindparam("user"),
    ledger.c.kind == "capture",
    ledger.c.created_at >= bindparam("since", type_=UtcDateTime()),
)


class SqlPeople(SqlStore):
    async def newest_jobs(self, user_id: int, *, limit: int) -> list[Job]:
        return [job_from(row) for row in await self._all(_JOBS, user=user_id, limit=limit)]

    async def job_counts(self, user_id: int) -> dict[JobState, int]:
        return dict(await self._all(_COUNTS, user=user_id))  # type: ignore[arg-type]  # rows of two columns

    async def spent(self, user_id: int, *, since: datetime) -> int:
        return int((await self._one(_SPENT, user=user_id, since=since))[0])
