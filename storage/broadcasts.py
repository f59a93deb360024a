"""Messages to everybody: whom they have gone to, one after the other, and how that went.

The place in the line moves before a message is sent: whoever is killed in between has skipped
somebody, but nobody gets it twice. One process at a time works on a broadcast, under a lease.
"""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, null, or_, select, true, update

from storage.records import Broadcast, BroadcastState
from storage.session import SqlStore
from storage.tables import UtcDateTime, broadcasts, chats, users

_BROADCAST = [broadcasts.c[field.name] for field in fields(Broadcast)]

_which = broadcasts.c.id == bindparam("which")
_now = bindparam("now", type_=UtcDateTime())
_until = bindparam("until", type_=UtcDateTime())
_running = broadcasts.c.state == BroadcastState.RUNNING
_ours = and_(_which, _running, broadcasts.c.runner == bindparam("held"))


def _reached() -> ColumnElement[bool]:
    """Chats of a broadcast still to come: private, not blocked, nobody banned, not the author's."""
    banned = select(users.c.id).where(users.c.id == chats.c.id, users.c.banned == true())
    return and_(
        chats.c.kind == "private",
        chats.c.enabled == true(),
        chats.c.id > broadcasts.c.after_user_id,
        chats.c.id != broadcasts.c.actor_id,
        ~banned.correlate(chats).exists(),
    )


_next = select(func.min(chats.c.id)).where(_reached()).correlate(broadcasts).scalar_subquery()

_ADD = insert(broadcasts).returning(*_BROADCAST)
_GET = select(*_BROADCAST).where(_which)
_START = (
    update(broadcasts)
    .where(_which, broadcasts.c.state == BroadcastState.PREVIEW)
    .values(state=BroadcastState.RUNNING, status_message_id=bindparam("message"))
    .returning(*_BROADCAST)
)
_END = (
    update(broadcasts)
    .where(_which, broadcasts.c.finished_at.is_(None))
    .values(state=bindparam("end"), finished_at=_now, runner=null(), runner_until=null())
    .returning(*_BROADCAST)
)
_free = (
    select(broadcasts.c.id)
    .where(_running, or_(broadcasts.c.runner_until.is_(None), broadcasts.c.runner_until < _now))
    .order_by(broadcasts.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_CLAIM = (
    update(broadcasts)
    .where(broadcasts.c.id == _free, _running)
    .values(runner=bindparam("held"), runner_until=_until)
    .returning(*_BROADCAST)
)
_RELEASE = update(broadcasts).where(_ours).values(runner=null(), runner_until=null())
_TAKE = (
    update(broadcasts)
    .where(_ours, _next.is_not(None))
    .values(after_user_id=_next, runner_until=_until)
    .returning(broadcasts.c.after_user_id)
)
_COUNTS = {
    name: update(broadcasts).where(_which).values({name: broadcasts.c[name] + 1})
    for name in ("sent", "failed", "blocked")
}
_AUDIENCE = select(func.count()).select_from(chats.join(broadcasts, _which)).where(_reached())
_IS_RUNNING = select(broadcasts.c.id).where(_ours)


class SqlBroadcasts(SqlStore):
    async def add(
        self, actor_id: int, *, chat_id: int, message_id: int, now: datetime
    ) -> Broadcast:
        row = await self._one(
            _ADD,
            actor_id=actor_id,
            chat_id=chat_id,
            message_id=message_id,
            state=BroadcastState.PREVIEW,
            created_at=now,
        )
        return Broadcast(*row)

    async def get(self, broadcast_id: int) -> Broadcast | None:
        row = await self._first(_GET, which=broadcast_id)
        return Broadcast(*row) if row else None

    async def audience(self, broadcast_id: int) -> int:
        return int((await self._one(_AUDIENCE, which=broadcast_id))[0])

    async def start(self, broadcast_id: int, *, status_message_id: int) -> bool:
        row = await self._first(_START, which=broadcast_id, message=status_message_id)
        return row is not None

    async def end(self, broadcast_id: int, state: BroadcastState, *, now: datetime) -> bool:
        return await self._first(_END, which=broadcast_id, end=state, now=now) is not None

    async def claim(self, runner: str, *, until: datetime, now: datetime) -> Broadcast | None:
        row = await self._first(_CLAIM, held=runner, until=until, now=now)
        return Broadcast(*row) if row else None

    async def release(self, broadcast_id: int, runner: str) -> None:
        await self._count(_RELEASE, which=broadcast_id, held=runner)

    async def is_held(self, broadcast_id: int, runner: str) -> bool:
        return await self._first(_IS_RUNNING, which=broadcast_id, held=runner) is not None

    async def take(self, broadcast_id: int, runner: str, *, until: datetime) -> int | None:
        row = await self._first(_TAKE, which=broadcast_id, held=runner, until=until)
        return row[0] if row else None

    async def count(self, broadcast_id: int, what: str) -> None:
        await self._count(_COUNTS[what], which=broadcast_id)
