"""People, as far as Telegram tells us about them."""

from datetime import datetime

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.errors import Throttled
from storage.records import User
from storage.session import SqlStore
from storage.tables import users

_USER = (users.c.id, users.c.username, users.c.language, users.c.banned)

_new = insert(users)
_REMEMBER = _new.on_conflict_do_update(
    index_elements=[users.c.id],
    set_={
        "username": func.coalesce(_new.excluded.username, users.c.username),
        "language": func.coalesce(_new.excluded.language, users.c.language),
        "seen_at": _new.excluded.seen_at,
    },
).returning(*_USER)

# A minute that went by empties the count; a clock that went back doesn't.
_later = users.c.minute < _new.excluded.minute
_COUNT_REQUEST = _new.on_conflict_do_update(
    index_elements=[users.c.id],
    set_={
        "requests": case((_later, 1), else_=users.c.requests + 1),
        "minute": case((_later, _new.excluded.minute), else_=users.c.minute),
    },
    where=or_(_later, users.c.requests < bindparam("per_minute")),
).returning(users.c.id)

_GET = select(*_USER).where(users.c.id == bindparam("user"))


class SqlUsers(SqlStore):
    async def remember(
        self, user_id: int, *, username: str | None, language: str | None, now: datetime
    ) -> User:
        row = await self._one(
            _REMEMBER, id=user_id, username=username, language=language, seen_at=now
        )
        return User(*row)

    async def get(self, user_id: int) -> User | None:
        row = await self._first(_GET, user=user_id)
        return User(*row) if row else None

    async def count_request(self, user_id: int, *, per_minute: int, now: datetime) -> None:
        seconds = int(now.timestamp())
        row = await self._first(
            _COUNT_REQUEST, id=user_id, minute=seconds // 60, requests=1, per_minute=per_minute
        )
        if row is None:
            raise Throttled(retry_after=60 - seconds % 60)
