"""Invite links: who made them, what they bring, and who came by them."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import Integer, bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.errors import InviteInvalid
from storage.records import Invite
from storage.session import Record, Sql, SqlStore
from storage.tables import UtcDateTime, invite_uses, invites

_INVITE = [invites.c[field.name] for field in fields(Invite)]
_token = invites.c.token == bindparam("which")
_works = (
    invites.c.uses_left > 0,
    or_(
        invites.c.expires_at.is_(None),
        invites.c.expires_at > bindparam("now", type_=UtcDateTime()),
    ),
)
_ADD = insert(invites)
_FIND = select(*_INVITE).where(_token, *_works)
_NOTE_USE = insert(invite_uses).on_conflict_do_nothing(
    index_elements=[invite_uses.c.token, invite_uses.c.user_id]
)
_TAKE = update(invites).where(_token, *_works).values(uses_left=invites.c.uses_left - 1)
_REVOKE = update(invites).where(_token, invites.c.uses_left > 0).values(uses_left=0)
_WORKING = (
    select(*_INVITE)
    .where(*_works)
    .order_by(invites.c.created_at.desc(), invites.c.token)
    .limit(bindparam("limit", type_=Integer()))
)


class SqlInvites(SqlStore):
    async def add(self, invite: Invite, *, now: datetime) -> None:
        values = {field.name: getattr(invite, field.name) for field in fields(Invite)}
        await self._count(_ADD, **values, created_at=now)

    async def use(self, token: str, user_id: int, *, now: datetime) -> Invite | None:
        def work(sql: Sql) -> Record | None:
            found = sql.first(_FIND, which=token, now=now)
            if found is None:
                raise InviteInvalid
            # First the use, which is unique: of two at once by one person the second waits here.
            if sql.count(_NOTE_USE, token=token, user_id=user_id, used_at=now) == 0:
                return None
            if sql.count(_TAKE, which=token, now=now) == 0:
                raise InviteInvalid  # the last one went to somebody else just now
            return found

        row = await self._session.run(work)
        return Invite(*row) if row else None

    async def revoke(self, token: str) -> bool:
        return await self._count(_REVOKE, which=token) == 1

    async def working(self, *, limit: int, now: datetime) -> list[Invite]:
        return [Invite(*row) for row in await self._all(_WORKING, limit=limit, now=now)]
