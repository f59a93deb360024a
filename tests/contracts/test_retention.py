"""Old jobs lose words and pictures; what anything needs stays, and so does what is young."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.usecases import retention as subject
from bot.usecases.emptied import STUB
from bot.usecases.retention import Retention
from bot.usecases.spec import JobSpec
from storage.base import Storage
from storage.blobs import FileBlobs
from storage.errors import PictureMissing
from storage.records import Job, JobState, NewDraft, Outcome
from tests.contracts.building import NOW, end, enqueue, fetch, new_artifact, running_job
from tests.fakes.clock import FakeClock

DAY = timedelta(days=1)
WORDS = "a secret wish"
DONE = Outcome(JobState.SUCCEEDED, units=1, reason_data={"notes": [WORDS]})


def spec(*given: str) -> dict[str, Any]:
    wish = STUB.wish.model_copy(update={"prompt": WORDS})
    inputs = {"init": [{"key": key, "width": 1, "height": 1} for key in given]}
    return STUB.model_copy(update={"wish": wish}).dump() | ({"inputs": inputs} if given else {})


class House:
    def __init__(self, storage: Storage, folder: Path) -> None:
        self.storage = storage
        self.folder = folder
        self.clock = FakeClock(NOW)
        self.blobs = FileBlobs(folder)
        self.retention = Retention(storage, self.blobs, self.clock, keep=90 * DAY)

    async def put(self, data: bytes, *, age: timedelta = 2 * DAY) -> str:
        key = await self.blobs.put(data)
        moment = (NOW - age).timestamp()
        os.utime(self.folder / key[:2] / key[2:4] / key, (moment, moment))
        return key

    async def has(self, key: str) -> bool:
        try:
            await self.blobs.get(key)
        except PictureMissing:
            return False
        return True

    async def ended(self, number: int, made: str, *given: str, at: datetime) -> Job:
        job = await running_job(self.storage, number, spec=spec(*given))
        async with self.storage.transaction() as tx:
            await tx.artifacts.add(job.id, f"lease-{number}", new_artifact(sha256=made), now=NOW)
        assert await end(self.storage, job, DONE, now=at)
        return job

    async def shown(self, job: Job) -> None:
        async with self.storage.transaction() as tx:
            await tx.jobs.end_delivery(job.id, delivered=True)


@pytest.fixture
def house(storage: Storage, tmp_path: Path) -> House:
    return House(storage, tmp_path / "pictures")


async def test_an_old_job_loses_its_words_and_pictures_and_keeps_its_row(house: House) -> None:
    made, given, later = await house.put(b"made"), await house.put(b"given"), await house.put(b"l")
    old = await house.ended(1, made, given, at=NOW - 91 * DAY)
    new = await house.ended(2, later, at=NOW - 89 * DAY)
    await house.shown(old)
    await house.shown(new)
    swept = await house.retention()
    assert (swept.emptied, swept.deleted, swept.strangers) == (1, 2, 0)
    assert [await house.has(key) for key in (made, given, later)] == [False, False, True]
    emptied, kept = await fetch(house.storage, old.id), await fetch(house.storage, new.id)
    assert JobSpec.load(emptied.spec) == STUB and emptied.reason_data == {}
    assert (emptied.user_id, emptied.state) == (old.user_id, JobState.SUCCEEDED)
    assert emptied.finished_at == NOW - 91 * DAY
    assert kept.spec == new.spec and kept.reason_data == DONE.reason_data
    assert (await house.retention()).emptied == 0


async def test_many_that_ended_at_one_moment_are_all_emptied(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "BATCH", 2)
    for number in range(1, 6):
        await house.shown(await house.ended(number, f"{number:064x}", at=NOW - 91 * DAY))
    assert (await house.retention()).emptied == 5
    await house.clock.advance(DAY.total_seconds())
    await house.shown(await house.ended(9, "9" * 64, at=NOW - 90 * DAY))
    assert (await house.retention()).emptied == 1


async def test_an_outcome_that_nobody_has_seen_waits(house: House) -> None:
    made = await house.put(b"made")
    job = await house.ended(1, made, at=NOW - 100 * DAY)
    assert (await house.retention()).emptied == 0 and await house.has(made)
    await house.shown(job)
    assert (await house.retention()).emptied == 1 and not await house.has(made)


async def test_what_a_newer_job_or_a_draft_needs_stays(house: House) -> None:
    made, kept, drafted = [await house.put(each) for each in (b"made", b"kept", b"drafted")]
    old = await house.ended(1, made, kept, drafted, at=NOW - 91 * DAY)
    await house.shown(old)
    again = await house.ended(2, made, at=NOW - DAY)
    await house.shown(again)
    await enqueue(house.storage, 3, spec=spec(kept))
    async with house.storage.transaction() as tx:
        draft = NewDraft(
            chat_id=1, user_id=1, thread_id=None, message_id=None, kind="x", data={"k": drafted}
        )
        await tx.drafts.create(draft, now=NOW)
    assert (await house.retention()).deleted == 0
    assert all([await house.has(key) for key in (made, kept, drafted)])


async def test_a_job_that_came_while_the_needs_were_read_counts(house: House) -> None:
    late, spare = await house.put(b"late"), await house.put(b"spare")
    first = await enqueue(house.storage, 1)
    await enqueue(house.storage, 2, spec=spec(late))
    async with house.storage.reading() as view:
        needed = await view.retention.needed([late, spare], after=first.id)
        page = await view.retention.given(after=first.id, limit=1)
        assert (await view.retention.given(after=first.id + 1, limit=1)).last is None
    assert needed == {late} and page.pictures == {late} and page.last == first.id + 1


async def test_orphans_go_after_a_day(house: House) -> None:
    old, young = await house.put(b"old"), await house.put(b"young", age=timedelta(hours=23))
    reused = await house.put(b"reused")
    await house.blobs.put(b"reused")
    forever = Retention(house.storage, house.blobs, house.clock, keep=None)
    assert (await forever()).deleted == 1
    assert [await house.has(key) for key in (old, young, reused)] == [False, True, True]


async def test_pictures_of_another_database_are_let_be(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "FEW", 2)
    made = await house.put(b"made")
    await house.shown(await house.ended(1, made, at=NOW - 91 * DAY))
    strangers = [await house.put(b"stranger %d" % number) for number in range(3)]
    swept = await house.retention()
    assert (swept.deleted, swept.strangers) == (1, 3)
    assert not await house.has(made) and all([await house.has(key) for key in strangers])
