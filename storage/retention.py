"""Jobs that ended long ago lose their words and pictures; and which pictures are still needed."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)

from storage.records import EmptiedJobs, GivenPictures, Place
from storage.session import Record, Sql, SqlStore
from storage.tables import UNDELIVERED, UtcDateTime, artifacts, drafts, jobs

KEY = re.compile(r"[0-9a-f]{64}")
_FIRST = Place(datetime(1, 1, 1, tzinfo=UTC), 0)
# Wherever in a request a picture's key stands, it is found; a prompt that looks like one only
# keeps a picture that nobody needs.
_spec = cast(jobs.c.spec, String)

_at = bindparam("at", type_=UtcDateTime())
_ENDED = (
    select(jobs.c.finished_at, jobs.c.id, _spec)
    .where(
        jobs.c.finished_at < bindparam("before", type_=UtcDateTime()),
        or_(jobs.c.finished_at > _at, and_(jobs.c.finished_at == _at, jobs.c.id > bindparam("id"))),
    )
    .order_by(jobs.c.finished_at, jobs.c.id)
    .limit(bindparam("limit", type_=Integer()))
)
_FIRST_UNSHOWN = select(func.min(jobs.c.finished_at)).where(UNDELIVERED)
_EMPTY = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(spec=bindparam("stub", type_=JSON()), reason_data=literal({}, JSON()))
)
_DROP = (
    delete(artifacts).where(artifacts.c.job_id == bindparam("job")).returning(artifacts.c.sha256)
)

_GIVEN = (
    select(jobs.c.id, _spec)
    .where(jobs.c.id > bindparam("after", type_=BigInteger()))
    .order_by(jobs.c.id)
    .limit(bindparam("limit", type_=Integer()))
)
_MADE = select(artifacts.c.id).where(artifacts.c.sha256 == bindparam("picture")).limit(1)
_SINCE = select(_spec).where(jobs.c.id > bindparam("after", type_=BigInteger()))
_BEGUN = select(cast(drafts.c.data, String))


class SqlRetention(SqlStore):
    async def empty_ended(
        self, *, before: datetime, after: Place | None, stub: dict[str, Any], limit: int
    ) -> EmptiedJobs:
        place = after or _FIRST

        def work(sql: Sql) -> EmptiedJobs:
            unshown = sql.one(_FIRST_UNSHOWN)[0]
            end = before if unshown is None else min(before, unshown)
            ended = sql.all(_ENDED, before=end, at=place.at, id=place.id, limit=limit)
            pictures = _keys(spec for _, _, spec in ended)
            for _, job_id, _ in ended:
                pictures.update(key for (key,) in sql.all(_DROP, job=job_id))
                sql.count(_EMPTY, job=job_id, stub=stub)
            return EmptiedJobs(len(ended), frozenset(pictures), _place(ended))

        return await self._session.run(work)

    async def given(self, *, after: int, limit: int) -> GivenPictures:
        rows = await self._all(_GIVEN, after=after, limit=limit)
        last = rows[-1][0] if rows else None
        return GivenPictures(frozenset(_keys(spec for _, spec in rows)), last)

    async def needed(self, pictures: Collection[str], *, after: int) -> set[str]:
        def work(sql: Sql) -> set[str]:
            named = _keys(text for (text,) in (*sql.all(_SINCE, after=after), *sql.all(_BEGUN)))
            return {
                key for key in pictures if key in named or sql.first(_MADE, picture=key) is not None
            }

        return await self._session.run(work)


def _keys(texts: Iterable[str]) -> set[str]:
    return {key for text in texts for key in KEY.findall(text)}


def _place(ended: Collection[Record]) -> Place | None:
    if not ended:
        return None
    *_, (at, job_id, _) = ended
    return Place(at, job_id)
