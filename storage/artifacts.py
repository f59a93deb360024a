"""Stored pictures: which job made them and where their bytes are."""

from dataclasses import fields
from datetime import datetime

from sqlalchemy import BigInteger, Integer, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT compiles on SQLite as well

from storage.records import Artifact, KnownPicture, NewArtifact
from storage.session import Sql, SqlStore
from storage.tables import RUNNING, SUCCEEDED, artifacts, jobs

_NAMES = [field.name for field in fields(Artifact)]
_ARTIFACT = [artifacts.c[name] for name in _NAMES]
_NEW_NAMES = [field.name for field in fields(NewArtifact)]
_GIVEN = [artifacts.c[name] for name in (*_NEW_NAMES, "created_at")]

_new = insert(artifacts).from_select(
    ["job_id", *(column.name for column in _GIVEN)],
    select(jobs.c.id, *(bindparam(column.name, type_=column.type) for column in _GIVEN))
    .where(jobs.c.id == bindparam("job"), jobs.c.lease == bindparam("held_lease"), RUNNING)
    .with_for_update(),
)
_ADD = _new.on_conflict_do_update(  # changes nothing, but returns the row that is there
    index_elements=[artifacts.c.job_id, artifacts.c.part, artifacts.c.position],
    set_={"part": artifacts.c.part},
).returning(artifacts.c.id)

_OF_JOB = (
    select(*_ARTIFACT)
    .where(artifacts.c.job_id == bindparam("job", type_=BigInteger()))
    .order_by(artifacts.c.part, artifacts.c.position)
)
_SET_FILE_ID = (
    update(artifacts)
    .where(artifacts.c.id == bindparam("artifact"))
    .values(file_id=bindparam("telegram_file"))
)
_KNOWN_OF = (
    select(artifacts.c.id, artifacts.c.file_id, jobs.c.spec, jobs.c.reason_data)
    .join(jobs, jobs.c.id == artifacts.c.job_id)
    .where(jobs.c.user_id == bindparam("user"), SUCCEEDED, artifacts.c.file_id.is_not(None))
    .order_by(jobs.c.id.desc(), artifacts.c.id)
    .limit(bindparam("limit", type_=Integer()))
)
_DROP = (
    delete(artifacts).where(artifacts.c.job_id == bindparam("job")).returning(artifacts.c.sha256)
)
_USE = select(artifacts.c.id).where(artifacts.c.sha256 == bindparam("key")).limit(1)


class SqlArtifacts(SqlStore):
    async def add(self, job_id: int, lease: str, new: NewArtifact, *, now: datetime) -> bool:
        values = {name: getattr(new, name) for name in _NEW_NAMES}
        row = await self._first(_ADD, job=job_id, held_lease=lease, created_at=now, **values)
        return row is not None

    async def of_job(self, job_id: int) -> list[Artifact]:
        return [
            Artifact(**dict(zip(_NAMES, row, strict=True)))
            for row in await self._all(_OF_JOB, job=job_id)
        ]

    async def set_file_id(self, artifact_id: int, file_id: str) -> None:
        await self._count(_SET_FILE_ID, artifact=artifact_id, telegram_file=file_id)

    async def known_of(self, user_id: int, *, limit: int) -> list[KnownPicture]:
        rows = await self._all(_KNOWN_OF, user=user_id, limit=limit)
        return [KnownPicture(*row) for row in rows]

    async def drop_of_job(self, job_id: int) -> list[str]:
        def work(sql: Sql) -> list[str]:
            dropped = {key for (key,) in sql.all(_DROP, job=job_id)}
            return [key for key in sorted(dropped) if sql.first(_USE, key=key) is None]

        return await self._session.run(work)
