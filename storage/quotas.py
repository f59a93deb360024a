"""Units: what a user may spend, holds and has spent, with a line in the ledger for each change.

Every change begins with a statement that takes the account's row lock.
"""

from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    bindparam,
    case,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.errors import QuotaExceeded
from storage.records import QuotaDay, QuotaView
from storage.session import Record, Sql
from storage.tables import UtcDateTime, accounts, ledger, reservations
from storage.transfers import QuotaTransfers

NEVER = date(1970, 1, 1)  # the day of an account that has seen no reservation


def _smaller(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)


_new = insert(accounts)
_day_is_over = accounts.c.day < _new.excluded.day
OPEN_DAY = _new.on_conflict_do_update(
    index_elements=[accounts.c.user_id],
    set_={
        "day": case((_day_is_over, _new.excluded.day), else_=accounts.c.day),
        "spent": case((_day_is_over, 0), else_=accounts.c.spent),
        "held": case((_day_is_over, 0), else_=accounts.c.held),
    },
)

_units = bindparam("units", type_=Integer())
_limit = func.coalesce(accounts.c.daily_limit, bindparam("daily_limit", type_=Integer()))
_unused = _limit - accounts.c.spent - accounts.c.held
_daily_left = case((_unused > 0, _unused), else_=0)
_extra_left = accounts.c.extra - accounts.c.extra_held
_daily_part = _smaller(_daily_left, _units)
_RESERVE = (
    insert(reservations)
    .from_select(
        ["job_id", "user_id", "day", "daily", "extra", "state", "created_at"],
        select(
            bindparam("job", type_=BigInteger()),
            accounts.c.user_id,
            accounts.c.day,
            _daily_part,
            _units - _daily_part,
            literal("held"),
            bindparam("now", type_=UtcDateTime()),
        ).where(
            accounts.c.user_id == bindparam("user"),
            _daily_left + _extra_left >= _units,
        ),
    )
    .on_conflict_do_nothing(index_elements=[reservations.c.job_id])
    .returning(reservations.c.day, reservations.c.daily, reservations.c.extra)
)
_HOLD = (
    update(accounts)
    .where(accounts.c.user_id == bindparam("user"))
    .values(
        held=accounts.c.held + bindparam("daily_units"),
        extra_held=accounts.c.extra_held + bindparam("extra_units"),
    )
)
_IS_RESERVED = select(reservations.c.job_id).where(reservations.c.job_id == bindparam("job"))

_daily_captured = _smaller(reservations.c.daily, _units)
_SETTLE = (
    update(reservations)
    .where(reservations.c.job_id == bindparam("job"), reservations.c.state == "held")
    .values(
        state=case((_units > 0, "captured"), else_="released"),
        captured_daily=_daily_captured,
        captured_extra=_smaller(reservations.c.extra, _units - _daily_captured),
        settled_at=bindparam("now", type_=UtcDateTime()),
    )
    .returning(
        reservations.c.user_id,
        reservations.c.day,
        reservations.c.daily,
        reservations.c.extra,
        reservations.c.captured_daily,
        reservations.c.captured_extra,
    )
)
_same_day = accounts.c.day == bindparam("of_day", type_=Date())
_CLOSE_HOLD = (
    update(accounts)
    .where(accounts.c.user_id == bindparam("user"))
    .values(
        held=accounts.c.held - case((_same_day, bindparam("daily_units")), else_=0),
        spent=accounts.c.spent + case((_same_day, bindparam("daily_spent")), else_=0),
        extra_held=accounts.c.extra_held - bindparam("extra_units"),
        extra=accounts.c.extra - bindparam("extra_spent"),
    )
)

_GRANT = _new.on_conflict_do_update(
    index_elements=[accounts.c.user_id],
    set_={"extra": accounts.c.extra + _new.excluded.extra},
)
_VIEW = select(
    accounts.c.day,
    accounts.c.spent,
    accounts.c.held,
    accounts.c.extra,
    accounts.c.extra_held,
    accounts.c.daily_limit,
).where(accounts.c.user_id == bindparam("user"))
_NOTE = insert(ledger)


class SqlQuotas(QuotaTransfers):
    async def reserve(
        self, user_id: int, job_id: int, units: int, *, day: QuotaDay, now: datetime
    ) -> None:
        def work(sql: Sql) -> None:
            sql.count(OPEN_DAY, user_id=user_id, day=day.day)
            values = {"job": job_id, "user": user_id, "units": units, "now": now}
            held = sql.first(_RESERVE, **values, daily_limit=day.daily_limit)
            if held is not None:
                _hold(sql, user_id, job_id, held, now)
            elif sql.first(_IS_RESERVED, job=job_id) is None:
                raise QuotaExceeded(_view(sql, user_id, day).left, units, day.resets_at)

        await self._session.run(work)

    async def settle(self, job_id: int, units: int, *, now: datetime) -> bool:
        def work(sql: Sql) -> bool:
            settled = sql.first(_SETTLE, job=job_id, units=units, now=now)
            if settled is not None:
                _close_hold(sql, job_id, settled, now)
            return settled is not None

        return await self._session.run(work)

    async def view(self, user_id: int, *, day: QuotaDay) -> QuotaView:
        return await self._session.run(lambda sql: _view(sql, user_id, day))

    async def grant(self, user_id: int, units: int, *, now: datetime) -> None:
        def work(sql: Sql) -> None:
            sql.count(_GRANT, user_id=user_id, day=NEVER, extra=units)
            note(sql, "grant", user_id=user_id, extra=units, now=now)

        await self._session.run(work)


def _hold(sql: Sql, user_id: int, job_id: int, held: Record, now: datetime) -> None:
    day, daily, extra = held
    sql.count(_HOLD, user=user_id, daily_units=daily, extra_units=extra)
    note(sql, "hold", user_id=user_id, job_id=job_id, day=day, daily=daily, extra=extra, now=now)


def _close_hold(sql: Sql, job_id: int, settled: Record, now: datetime) -> None:
    user_id, day, daily, extra, daily_spent, extra_spent = settled
    sql.count(
        _CLOSE_HOLD,
        user=user_id,
        of_day=day,
        daily_units=daily,
        daily_spent=daily_spent,
        extra_units=extra,
        extra_spent=extra_spent,
    )
    say = partial(note, sql, user_id=user_id, job_id=job_id, day=day, now=now)
    say("capture", daily=daily_spent, extra=extra_spent)
    say("release", daily=daily - daily_spent, extra=extra - extra_spent)


def note(
    sql: Sql,
    kind: str,
    *,
    user_id: int,
    job_id: int | None = None,
    day: date | None = None,
    daily: int = 0,
    extra: int = 0,
    now: datetime,
) -> None:
    """Append a line to the ledger; one of no units would say nothing and is left out."""
    if daily or extra:
        sql.count(
            _NOTE,
            kind=kind,
            user_id=user_id,
            job_id=job_id,
            day=day,
            daily=daily,
            extra=extra,
            created_at=now,
        )


def _view(sql: Sql, user_id: int, day: QuotaDay) -> QuotaView:
    account = sql.first(_VIEW, user=user_id)
    if account is None:
        return QuotaView(day.daily_limit, day.daily_limit, 0, 0, day.resets_at)
    last_day, spent, held, extra, extra_held, own_limit = account
    if last_day < day.day:
        spent = held = 0
    limit = day.daily_limit if own_limit is None else own_limit
    return QuotaView(
        daily_limit=limit,
        daily_left=max(0, limit - spent - held),
        extra_left=extra - extra_held,
        held=held + extra_held,
        resets_at=day.resets_at,
    )
