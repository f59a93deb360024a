"""What people are allowed, and what is held against them: access, bans, strikes."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, false, not_, null, select, true, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.session import SqlStore
from storage.tables import UtcDateTime, users

_new = insert(users)


def _set(*names: str) -> Any:
    """Also of someone never seen."""
    return _new.on_conflict_do_update(
        index_elements=[users.c.id], set_={name: _new.excluded[name] for name in names}
    )


_SET_ALLOWED = _set("allowed")
_BAN = _set("banned", "banned_until", "ban_reason")
_one = users.c.id == bindparam("user")
_UNBAN = (
    update(users)
    .where(_one)
    .values(
        banned=false(),
        banned_until=null(),
        ban_reason=null(),
        strikes=0,
        struck_at=null(),
        blocked_until=null(),
    )
)
_still_counts = users.c.struck_at > bindparam("since", type_=UtcDateTime())
_STRIKE = _new.on_conflict_do_update(
    index_elements=[users.c.id],
    set_={
        "strikes": case((_still_counts, users.c.strikes + 1), else_=1),
        "struck_at": _new.excluded.struck_at,
    },
).returning(users.c.strikes)
_BLOCK = update(users).where(_one).values(blocked_until=bindparam("until"))
_CLAIM_THROTTLE_NOTICE = (
    update(users).where(_one, not_(users.c.throttle_told)).values(throttle_told=true())
)
_ADMINS = select(users.c.id).where(users.c.role.is_not(None)).order_by(users.c.id)


class UserSanctions(SqlStore):
    async def set_allowed(self, user_id: int, allowed: bool) -> None:
        await self._count(_SET_ALLOWED, id=user_id, allowed=allowed)

    async def ban(self, user_id: int, *, until: datetime | None, reason: str | None) -> None:
        await self._count(_BAN, id=user_id, banned=True, banned_until=until, ban_reason=reason)

    async def unban(self, user_id: int) -> None:
        await self._count(_UNBAN, user=user_id)

    async def strike(self, user_id: int, *, counts_for: timedelta, now: datetime) -> int:
        row = await self._one(_STRIKE, id=user_id, strikes=1, struck_at=now, since=now - counts_for)
        return int(row[0])

    async def block(self, user_id: int, *, until: datetime) -> None:
        await self._count(_BLOCK, user=user_id, until=until)

    async def claim_throttle_notice(self, user_id: int) -> bool:
        return await self._count(_CLAIM_THROTTLE_NOTICE, user=user_id) == 1

    async def admins(self) -> list[int]:
        return [row[0] for row in await self._all(_ADMINS)]
