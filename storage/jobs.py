"""Jobs: the queue, submissions, messages and deliveries in one store, and looking jobs up."""

from sqlalchemy import Integer, bindparam, select

from storage.archive import JobArchive
from storage.deliveries import JobDeliveries
from storage.messages import JobMessages
from storage.queue import JOB, JobQueue, job_from
from storage.records import Job
from storage.redirects import JobRedirects
from storage.submissions import JobSubmissions
from storage.tables import SUCCEEDED, UNFINISHED, jobs
from storage.times import JobTimes

_GET = select(*JOB).where(jobs.c.id == bindparam("job"))
_OF_MESSAGE = select(*JOB).where(
    jobs.c.chat_id == bindparam("chat"), jobs.c.message_id == bindparam("message")
)
_UNFINISHED = select(*JOB).where(UNFINISHED).order_by(jobs.c.turn, jobs.c.id)
_ACTIVE_OF = select(*JOB).where(UNFINISHED, jobs.c.user_id == bindparam("user")).order_by(jobs.c.id)
_ACTIVE_IN_CHAT = _ACTIVE_OF.where(jobs.c.chat_id == bindparam("chat"))
_LAST_OF = (
    select(*JOB)
    .where(
        jobs.c.user_id == bindparam("user"),
        jobs.c.chat_id == bindparam("chat"),
        jobs.c.id < bindparam("before"),
    )
    .order_by(jobs.c.id.desc())
    .limit(1)
)
_NO_ID = 2**62
_DURATIONS = (
    select(jobs.c.started_at, jobs.c.finished_at)
    .where(
        SUCCEEDED,
        jobs.c.provider == bindparam("provider"),
        jobs.c.model == bindparam("model"),
    )
    .order_by(jobs.c.finished_at.desc())
    .limit(bindparam("limit", type_=Integer()))
)


class SqlJobs(
    JobQueue, JobSubmissions, JobMessages, JobDeliveries, JobArchive, JobRedirects, JobTimes
):
    async def get(self, job_id: int) -> Job | None:
        row = await self._first(_GET, job=job_id)
        return job_from(row) if row else None

    async def of_message(self, chat_id: int, message_id: int) -> Job | None:
        row = await self._first(_OF_MESSAGE, chat=chat_id, message=message_id)
        return job_from(row) if row else None

    async def active_of(self, user_id: int, *, chat_id: int | None = None) -> list[Job]:
        if chat_id is None:
            rows = await self._all(_ACTIVE_OF, user=user_id)
        else:
            rows = await self._all(_ACTIVE_IN_CHAT, user=user_id, chat=chat_id)
        return [job_from(row) for row in rows]

    async def last_of(self, user_id: int, chat_id: int, *, before: int | None = None) -> Job | None:
        row = await self._first(_LAST_OF, user=user_id, chat=chat_id, before=before or _NO_ID)
        return job_from(row) if row else None

    async def unfinished(self) -> list[Job]:
        return [job_from(row) for row in await self._all(_UNFINISHED)]

    async def recent_durations(self, provider: str, model: str, *, limit: int = 20) -> list[float]:
        rows = await self._all(_DURATIONS, provider=provider, model=model, limit=limit)
        return [(finished - started).total_seconds() for started, finished in rows]
