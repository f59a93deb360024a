"""The queue: who is next, who works on it, and how it ends.

Users take turns by virtual time. The queue's time is the largest turn claimed so far. A new job's
turn is `cost` after the user's last turn or after the queue's time, whichever is later: whoever
queues twenty jobs spreads over twenty turns, and a newcomer comes in at the next one. Turns of a
busy night count for nothing in the morning, since the queue's time has caught up with them.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    Integer,
    String,
    Update,
    and_,
    bindparam,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.errors import QueueFull
from storage.messages import HOLD, TAKEN
from storage.news import News
from storage.records import DeliveryState, Heartbeat, Job, JobState, NewJob, Outcome
from storage.session import Record, Sql, SqlStore
from storage.tables import CLAIMED_ONCE, QUEUED, RUNNING, UNFINISHED, UtcDateTime, jobs

_JOB_NAMES = [field.name for field in fields(Job)]
JOB = [jobs.c[name] for name in _JOB_NAMES]

_NO_LIMIT = 2**31 - 1
# Keys of Sql.lock; (0, 1) is for migrations.
_CLAIM_LOCK = 0, 2
ENQUEUE_LOCK = 1  # and the user

_user = bindparam("user_id", type_=jobs.c.user_id.type)
_job = bindparam("job", type_=jobs.c.id.type)
_held_lease = bindparam("held_lease", type_=String())
_now = bindparam("now", type_=UtcDateTime())
_until = bindparam("until", type_=UtcDateTime())

_mine_queued = and_(jobs.c.user_id == _user, QUEUED, UNFINISHED)
_turns = union_all(
    select(func.max(jobs.c.turn).label("turn")).where(CLAIMED_ONCE),
    select(func.max(jobs.c.turn)).where(jobs.c.user_id == _user, CLAIMED_ONCE),
    select(func.max(jobs.c.turn)).where(_mine_queued),
).subquery("turns")
_cost = bindparam("cost", type_=Integer())
_turn = select(func.coalesce(func.max(_turns.c.turn), 0) + _cost).scalar_subquery()
_waiting = select(func.count()).select_from(jobs).where(_mine_queued).scalar_subquery()

_GIVEN = [jobs.c[field.name] for field in fields(NewJob)]
_ENQUEUE = (
    insert(jobs)
    .from_select(
        [
            *_GIVEN,
            jobs.c.created_at,
            jobs.c.turn,
            jobs.c.state,
            jobs.c.delivery,
            jobs.c.reason_data,
            jobs.c.message_by,
            jobs.c.message_until,
        ],
        select(
            *(bindparam(column.name, type_=column.type) for column in _GIVEN),
            _now,
            _turn,
            literal(JobState.QUEUED, jobs.c.state.type),
            literal(DeliveryState.NONE, jobs.c.delivery.type),
            literal({}, JSON()),
            bindparam("me", type_=String()),
            bindparam("hold_until", type_=UtcDateTime()),
        ).where(_waiting < bindparam("queued_limit", type_=Integer())),
    )
    .on_conflict_do_nothing(index_elements=[jobs.c.chat_id, jobs.c.message_id])
    .returning(*JOB)
)
_BY_MESSAGE = select(*JOB).where(
    jobs.c.chat_id == bindparam("chat_id"), jobs.c.message_id == bindparam("message_id")
)

_rival = jobs.alias("rival")
_running_of_user = (
    select(func.count())
    .where(
        _rival.c.user_id == jobs.c.user_id,
        _rival.c.state == RUNNING.right,
        _rival.c.finished_at.is_(None),
    )
    .scalar_subquery()
)


@lru_cache(maxsize=64)
def _claim(providers: frozenset[str]) -> Update:
    """A statement for each set of providers at work: there are few, and none changes often."""
    following = (
        select(jobs.c.id)
        .where(
            QUEUED,
            or_(false(), *(jobs.c.provider == provider for provider in sorted(providers))),
            _running_of_user < bindparam("max_running", type_=Integer()),
        )
        .order_by(jobs.c.turn, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (
        update(jobs)
        .where(jobs.c.id == following.scalar_subquery(), QUEUED)
        .values(
            state=JobState.RUNNING,
            attempts=jobs.c.attempts + 1,
            lease=bindparam("new_lease"),
            lease_until=_until,
            started_at=_now,
        )
        .returning(*JOB)
    )


_OURS = and_(jobs.c.id == _job, jobs.c.lease == _held_lease, RUNNING)
_HEARTBEAT = update(jobs).where(_OURS).values(lease_until=_until).returning(jobs.c.cancel_requested)


def _requeue(**values: Any) -> Update:
    return update(jobs).values(state=JobState.QUEUED, lease=null(), lease_until=null(), **values)


_HAND_BACK = _requeue(attempts=jobs.c.attempts - 1).where(_OURS)
# What another process requeues in this moment needs no second one, waiting for the first.
_expired = (
    select(jobs.c.id).where(RUNNING, jobs.c.lease_until < _now).with_for_update(skip_locked=True)
)
_REQUEUE_EXPIRED = _requeue().where(jobs.c.id.in_(_expired), RUNNING).returning(*JOB)
_REQUEUE_ALL = _requeue().where(RUNNING)

_REQUEST_CANCEL = (
    update(jobs)
    .where(jobs.c.id == _job, UNFINISHED)
    .values(cancel_requested=true())
    .returning(*JOB)
)
_FINISH = update(jobs).values(
    state=bindparam("outcome"),
    reason=bindparam("why"),
    reason_data=bindparam("why_data", type_=JSON()),
    provider=func.coalesce(bindparam("made_by", type_=String()), jobs.c.provider),
    model=func.coalesce(bindparam("made_with", type_=String()), jobs.c.model),
    finished_at=_now,
    lease=null(),
    lease_until=null(),
    delivery=DeliveryState.PENDING,
    delivery_due=_now,
    **TAKEN,
)
_FINISH_RUNNING = _FINISH.where(_OURS)
_FINISH_QUEUED = _FINISH.where(jobs.c.id == _job, QUEUED)

_MARK_POOLED = update(jobs).where(jobs.c.id == _job).values(pooled=true())

_ahead = jobs.alias("ahead")
_POSITION = (
    select(func.count())
    .select_from(jobs)
    .join(
        _ahead,
        and_(
            _ahead.c.state == QUEUED.right,
            tuple_(_ahead.c.turn, _ahead.c.id) <= tuple_(jobs.c.turn, jobs.c.id),
        ),
    )
    .where(jobs.c.id == _job, QUEUED)
)


def job_from(row: Record) -> Job:
    return Job(**dict(zip(_JOB_NAMES, row, strict=True)))


class JobQueue(SqlStore):
    async def enqueue(
        self, new: NewJob, *, queued_limit: int | None = None, now: datetime
    ) -> tuple[Job, bool]:
        values = {
            **{column.name: getattr(new, column.name) for column in _GIVEN},
            **self._held_by_us(now),
        }

        def work(sql: Sql) -> tuple[Job, bool]:
            if queued_limit is not None:
                sql.lock(ENQUEUE_LOCK, new.user_id % 2**31)
            limit = _NO_LIMIT if queued_limit is None else queued_limit
            row = sql.first(_ENQUEUE, **values, queued_limit=limit)
            if row is not None:
                sql.notify(News.JOBS)
                return job_from(row), True
            there = sql.first(_BY_MESSAGE, chat_id=new.chat_id, message_id=new.message_id)
            if there is None:
                raise QueueFull(limit)
            return job_from(there), False

        return await self._session.run(work)

    async def claim(
        self,
        *,
        lease: str,
        lease_until: datetime,
        providers: Sequence[str],
        max_running_per_user: int,
        now: datetime,
    ) -> Job | None:
        claim = _claim(frozenset(providers))

        def work(sql: Sql) -> Record | None:
            sql.lock(*_CLAIM_LOCK)  # two claims must count each other's jobs
            return sql.first(
                claim,
                new_lease=lease,
                until=lease_until,
                max_running=max_running_per_user,
                now=now,
            )

        row = await self._session.run(work)
        return job_from(row) if row else None

    async def heartbeat(self, job_id: int, lease: str, *, lease_until: datetime) -> Heartbeat:
        row = await self._first(_HEARTBEAT, job=job_id, held_lease=lease, until=lease_until)
        return Heartbeat(alive=row is not None, cancel_requested=bool(row and row[0]))

    async def hand_back(self, job_id: int, lease: str) -> bool:
        def work(sql: Sql) -> bool:
            sql.notify(News.JOBS)
            return sql.count(_HAND_BACK, job=job_id, held_lease=lease) == 1

        return await self._session.run(work)

    async def requeue_expired(self, *, now: datetime) -> list[Job]:
        def work(sql: Sql) -> list[Job]:
            expired = [job_from(row) for row in sql.all(_REQUEUE_EXPIRED, now=now)]
            if expired:
                sql.notify(News.JOBS)
            return expired

        return await self._session.run(work)

    async def requeue_all(self) -> int:
        return await self._count(_REQUEUE_ALL)

    async def request_cancel(self, job_id: int) -> Job | None:
        def work(sql: Sql) -> Job | None:
            row = sql.first(_REQUEST_CANCEL, job=job_id)
            if row is not None:
                sql.notify(News.CANCELS, str(job_id))
            return job_from(row) if row else None

        return await self._session.run(work)

    async def finish(
        self, job_id: int, outcome: Outcome, *, lease: str | None, now: datetime
    ) -> bool:
        values: dict[str, Any] = {
            "job": job_id,
            "outcome": outcome.state,
            "why": outcome.reason,
            "why_data": outcome.reason_data or {},
            "made_by": outcome.provider,
            "made_with": outcome.model,
            **self._held_by_us(now),
        }
        finish = _FINISH_QUEUED
        if lease is not None:
            finish, values["held_lease"] = _FINISH_RUNNING, lease

        def work(sql: Sql) -> bool:
            ended = sql.count(finish, **values) == 1
            if ended:
                sql.notify(News.DELIVERIES)
            return ended

        return await self._session.run(work)

    def _held_by_us(self, now: datetime) -> dict[str, Any]:
        return {"me": self._session.process, "hold_until": now + HOLD, "now": now}

    async def mark_pooled(self, job_id: int) -> None:
        await self._count(_MARK_POOLED, job=job_id)

    async def position(self, job_id: int) -> int | None:
        row = await self._one(_POSITION, job=job_id)
        return row[0] or None
