"""Who did what to whom: lines are added and read, never changed."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, insert, select

from storage.records import AuditLine
from storage.session import SqlStore
from storage.tables import audit

_LINE = [audit.c[field.name] for field in fields(AuditLine)]
_ADD = insert(audit)
_NEWEST = (
    select(*_LINE)
    .where(audit.c.id < bindparam("before"))
    .order_by(audit.c.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
_NEWEST_OF = _NEWEST.where(audit.c.target_id == bindparam("target"))
_NO_ID = 2**62


class SqlAudit(SqlStore):
    async def add(
        self,
        actor_id: int,
        action: str,
        *,
        target_id: int | None = None,
        details: Mapping[str, Any] | None = None,
        now: datetime,
    ) -> None:
        await self._count(
            _ADD,
            at=now,
            actor_id=actor_id,
            action=action,
            target_id=target_id,
            details=dict(details or {}),
        )

    async def newest(
        self, *, target_id: int | None = None, before: int | None = None, limit: int = 20
    ) -> list[AuditLine]:
        values = {"before": before or _NO_ID, "limit": limit}
        if target_id is None:
            rows = await self._all(_NEWEST, **values)
        else:
            rows = await self._all(_NEWEST_OF, **values, target=target_id)
        return [AuditLine(*row) for row in rows]
