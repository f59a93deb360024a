"""Queued jobs that go to another provider than they were queued for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, bindparam, select, update

from storage.queue import JOB, job_from
from storage.records import Job
from storage.session import SqlStore
from storage.tables import QUEUED, UNFINISHED, jobs

_QUEUED_AT = (
    select(*JOB)
    .where(
        QUEUED,
        UNFINISHED,
        jobs.c.provider == bindparam("provider"),
        jobs.c.id > bindparam("after"),
    )
    .order_by(jobs.c.id)
)
_REDIRECT = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), QUEUED, jobs.c.provider == bindparam("away_from"))
    .values(
        provider=bindparam("to_provider"),
        model=bindparam("to_model"),
        spec=bindparam("new_spec", type_=JSON()),
    )
)


class JobRedirects(SqlStore):
    async def queued_at(self, provider: str, *, after: int = 0) -> list[Job]:
        rows = await self._all(_QUEUED_AT, provider=provider, after=after)
        return [job_from(row) for row in rows]

    async def redirect(
        self, job_id: int, *, away_from: str, provider: str, model: str, spec: Mapping[str, Any]
    ) -> bool:
        changed = await self._count(
            _REDIRECT,
            job=job_id,
            away_from=away_from,
            to_provider=provider,
            to_model=model,
            new_spec=dict(spec),
        )
        return changed == 1
