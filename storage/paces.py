"""Telegram's limits as all processes together keep them: closed chats, and whose edit comes next."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.news import News
from storage.session import Sql, SqlStore
from storage.tables import UtcDateTime, paces

EVERYBODY = 0
"""In place of a chat: for calls to all of them together."""

_now = bindparam("now", type_=UtcDateTime())
_new = insert(paces)
_CLOSE = _new.values(
    chat_id=bindparam("chat"), closed_until=bindparam("until", type_=UtcDateTime())
).on_conflict_do_update(
    index_elements=[paces.c.chat_id],
    set_={"closed_until": _new.excluded.closed_until},
    where=or_(paces.c.closed_until.is_(None), paces.c.closed_until < _new.excluded.closed_until),
)
_CLOSED = select(paces.c.chat_id, paces.c.closed_until).where(paces.c.closed_until > _now)
_CLAIM = (
    _new.values(chat_id=bindparam("chat"), next_call=bindparam("following", type_=UtcDateTime()))
    .on_conflict_do_update(
        index_elements=[paces.c.chat_id],
        set_={"next_call": _new.excluded.next_call},
        where=or_(paces.c.next_call.is_(None), paces.c.next_call <= _now),
    )
    .returning(paces.c.chat_id)
)
_over = (
    select(paces.c.chat_id)
    .where(
        func.coalesce(paces.c.closed_until, _now) <= _now,
        func.coalesce(paces.c.next_call, _now) <= _now,
    )
    .with_for_update(skip_locked=True)  # what somebody is at isn't over
)
_FORGET = delete(paces).where(paces.c.chat_id.in_(_over))


class SqlPaces(SqlStore):
    async def close(self, chat_id: int, *, until: datetime) -> None:
        def work(sql: Sql) -> None:
            sql.count(_CLOSE, chat=chat_id, until=until)
            sql.notify(News.PACES, f"{chat_id} {until.isoformat()}")

        await self._session.run(work)

    async def closed(self, *, now: datetime) -> dict[int, datetime]:
        return dict(await self._all(_CLOSED, now=now))  # type: ignore[arg-type]  # rows of two columns

    async def claim_call(self, chat_id: int, *, spacing: timedelta, now: datetime) -> bool:
        row = await self._first(_CLAIM, chat=chat_id, following=now + spacing, now=now)
        return row is not None

    async def forget(self, *, now: datetime) -> int:
        return await self._count(_FORGET, now=now)
