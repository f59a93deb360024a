"""Requests that are still being put together: a keyboard half filled in, a question asked."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its RETURNING compiles on SQLite as well

from storage.records import Draft, NewDraft
from storage.session import SqlStore
from storage.tables import drafts

_DRAFT = [drafts.c[field.name] for field in fields(Draft)]
_NEW_NAMES = [field.name for field in fields(NewDraft)]
_HERE = drafts.c.id == bindparam("draft")

_CREATE = insert(drafts).returning(*_DRAFT)
_GET = select(*_DRAFT).where(_HERE)
_OF_MESSAGE = (
    select(*_DRAFT)
    .where(drafts.c.chat_id == bindparam("chat"), drafts.c.message_id == bindparam("message"))
    .order_by(drafts.c.id.desc())
    .limit(1)
)
_NEWEST = (
    select(*_DRAFT)
    .where(
        drafts.c.user_id == bindparam("user"),
        drafts.c.chat_id == bindparam("chat"),
        drafts.c.kind == bindparam("what"),
    )
    .order_by(drafts.c.id.desc())
    .limit(1)
)
_SET_MESSAGE = update(drafts).where(_HERE).values(message_id=bindparam("message"))
_SET_DATA = update(drafts).where(_HERE).values(data=bindparam("new_data", type_=JSON()))
_DELETE = delete(drafts).where(_HERE)
_DROP_OLD = delete(drafts).where(drafts.c.created_at < bindparam("moment"))
_DROP_OLD_KIND = _DROP_OLD.where(drafts.c.kind == bindparam("what"))


class SqlDrafts(SqlStore):
    async def create(self, new: NewDraft, *, now: datetime) -> Draft:
        values = {name: getattr(new, name) for name in _NEW_NAMES}
        values["data"] = dict(new.data)
        return Draft(*await self._one(_CREATE, **values, created_at=now))

    async def get(self, draft_id: int) -> Draft | None:
        row = await self._first(_GET, draft=draft_id)
        return Draft(*row) if row else None

    async def of_message(self, chat_id: int, message_id: int) -> Draft | None:
        row = await self._first(_OF_MESSAGE, chat=chat_id, message=message_id)
        return Draft(*row) if row else None

    async def newest(self, chat_id: int, user_id: int, kind: str) -> Draft | None:
        row = await self._first(_NEWEST, chat=chat_id, user=user_id, what=kind)
        return Draft(*row) if row else None

    async def set_message(self, draft_id: int, message_id: int) -> bool:
        return await self._count(_SET_MESSAGE, draft=draft_id, message=message_id) == 1

    async def set_data(self, draft_id: int, data: Mapping[str, Any]) -> bool:
        return await self._count(_SET_DATA, draft=draft_id, new_data=dict(data)) == 1

    async def delete(self, draft_id: int) -> bool:
        return await self._count(_DELETE, draft=draft_id) == 1

    async def drop_older(self, moment: datetime, *, kind: str | None = None) -> int:
        if kind is None:
            return await self._count(_DROP_OLD, moment=moment)
        return await self._count(_DROP_OLD_KIND, moment=moment, what=kind)
