"""Moving the times of jobs, when somebody has set the clock they are compared with."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update

from storage.session import Sql, SqlStore
from storage.tables import TO_DELETE, UNDELIVERED, UNFINISHED, UtcDateTime, jobs

_TIMES = [column for column in jobs.columns if isinstance(column.type, UtcDateTime)]
_IN_HAND = select(jobs.c.id, *_TIMES).where(or_(UNFINISHED, UNDELIVERED, TO_DELETE))
_MOVE = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values({column: bindparam(f"new_{column.name}", type_=column.type) for column in _TIMES})
)


class JobTimes(SqlStore):
    async def move_times(self, by: timedelta) -> None:
        def work(sql: Sql) -> None:
            for job_id, *times in sql.all(_IN_HAND):
                moved = map(_moved, times, [by] * len(times))
                names = (f"new_{column.name}" for column in _TIMES)
                sql.count(_MOVE, job=job_id, **dict(zip(names, moved, strict=True)))

        await self._session.run(work)


def _moved(moment: datetime | None, by: timedelta) -> datetime | None:
    return None if moment is None else moment + by
