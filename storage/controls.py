"""Small facts that all processes share, by name: what is paused, say. Values are JSON."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.session import SqlStore
from storage.tables import controls

_new = insert(controls)
_SET = _new.on_conflict_do_update(
    index_elements=[controls.c.name],
    set_={
        "value": _new.excluded.value,
        "changed_at": _new.excluded.changed_at,
        "changed_by": _new.excluded.changed_by,
    },
)
_FIRST = _new.on_conflict_do_nothing(index_elements=[controls.c.name])
_CLEAR = delete(controls).where(controls.c.name == bindparam("which"))
_ALL = select(controls.c.name, controls.c.value)
_GET = select(controls.c.value).where(controls.c.name == bindparam("which"))


class SqlControls(SqlStore):
    async def set(self, name: str, value: Any, *, by: int | None, now: datetime) -> None:
        await self._count(_SET, name=name, value=value, changed_at=now, changed_by=by)

    async def keep_first(self, name: str, value: Any, *, now: datetime) -> Any:
        await self._count(_FIRST, name=name, value=value, changed_at=now, changed_by=None)
        return await self.get(name)

    async def clear(self, name: str) -> bool:
        return await self._count(_CLEAR, which=name) == 1

    async def get(self, name: str) -> Any:
        row = await self._first(_GET, which=name)
        return row[0] if row else None

    async def all(self) -> dict[str, Any]:
        return dict(await self._all(_ALL))  # type: ignore[arg-type]  # rows of two columns
