"""The record of each call to a service, written before and right after it."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, literal, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.records import Submission, SubmissionState
from storage.session import Record, SqlStore
from storage.tables import OPEN, RUNNING, UtcDateTime, jobs, submissions

_SUBMISSION = [submissions.c[field.name] for field in fields(Submission)]
_GIVEN = [
    submissions.c.part,
    submissions.c.provider,
    submissions.c.images,
    submissions.c.created_at,
]

# The job's row is locked until the commit: nobody can take the job over between the check of
# the lease and the record that its new owner must see.
_OPEN = (
    insert(submissions)
    .from_select(
        ["job_id", "state", *(column.name for column in _GIVEN)],
        select(
            jobs.c.id,
            literal(SubmissionState.SUBMITTING, submissions.c.state.type),
            *(bindparam(column.name, type_=column.type) for column in _GIVEN),
        )
        .where(jobs.c.id == bindparam("job"), jobs.c.lease == bindparam("held_lease"), RUNNING)
        .with_for_update(),
    )
    .on_conflict_do_nothing()
    .returning(*_SUBMISSION)
)
_FIND_OPEN = (
    select(*_SUBMISSION)
    .join(jobs, jobs.c.id == submissions.c.job_id)
    .where(
        submissions.c.job_id == bindparam("job"),
        submissions.c.part == bindparam("part"),
        OPEN,
        jobs.c.lease == bindparam("held_lease"),
        RUNNING,
    )
)
_by_id = update(submissions).where(submissions.c.id == bindparam("submission"))
# Whoever took the job over may have ended it: an answer that comes later changes nothing.
_RECORD = _by_id.where(OPEN).values(state=SubmissionState.SUBMITTED, remote_id=bindparam("remote"))
_END = _by_id.values(state=SubmissionState.ENDED)
_OF_JOB = (
    select(*_SUBMISSION).where(submissions.c.job_id == bindparam("job")).order_by(submissions.c.id)
)
_REMOTE_IDS = select(submissions.c.remote_id).where(
    submissions.c.provider == bindparam("provider"),
    submissions.c.created_at >= bindparam("since", type_=UtcDateTime()),
    submissions.c.remote_id.is_not(None),
)


class JobSubmissions(SqlStore):
    async def open_submission(
        self, job_id: int, lease: str, *, part: int, images: int, provider: str, now: datetime
    ) -> tuple[Submission, bool] | None:
        created = await self._first(
            _OPEN,
            job=job_id,
            held_lease=lease,
            part=part,
            images=images,
            provider=provider,
            created_at=now,
        )
        if created:
            return _submission(created), True
        found = await self._first(_FIND_OPEN, job=job_id, held_lease=lease, part=part)
        return (_submission(found), False) if found else None

    async def record_remote_id(self, submission_id: int, remote_id: str) -> None:
        await self._count(_RECORD, submission=submission_id, remote=remote_id)

    async def end_submission(self, submission_id: int) -> None:
        await self._count(_END, submission=submission_id)

    async def submissions_of(self, job_id: int) -> list[Submission]:
        return [_submission(row) for row in await self._all(_OF_JOB, job=job_id)]

    async def remote_ids(self, provider: str, *, since: datetime) -> set[str]:
        rows = await self._all(_REMOTE_IDS, provider=provider, since=since)
        return {remote_id for (remote_id,) in rows}


def _submission(row: Record) -> Submission:
    return Submission(*row)
