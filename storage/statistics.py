"""Looking at all jobs together. No row leaves the database where a count or a sum will do."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import Float, Integer, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.session import Sql, SqlStore
from storage.summaries import (
    EndedCount,
    Hold,
    PersonLoad,
    ProviderLoad,
    QueueSummary,
    Spender,
)
from storage.tables import (
    ENDED,
    QUEUED,
    RUNNING,
    SUCCEEDED,
    UNDELIVERED,
    UNFINISHED,
    UtcDateTime,
    jobs,
    reservations,
)


class seconds_between(FunctionElement[float]):  # noqa: N801 - a function of SQL, named like one
    """(later, earlier), in seconds; each engine has its own way."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(each, **options) for each in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS DOUBLE PRECISION)"


_limit = bindparam("limit", type_=Integer())
_waiting = func.count().filter(QUEUED)
_running = func.count().filter(RUNNING)
_BY_PROVIDER = (
    select(jobs.c.provider, _waiting, _running)
    .where(UNFINISHED)
    .group_by(jobs.c.provider)
    .order_by(jobs.c.provider)
)
_BY_PERSON = (
    select(jobs.c.user_id, _waiting, _running)
    .where(UNFINISHED)
    .group_by(jobs.c.user_id)
    .order_by(func.count().desc(), jobs.c.user_id)
    .limit(_limit)
)
_OLDEST = select(func.min(jobs.c.created_at)).where(QUEUED, UNFINISHED)
_UNDELIVERED = select(func.count()).select_from(jobs).where(UNDELIVERED)

_then = and_(
    ENDED,
    jobs.c.finished_at >= bindparam("since", type_=UtcDateTime()),
    jobs.c.finished_at < bindparam("until", type_=UtcDateTime()),
)
_spent = func.coalesce(
    func.sum(reservations.c.captured_daily + reservations.c.captured_extra), literal_column("0")
)
_with_units = jobs.outerjoin(reservations, reservations.c.job_id == jobs.c.id)
_COUNT_ENDED = (
    select(jobs.c.state, jobs.c.provider, func.count(), _spent)
    .select_from(_with_units)
    .where(_then)
    .group_by(jobs.c.state, jobs.c.provider)
    .order_by(jobs.c.state, jobs.c.provider)
)
_SPENDERS = (
    select(jobs.c.user_id, func.count(), _spent)
    .select_from(_with_units)
    .where(_then)
    .group_by(jobs.c.user_id)
    .order_by(_spent.desc(), func.count().desc(), jobs.c.user_id)
    .limit(_limit)
)

_took = seconds_between(jobs.c.finished_at, jobs.c.created_at)
_HOW_MANY = select(func.count()).select_from(jobs).where(_then, SUCCEEDED)
_NTH = (
    select(_took)
    .where(_then, SUCCEEDED)
    .order_by(_took)
    .limit(1)
    .offset(bindparam("skipped", type_=Integer()))
)
_at_provider = jobs.c.provider == bindparam("provider")

_HOLD = select(
    reservations.c.state,
    reservations.c.daily + reservations.c.extra,
    reservations.c.captured_daily + reservations.c.captured_extra,
    reservations.c.created_at,
    reservations.c.settled_at,
).where(reservations.c.job_id == bindparam("job"))
_SHOWN_IN = select(jobs.c.id).where(
    jobs.c.chat_id == bindparam("chat"), jobs.c.status_message_id == bindparam("message")
)

_TIMES: dict[bool, tuple[Select[Any], Select[Any]]] = {
    False: (_HOW_MANY, _NTH),
    True: (_HOW_MANY.where(_at_provider), _NTH.where(_at_provider)),
}


class SqlStatistics(SqlStore):
    async def queue(self, *, people: int) -> QueueSummary:
        def work(sql: Sql) -> QueueSummary:
            return QueueSummary(
                providers=tuple(ProviderLoad(*row) for row in sql.all(_BY_PROVIDER)),
                people=tuple(PersonLoad(*row) for row in sql.all(_BY_PERSON, limit=people)),
                oldest=sql.one(_OLDEST)[0],
                undelivered=sql.one(_UNDELIVERED)[0],
            )

        return await self._session.run(work)

    async def ended(self, since: datetime, until: datetime) -> list[EndedCount]:
        rows = await self._all(_COUNT_ENDED, since=since, until=until)
        return [EndedCount(*row) for row in rows]

    async def seconds_to_picture(
        self,
        since: datetime,
        until: datetime,
        shares: Sequence[float],
        *,
        provider: str | None = None,
    ) -> tuple[float, ...]:
        how_many, nth = _TIMES[provider is not None]
        which: dict[str, Any] = {"since": since, "until": until}
        if provider is not None:
            which["provider"] = provider

        def work(sql: Sql) -> tuple[float, ...]:
            count = sql.one(how_many, **which)[0]
            skipped = [max(0, ceil(share * count) - 1) for share in shares] if count else []
            return tuple(sql.one(nth, **which, skipped=each)[0] for each in skipped)

        return await self._session.run(work)

    async def spenders(self, since: datetime, until: datetime, *, limit: int) -> list[Spender]:
        rows = await self._all(_SPENDERS, since=since, until=until, limit=limit)
        return [Spender(*row) for row in rows]

    async def hold_of(self, job_id: int) -> Hold | None:
        row = await self._first(_HOLD, job=job_id)
        return Hold(*row) if row else None

    async def job_shown_in(self, chat_id: int, message_id: int) -> int | None:
        row = await self._first(_SHOWN_IN, chat=chat_id, message=message_id)
        return row[0] if row else None
