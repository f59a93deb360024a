"""What those who run the bot change about an account: its limit, today's use, its extra units.

In the ledger a reset and a revoke are lines like any other, so that it still adds up.
"""

from datetime import datetime

from sqlalchemy import BigInteger, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.quotas import NEVER, OPEN_DAY, SqlQuotas, note
from storage.records import QuotaDay
from storage.session import Sql
from storage.tables import accounts

_user = bindparam("user", type_=BigInteger())
_new = insert(accounts)
_SET_LIMIT = _new.on_conflict_do_update(
    index_elements=[accounts.c.user_id], set_={"daily_limit": _new.excluded.daily_limit}
)
_FORGIVE = (
    update(accounts)
    .where(accounts.c.user_id == _user, accounts.c.spent >= bindparam("units"))
    .values(spent=accounts.c.spent - bindparam("units"))
)
_SPENT = select(accounts.c.day, accounts.c.spent).where(accounts.c.user_id == _user)
_LOCK = update(accounts).where(accounts.c.user_id == _user).values(extra=accounts.c.extra)
_FREE = select(accounts.c.extra - accounts.c.extra_held).where(accounts.c.user_id == _user)
_REVOKE = (
    update(accounts)
    .where(
        accounts.c.user_id == _user,
        accounts.c.extra - accounts.c.extra_held >= bindparam("units"),
    )
    .values(extra=accounts.c.extra - bindparam("units"))
)


class SqlAllowances(SqlQuotas):
    async def set_limit(self, user_id: int, limit: int | None) -> None:
        await self._count(_SET_LIMIT, user_id=user_id, day=NEVER, daily_limit=limit)

    async def reset(self, user_id: int, *, day: QuotaDay, now: datetime) -> int:
        def work(sql: Sql) -> int:
            sql.count(OPEN_DAY, user_id=user_id, day=day.day)  # takes the row's lock
            today, spent = sql.one(_SPENT, user=user_id)
            sql.count(_FORGIVE, user=user_id, units=spent)
            note(sql, "reset", user_id=user_id, day=today, daily=spent, now=now)
            return int(spent)

        return await self._session.run(work)

    async def revoke(self, user_id: int, units: int, *, now: datetime) -> int:
        def work(sql: Sql) -> int:
            if sql.count(_LOCK, user=user_id) == 0:
                return 0
            taken = min(units, sql.one(_FREE, user=user_id)[0])
            sql.count(_REVOKE, user=user_id, units=taken)
            note(sql, "revoke", user_id=user_id, extra=taken, now=now)
            return int(taken)

        return await self._session.run(work)
