"""How often moderation stepped in, day by day."""

from dataclasses import asdict
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.records import VerdictCount
from storage.session import SqlStore
from storage.tables import verdicts

_KEY = (verdicts.c.day, verdicts.c.source, verdicts.c.stage, verdicts.c.status)

_new = insert(verdicts)
_COUNT = _new.on_conflict_do_update(
    index_elements=_KEY, set_={"count": verdicts.c["count"] + _new.excluded["count"]}
)
_SINCE = (
    select(*_KEY, verdicts.c["count"]).where(verdicts.c.day >= bindparam("first")).order_by(*_KEY)
)


class SqlVerdicts(SqlStore):
    async def count(self, counted: VerdictCount) -> None:
        await self._count(_COUNT, **asdict(counted))

    async def since(self, day: date) -> list[VerdictCount]:
        rows = await self._all(_SINCE, first=day)
        return [
            VerdictCount(day=found, source=source, stage=stage, status=status, count=count)
            for found, source, stage, status, count in rows
        ]
