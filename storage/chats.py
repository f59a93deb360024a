"""Chats: on or off, and how quiet to be there."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, false, func, not_, null, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.records import Chat
from storage.session import SqlStore
from storage.tables import UNDELIVERED, UNFINISHED, UtcDateTime, chats, jobs

_CHAT = [chats.c[field.name] for field in fields(Chat)]

_new = insert(chats)
_REMEMBER = _new.on_conflict_do_update(
    index_elements=[chats.c.id],
    set_={
        "kind": _new.excluded.kind,
        "title": func.coalesce(_new.excluded.title, chats.c.title),
        "seen_at": _new.excluded.seen_at,
    },
).returning(*_CHAT)
_SET_ENABLED = _new.on_conflict_do_update(
    index_elements=[chats.c.id],
    set_={
        "kind": _new.excluded.kind,
        "seen_at": _new.excluded.seen_at,
        "enabled": _new.excluded.enabled,
        "hint_given": false(),
    },
)
_CLAIM_HINT = _new.on_conflict_do_update(
    index_elements=[chats.c.id],
    set_={"hint_given": true()},
    where=and_(not_(chats.c.enabled), not_(chats.c.hint_given)),
).returning(chats.c.enabled)
_CLAIM_NOTICE = _new.on_conflict_do_update(
    index_elements=[chats.c.id],
    set_={"noticed_at": _new.excluded.noticed_at},
    where=or_(
        chats.c.noticed_at.is_(None),
        chats.c.noticed_at <= bindparam("before", type_=UtcDateTime()),
    ),
).returning(chats.c.id)
_GET = select(*_CHAT).where(chats.c.id == bindparam("chat"))

_SET_SETTINGS = (
    update(chats)
    .where(chats.c.id == bindparam("chat"))
    .values(settings=bindparam("chosen", type_=chats.c.settings.type))
)
_FORGET = delete(chats).where(chats.c.id == bindparam("old")).returning(*_CHAT)
_SUCCEED = _new.on_conflict_do_update(
    index_elements=[chats.c.id],
    set_={
        "kind": _new.excluded.kind,
        "enabled": or_(chats.c.enabled, _new.excluded.enabled),
        "title": func.coalesce(chats.c.title, _new.excluded.title),
        "settings": func.coalesce(chats.c.settings, _new.excluded.settings),
    },
)
# Message numbers start anew in a supergroup: the old ones could hit, or be hit by, other people's
# messages there. A job's own number, negative, is free for good.
_MOVE_JOBS = (
    update(jobs)
    .where(jobs.c.chat_id == bindparam("old"), or_(UNFINISHED, UNDELIVERED))
    .values(
        chat_id=bindparam("new"),
        chat_kind="supergroup",
        message_id=-jobs.c.id,
        status_message_id=null(),
        reply_to=null(),
    )
)


def _is_private(chat_id: int) -> bool:
    """Telegram's groups and channels have negative ids."""
    return chat_id > 0


def _unseen(chat_id: int) -> dict[str, object]:
    """What is assumed of a chat that was not remembered yet."""
    private = _is_private(chat_id)
    return {"id": chat_id, "kind": "private" if private else "group", "enabled": private}


class SqlChats(SqlStore):
    async def remember(
        self, chat_id: int, *, kind: str, title: str | None = None, now: datetime
    ) -> Chat:
        row = await self._one(
            _REMEMBER, id=chat_id, kind=kind, title=title, enabled=kind == "private", seen_at=now
        )
        return Chat(*row)

    async def set_settings(self, chat_id: int, settings: Mapping[str, Any]) -> None:
        await self._count(_SET_SETTINGS, chat=chat_id, chosen=dict(settings))

    async def get(self, chat_id: int) -> Chat | None:
        row = await self._first(_GET, chat=chat_id)
        return Chat(*row) if row else None

    async def set_enabled(self, chat_id: int, enabled: bool, *, kind: str, now: datetime) -> None:
        await self._count(_SET_ENABLED, id=chat_id, kind=kind, enabled=enabled, seen_at=now)

    async def claim_hint(self, chat_id: int) -> bool:
        row = await self._first(_CLAIM_HINT, **_unseen(chat_id), hint_given=True)
        return row is not None and not row[0]

    async def claim_notice(self, chat_id: int, *, every: float, now: datetime) -> bool:
        before = now - timedelta(seconds=every)
        row = await self._first(_CLAIM_NOTICE, **_unseen(chat_id), noticed_at=now, before=before)
        return row is not None

    async def migrate(self, old_id: int, new_id: int, *, now: datetime) -> None:
        row = await self._first(_FORGET, old=old_id)
        if row is not None:
            old = Chat(*row)
            await self._count(
                _SUCCEED,
                id=new_id,
                kind="supergroup",
                enabled=old.enabled,
                title=old.title,
                settings=old.settings,
                seen_at=now,
            )
        await self._count(_MOVE_JOBS, old=old_id, new=new_id)
