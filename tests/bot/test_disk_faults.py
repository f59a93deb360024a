"""Full disks, damaged pictures, a database held by somebody else: what people see, and that it passes."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.playground.faults import flood
from bot.upkeep.disk_watch import DiskWatch
from providers.testing import FAKE_OFFER, FakeProvider
from providers.types import Mode
from storage.blobs import FileBlobs
from storage.engine import open_storage
from storage.errors import DatabaseUnusable, PicturesAway
from storage.records import JobState
from tests.bot.harness import CHEN, flow
from tests.bot.pictures_to_send import encoded, photo
from tests.contracts.building import enqueue
from tests.fakes.clock import FakeClock
from tests.fakes.fast_clock import FastClock
from tests.fakes.small_disk import needs_root, small_disk
from tests.storage.databases import sqlite_url

OWNER = {"admin_ids": frozenset({CHEN})}


def full(self: FileBlobs, data: bytes) -> str:
    raise PicturesAway("No space left on device")


async def test_a_picture_waits_until_there_is_room_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with flow(tmp_path, **OWNER) as chat:
        await chat.say("/start", user=CHEN)
        with monkeypatch.context() as context:
            context.setattr(FileBlobs, "_put", full)
            await chat.say("/imagine a fox")
            await chat.see_text("Pictures can't be stored", chat=CHEN)
            job = await chat.job()
            assert job is not None and job.state is JobState.RUNNING
        await chat.see_picture()
        assert len([m for m in chat.bot_messages(CHEN) if "can't be stored" in m.words]) == 1


async def test_where_no_room_comes_the_job_fails_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FastClock(400)
    monkeypatch.setattr(FileBlobs, "_put", full)
    async with flow(tmp_path, FakeProvider(clock=clock), clock=clock) as chat:
        await chat.say("/imagine a fox")
        job = await chat.delivered()
        assert (job.state, job.reason) == (JobState.FAILED, "not_stored")
        assert "no room to keep it" in (await chat.see_text("It cost you nothing")).words


async def test_a_given_picture_without_room_is_refused_and_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = replace(FAKE_OFFER, modes=frozenset(Mode))
    async with flow(tmp_path, FakeProvider(offers=(offer,)), **OWNER) as chat:
        await chat.say("/start", user=CHEN)
        with monkeypatch.context() as context:
            context.setattr(FileBlobs, "_put", full)
            await chat.send_photo(encoded(photo()), caption="/imagine a fox")
            await chat.see_text("I can't get at my pictures right now")
            await chat.see_text("Pictures can't be stored", chat=CHEN)
        await chat.say("/quota")
        await chat.see_text("20 units")
        assert await chat.job() is None and chat.provider.requests == []
        await chat.send_photo(encoded(photo()), caption="/imagine a fox")
        await chat.see_picture()


async def test_a_damaged_picture_is_told_honestly(tmp_path: Path) -> None:
    async with flow(tmp_path, **OWNER) as chat:
        await chat.say("/start", user=CHEN)
        chat.playground.faults.add("editMessageMedia", flood(2))
        await chat.say("/imagine a fox")
        await chat.playground.wait_until(lambda: chat.calls("editMessageMedia") or None, 60)
        (path,) = (tmp_path / "pictures").glob("??/??/*")
        path.write_bytes(path.read_bytes()[:-1])
        await chat.see_text("lost")
        await chat.see_text("A stored picture is damaged", chat=CHEN)


async def test_a_database_that_somebody_holds_is_waited_for(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        with closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await chat.say("/imagine a fox")
            await asyncio.sleep(3)  # the length of the hold is what is tested
            assert await chat.job() is None
            other.execute("ROLLBACK")
        await chat.see_picture()
        assert len(chat.bot_messages()) == 1


@needs_root
async def test_a_full_disk_stops_nothing_for_good(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "6m") as disk:
        async with flow(disk.path, **OWNER) as chat:
            await chat.say("/start", user=CHEN)
            await chat.say("/imagine a fox")
            await chat.delivered(1)
            filler = disk.fill()
            with closing(sqlite3.connect(disk.path / "bot.db")) as other:
                other.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # no room that was there already
            disk.fill()
            await chat.say("/imagine a bear")
            await asyncio.sleep(1)  # it could be answered by now
            assert await chat.job(2) is None
            for each in disk.path.glob("filler*"):
                each.unlink()
            await chat.delivered(2)
            pictures = [m for m in chat.bot_messages() if m.photo]
            assert len(pictures) == 2 and filler.name == "filler"


@needs_root
async def test_nothing_starts_on_a_read_only_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as disk:
        url = sqlite_url(disk.path / "bot.db")
        storage = await open_storage(url)
        await enqueue(storage, 1)
        await storage.close()
        disk.make_read_only()
        with pytest.raises(DatabaseUnusable):
            await open_storage(url)


async def test_the_owners_hear_of_a_disk_once(tmp_path: Path) -> None:
    told: list[str] = []
    watch = DiskWatch(tmp_path, lambda words: told.append(words()), FakeClock(), little=2**62)
    await watch.look()
    await watch.look()
    assert len(told) == 1 and "nearly full" in told[0]
    missing = DiskWatch(tmp_path / "none", lambda words: told.append(words()), FakeClock())
    await missing.look()
    await missing.look()
    assert len(told) == 2 and "can't be written: No such file" in told[1]
    (tmp_path / "none").mkdir()
    await missing.look()
    (tmp_path / "none").rmdir()
    await missing.look()
    assert len(told) == 3
