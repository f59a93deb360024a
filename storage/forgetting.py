"""Everything that names a person, deleted or rewritten so that it names them no more.

What must stay (how many units were spent, who was banned) goes on under another number, and what is
held against them under a key that only their id gives; whoever knows the id finds it again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    String,
    bindparam,
    case,
    cast,
    delete,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.queue import ENQUEUE_LOCK
from storage.records import DeliveryState, ForgottenJobs, OpenMessage
from storage.session import Sql, SqlStore, Statement
from storage.tables import (
    UNDELIVERED,
    UNFINISHED,
    UtcDateTime,
    accounts,
    artifacts,
    audit,
    broadcasts,
    chats,
    controls,
    drafts,
    forgotten,
    invite_uses,
    invites,
    jobs,
    ledger,
    reservations,
    users,
)

_user = bindparam("user", type_=BigInteger())
_nobody = bindparam("nobody", type_=BigInteger())
_key = bindparam("of_key", type_=String())

# What is held against a person, and what they may; it comes back with them.
_KEPT = (
    users.c.allowed,
    users.c.banned,
    users.c.banned_until,
    users.c.ban_reason,
    users.c.strikes,
    users.c.struck_at,
    users.c.blocked_until,
    users.c.minute,
    users.c.requests,
)
_READ_KEPT = select(*_KEPT).where(users.c.id == _user)
_new_user = insert(users)
_RESTORE = _new_user.on_conflict_do_update(
    index_elements=[users.c.id],
    set_={column.name: _new_user.excluded[column.name] for column in _KEPT},
)
_new_memory = insert(forgotten)
_KEEP = _new_memory.on_conflict_do_update(
    index_elements=[forgotten.c.key],
    set_={"data": _new_memory.excluded.data, "at": _new_memory.excluded.at},
)
_TAKE = delete(forgotten).where(forgotten.c.key == _key).returning(forgotten.c.data)

_theirs = jobs.c.user_id == _user
_in_private = jobs.c.chat_id == _user
_SPECS = select(jobs.c.spec).where(_theirs)
_OPEN = select(jobs.c.id, jobs.c.chat_id, jobs.c.status_message_id).where(
    _theirs, or_(UNDELIVERED, UNFINISHED)
)
_DROP_PICTURES = (
    delete(artifacts)
    .where(artifacts.c.job_id.in_(select(jobs.c.id).where(_theirs)))
    .returning(artifacts.c.sha256)
)
# A group's message is the bot's own; it may have to be taken away still. A job's own number,
# negative, is free for good.
_EMPTY_JOBS = (
    update(jobs)
    .where(_theirs)
    .values(
        user_id=_nobody,
        chat_id=case((_in_private, _nobody), else_=jobs.c.chat_id),
        message_id=-jobs.c.id,
        thread_id=null(),
        status_message_id=case((_in_private, null()), else_=jobs.c.status_message_id),
        delete_due=case((_in_private, null()), else_=jobs.c.delete_due),
        spec=bindparam("stub", type_=JSON()),
        reason_data=literal({}, JSON()),
        language=null(),
        parent_id=null(),
        reply_to=null(),
        inline_message_id=null(),
        delivery=case(
            (UNDELIVERED, literal(DeliveryState.UNDELIVERABLE, jobs.c.delivery.type)),
            else_=jobs.c.delivery,
        ),
    )
)


def _rename(column: Any) -> Statement:
    return update(column.table).where(column == _user).values({column: _nobody})


_RENAME = [
    _rename(column)
    for column in (
        reservations.c.user_id,
        ledger.c.user_id,
        audit.c.actor_id,
        audit.c.target_id,
        invites.c.created_by,
        broadcasts.c.actor_id,
        broadcasts.c.chat_id,
    )
]
_MOVE_USES = (
    insert(invite_uses)
    .from_select(
        ["token", "user_id", "used_at"],
        select(invite_uses.c.token, _nobody, invite_uses.c.used_at).where(
            invite_uses.c.user_id == _user
        ),
    )
    .on_conflict_do_nothing(index_elements=[invite_uses.c.token, invite_uses.c.user_id])
)
_UNSIGN = update(controls).where(controls.c.changed_by == _user).values(changed_by=null())
# Whoever is gone gets no broadcast: those up to the id before theirs have it, and so have they.
_STEP_BACK = (
    update(broadcasts)
    .where(broadcasts.c.after_user_id == _user)
    .values(after_user_id=broadcasts.c.after_user_id - 1)
)
_DROP_USES = delete(invite_uses).where(invite_uses.c.user_id == _user)
_ERASE: list[Statement] = [
    _UNSIGN,
    _STEP_BACK,
    _DROP_USES,
    delete(accounts).where(accounts.c.user_id == _user),
    delete(drafts).where(or_(drafts.c.user_id == _user, drafts.c.chat_id == _user)),
    delete(chats).where(chats.c.id == _user),
    delete(users).where(users.c.id == _user),
]

_mention = "%" + bindparam("picture", type_=String()) + "%"
_IS_USED = select(
    or_(
        select(artifacts.c.id).where(artifacts.c.sha256 == bindparam("picture")).exists(),
        select(jobs.c.id).where(cast(jobs.c.spec, String).like(_mention)).exists(),
        select(drafts.c.id).where(cast(drafts.c.data, String).like(_mention)).exists(),
    )
)


_LOCK_USER = select(users.c.id).where(users.c.id == _user).with_for_update()


class SqlForgetting(SqlStore):
    async def lock(self, user_id: int) -> None:
        def work(sql: Sql) -> None:
            sql.lock(ENQUEUE_LOCK, user_id % 2**31)
            sql.first(_LOCK_USER, user=user_id)

        await self._session.run(work)

    async def specs(self, user_id: int) -> list[dict[str, Any]]:
        return [row[0] for row in await self._all(_SPECS, user=user_id)]

    async def forget(
        self, user_id: int, *, nobody: int, key: str, stub: dict[str, Any], now: datetime
    ) -> ForgottenJobs:
        def work(sql: Sql) -> ForgottenJobs:
            kept = sql.first(_READ_KEPT, user=user_id)
            sql.count(_KEEP, key=key, data=_as_json(kept) if kept else {}, at=now)
            open_messages = [OpenMessage(*row) for row in sql.all(_OPEN, user=user_id)]
            pictures = [picture for (picture,) in sql.all(_DROP_PICTURES, user=user_id)]
            emptied = sql.count(_EMPTY_JOBS, user=user_id, nobody=nobody, stub=stub)
            for statement in _RENAME:
                sql.count(statement, user=user_id, nobody=nobody)
            sql.count(_MOVE_USES, user=user_id, nobody=nobody)
            for statement in _ERASE:
                sql.count(statement, user=user_id)
            return ForgottenJobs(emptied, tuple(pictures), tuple(open_messages))

        return await self._session.run(work)

    async def recall(self, user_id: int, *, nobody: int, key: str) -> bool:
        def work(sql: Sql) -> bool:
            row = sql.first(_TAKE, of_key=key)
            if row is None:
                return False
            if row[0]:
                sql.count(_RESTORE, id=user_id, **_from_json(row[0]))
            sql.count(_MOVE_USES, user=nobody, nobody=user_id)
            sql.count(_DROP_USES, user=nobody)
            return True

        return await self._session.run(work)

    async def unused(self, pictures: Iterable[str]) -> list[str]:
        def work(sql: Sql) -> list[str]:
            return [key for key in pictures if not sql.one(_IS_USED, picture=key)[0]]

        return await self._session.run(work)


def _as_json(kept: Sequence[Any]) -> dict[str, Any]:
    return {
        column.name: value.isoformat() if isinstance(value, datetime) else value
        for column, value in zip(_KEPT, kept, strict=True)
    }


def _from_json(data: dict[str, Any]) -> dict[str, Any]:
    kept = {column.name: data.get(column.name) for column in _KEPT}
    for column in _KEPT:
        moment = kept[column.name]
        if isinstance(column.type, UtcDateTime) and moment is not None:
            kept[column.name] = datetime.fromisoformat(moment)
    return kept
