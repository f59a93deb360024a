"""What a user's finished jobs gave, page by page. A page is found by a job's id, not by a number:
it shows the same whatever was made since.
"""

from sqlalchemy import Integer, bindparam, select

from storage.queue import JOB, job_from
from storage.records import Job
from storage.session import SqlStore
from storage.tables import SUCCEEDED, jobs

_OF_USER = (
    select(*JOB)
    .where(SUCCEEDED, jobs.c.user_id == bindparam("user"))
    .limit(bindparam("limit", type_=Integer()))
)
_OLDER = _OF_USER.where(jobs.c.id < bindparam("before")).order_by(jobs.c.id.desc())
_NEWER = _OF_USER.where(jobs.c.id > bindparam("after")).order_by(jobs.c.id)
_NO_ID = 2**62


class JobArchive(SqlStore):
    async def succeeded_of(
        self, user_id: int, *, before: int | None = None, limit: int
    ) -> list[Job]:
        rows = await self._all(_OLDER, user=user_id, before=before or _NO_ID, limit=limit)
        return [job_from(row) for row in rows]

    async def succeeded_after(self, user_id: int, job_id: int, *, limit: int) -> list[Job]:
        rows = await self._all(_NEWER, user=user_id, after=job_id, limit=limit)
        return [job_from(row) for row in reversed(rows)]
