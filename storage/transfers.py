"""All units of one account moved to another: of a group's, say, that became a supergroup.

In the ledger each move is a pair of lines, out of the one account and into the other. A line with a
job moves the units that its reservation holds; one without moves spent daily units and extra ones.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert  # compiles on SQLite as well

from storage.session import Record, Sql, SqlStore
from storage.tables import accounts, ledger, reservations

_account = (
    accounts.c.day,
    accounts.c.spent,
    accounts.c.extra,
    accounts.c.extra_held,
    accounts.c.daily_limit,
)
_OLD = select(*_account).where(accounts.c.user_id == bindparam("old"))
_LOCKED_OLD = _OLD.with_for_update()
_new = upsert(accounts)
_EXISTS = _new.on_conflict_do_nothing(index_elements=[accounts.c.user_id])
_MOVE_RESERVATIONS = (
    update(reservations)
    .where(reservations.c.user_id == bindparam("old"), reservations.c.state == "held")
    .values(user_id=bindparam("new"))
    .returning(
        reservations.c.job_id, reservations.c.day, reservations.c.daily, reservations.c.extra
    )
)
_EMPTY = (
    update(accounts)
    .where(accounts.c.user_id == bindparam("old"))
    .values(
        spent=0,
        held=accounts.c.held - bindparam("held_units", type_=Integer()),
        extra=accounts.c.extra - bindparam("extra_units", type_=Integer()),
        extra_held=accounts.c.extra_held - bindparam("extra_held_units", type_=Integer()),
        daily_limit=None,
    )
)


def _of_the_day(column: str) -> ColumnElement[Any]:
    """Daily units count where they are of the later of the two accounts' days."""
    mine, theirs = accounts.c[column], _new.excluded[column]
    return case(
        (accounts.c.day < _new.excluded.day, theirs),
        (accounts.c.day == _new.excluded.day, mine + theirs),
        else_=mine,
    )


_RECEIVE = _new.on_conflict_do_update(
    index_elements=[accounts.c.user_id],
    set_={
        "day": case((accounts.c.day < _new.excluded.day, _new.excluded.day), else_=accounts.c.day),
        "spent": _of_the_day("spent"),
        "held": _of_the_day("held"),
        "extra": accounts.c.extra + _new.excluded.extra,
        "extra_held": accounts.c.extra_held + _new.excluded.extra_held,
        "daily_limit": func.coalesce(accounts.c.daily_limit, _new.excluded.daily_limit),
    },
)
_NOTE = insert(ledger)


class _Units(NamedTuple):
    """What moves. held, extra_held: of the reservations that move; extra: all but what others hold."""

    day: date
    spent: int
    held: int
    extra: int
    extra_held: int
    daily_limit: int | None


class QuotaTransfers(SqlStore):
    async def transfer(self, old_id: int, new_id: int, *, now: datetime) -> None:
        def work(sql: Sql) -> None:
            known = sql.first(_OLD, old=old_id)
            if old_id == new_id or known is None:
                return
            sql.count(_EXISTS, user_id=new_id, day=known[0])
            # Reservations before accounts: settling takes their locks in this order.
            held = sql.all(_MOVE_RESERVATIONS, old=old_id, new=new_id)
            old = sql.first(_LOCKED_OLD, old=old_id)
            assert old is not None  # noqa: S101 - accounts are never deleted
            units = _moving(old, held)
            _move(sql, old_id, new_id, units)
            for line in _lines(units, held):
                sql.count(_NOTE, kind="transfer_out", user_id=old_id, created_at=now, **line)
                sql.count(_NOTE, kind="transfer_in", user_id=new_id, created_at=now, **line)

        await self._session.run(work)


def _moving(old: Record, reserved: Sequence[Record]) -> _Units:
    day, spent, extra, extra_held, daily_limit = old
    held = sum(daily for _, of_day, daily, _ in reserved if of_day == day)
    extra_moved = sum(units for *_, units in reserved)
    # What a reservation made meanwhile holds stays with it.
    return _Units(day, spent, held, extra - (extra_held - extra_moved), extra_moved, daily_limit)


def _move(sql: Sql, old_id: int, new_id: int, units: _Units) -> None:
    sql.count(
        _EMPTY,
        old=old_id,
        held_units=units.held,
        extra_units=units.extra,
        extra_held_units=units.extra_held,
    )
    sql.count(_RECEIVE, user_id=new_id, **units._asdict())


def _lines(units: _Units, reserved: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """For the ledger; one of no units would say nothing and is left out."""
    for job_id, day, daily, extra in [*reserved, (None, units.day, units.spent, units.extra)]:
        if daily or extra:
            yield {"job_id": job_id, "day": day, "daily": daily, "extra": extra}
