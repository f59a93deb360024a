"""People, as far as Telegram tells us about them."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, false, func, or_, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.errors import Throttled
from storage.records import User
from storage.sanctions import UserSanctions
from storage.tables import users

_USER = [users.c[field.name] for field in fields(User)]

_new = insert(users)
_REMEMBER = _new.on_conflict_do_update(
    index_elements=[users.c.id],
    set_={
        "username": func.coalesce(_new.excluded.username, users.c.username),
        "name": func.coalesce(_new.excluded.name, users.c.name),
        "language": func.coalesce(_new.excluded.language, users.c.language),
        "seen_at": _new.excluded.seen_at,
    },
).returning(*_USER)

# A minute that went by empties the count; a process whose clock is a little behind doesn't. One
# that is far ahead was stored before the clock was set back: it would count for an hour, say.
_AHEAD = 2
_later = or_(
    users.c.minute < _new.excluded.minute,
    users.c.minute > _new.excluded.minute + _AHEAD,
)
_COUNT_REQUEST = _new.on_conflict_do_update(
    index_elements=[users.c.id],
    set_={
        "requests": case((_later, 1), else_=users.c.requests + 1),
        "minute": case((_later, _new.excluded.minute), else_=users.c.minute),
        "throttle_told": case((_later, false()), else_=users.c.throttle_told),
    },
    where=or_(_later, users.c.requests < bindparam("per_minute")),
).returning(users.c.id)

_SET_LOCALE = _new.on_conflict_do_update(
    index_elements=[users.c.id], set_={"locale": _new.excluded.locale}
)
_SET_ROLE = _new.on_conflict_do_update(
    index_elements=[users.c.id], set_={"role": _new.excluded.role}
)
_SET_PREFERENCES = _new.on_conflict_do_update(
    index_elements=[users.c.id], set_={"preferences": _new.excluded.preferences}
)
_GET = select(*_USER).where(users.c.id == bindparam("user"))
_BY_USERNAME = (
    select(*_USER)
    .where(func.lower(users.c.username) == bindparam("name"))
    .order_by(users.c.seen_at.desc().nulls_last())
    .limit(1)
)


class SqlUsers(UserSanctions):
    async def remember(
        self,
        user_id: int,
        *,
        username: str | None,
        language: str | None,
        name: str | None = None,
        now: datetime,
    ) -> User:
        row = await self._one(
            _REMEMBER, id=user_id, username=username, name=name, language=language, seen_at=now
        )
        return User(*row)

    async def set_locale(self, user_id: int, locale: str | None) -> None:
        await self._count(_SET_LOCALE, id=user_id, locale=locale)

    async def set_role(self, user_id: int, role: str | None) -> None:
        await self._count(_SET_ROLE, id=user_id, role=role)

    async def set_preferences(self, user_id: int, preferences: Mapping[str, Any]) -> None:
        await self._count(_SET_PREFERENCES, id=user_id, preferences=dict(preferences))

    async def get(self, user_id: int) -> User | None:
        row = await self._first(_GET, user=user_id)
        return User(*row) if row else None

    async def by_username(self, username: str) -> User | None:
        row = await self._first(_BY_USERNAME, name=username.lower())
        return User(*row) if row else None

    async def count_request(self, user_id: int, *, per_minute: int, now: datetime) -> None:
        seconds = int(now.timestamp())
        row = await self._first(
            _COUNT_REQUEST, id=user_id, minute=seconds // 60, requests=1, per_minute=per_minute
        )
        if row is None:
            raise Throttled(retry_after=60 - seconds % 60)
