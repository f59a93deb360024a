"""The bot with BLOB_URL=s3://: pictures come and go, are backed up and moved, and a store may be away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.blobs import build_blobs
from bot.doctor.findings import Mark
from bot.playground import Playground
from bot.settings import Settings, WrongSetting
from bot.tools.backup import Backups
from bot.usecases.retention import Retention
from providers.clock import SystemClock
from storage.blob_places import Bucket
from storage.blobs import FileBlobs
from storage.errors import PictureMissing
from storage.records import JobState
from tests.bot.harness import CHEN, flow, settings_for
from tests.bot.test_doctor import findings, settings_in
from tests.fakes.clock import FakeClock
from tests.fakes.line import Line, line_to
from tests.storage.s3_server import KEY, S3Server

LATER = timedelta(days=2)


@pytest.fixture
async def line(s3: S3Server) -> AsyncIterator[Line]:
    async with line_to(s3.port) as line:
        yield line


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_from_the_request_to_the_picture_to_the_history_to_its_end(
    tmp_path: Path, s3: S3Server
) -> None:
    bucket = s3.bucket()
    async with flow(tmp_path, **s3.settings(bucket)) as chat:
        await chat.say("/imagine a fox")
        picture = await chat.see_picture()
        await chat.delivered()
        assert len(s3.objects(bucket)) == 1 and "pictures" not in names_in(tmp_path)
        await chat.say("/history")
        await chat.see(lambda m: m.message_id > picture.message_id and m.photo is not None)
        storage, clock = chat.app.delivery._storage, FakeClock(SystemClock().now() + LATER)
        swept = await Retention(storage, s3.blobs(bucket), clock, keep=timedelta(0))()
        assert (swept.emptied, swept.deleted, swept.strangers) == (1, 1, 0)
        assert s3.objects(bucket) == []


async def test_a_picture_waits_until_the_store_is_back(
    tmp_path: Path, s3: S3Server, line: Line
) -> None:
    settings = {"admin_ids": frozenset({CHEN}), **s3.settings(port=line.port)}
    async with flow(tmp_path, **settings) as chat:
        await chat.say("/start", user=CHEN)
        line.cut()
        await chat.say("/imagine a fox")
        told = await chat.see_text("Pictures can't be stored or read: no connection", chat=CHEN)
        assert KEY not in told.words
        job = await chat.job()
        assert job is not None and job.state is JobState.RUNNING
        line.mend()
        await chat.see_picture()


async def test_a_start_is_refused_by_a_store_that_refuses_not_by_one_that_is_away(
    tmp_path: Path, s3: S3Server, line: Line
) -> None:
    wrong = s3.settings(Bucket("no-such-bucket", ""))
    with pytest.raises(WrongSetting, match=r"^BLOB_URL: .*NoSuchBucket"):
        async with flow(tmp_path, **wrong):
            pass
    line.cut()
    async with flow(tmp_path, **s3.settings(port=line.port)) as chat:
        line.mend()
        await chat.say("/imagine a fox")
        await chat.see_picture()


async def test_a_backup_takes_the_bucket_and_a_restore_fills_another(
    tmp_path: Path, s3: S3Server, line: Line
) -> None:
    ours, theirs = s3.bucket(), s3.bucket()
    data, folder, elsewhere = tmp_path / "data", tmp_path / "backup", tmp_path / "elsewhere"

    def backups(data: Path, bucket: Bucket, port: int | None = None) -> Backups:
        settings = settings_for(playground, data, **s3.settings(bucket, port=port))
        return Backups(settings, build_blobs(settings), folder, SystemClock())

    async with Playground.start() as playground:
        async with flow(data, playground=playground, **s3.settings(ours)) as chat:
            await chat.say("/imagine a fox")
            await chat.delivered()
            saved = await backups(data, ours).save()
        assert (saved.pictures, saved.new, saved.missing) == (1, 1, 0)
        line.cut()
        with pytest.raises(WrongSetting, match=r"^BLOB_URL: "):
            await backups(elsewhere, theirs, line.port).restore()
        assert (await backups(elsewhere, theirs).restore()).pictures == 1
    assert {name.split("/")[1] for name in s3.objects(theirs)} == {
        name.split("/")[1] for name in s3.objects(ours)
    }


def test_pictures_are_moved_from_the_folder_to_the_bucket(
    tmp_path: Path,
    s3: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bucket = s3.bucket()
    folder = FileBlobs(tmp_path / "data" / "pictures")
    kept, damaged = asyncio.run(folder.put(b"kept")), asyncio.run(folder.put(b"damaged"))
    next(folder._root.rglob(damaged)).write_bytes(b"other")
    monkeypatch.chdir(tmp_path)
    assert main(["migrate-pictures"]) == 2
    assert "BLOB_URL: is not set" in capsys.readouterr().err
    for name, value in s3.settings(bucket).items():
        monkeypatch.setenv(name.upper(), value)
    for copied in (1, 0):
        assert main(["migrate-pictures"]) == 0
        told = f"{copied} pictures copied, 1 damaged and left out.\n"
        assert capsys.readouterr().err == told
    assert asyncio.run(s3.blobs(bucket).get(kept)) == b"kept"
    with pytest.raises(PictureMissing):
        asyncio.run(s3.blobs(bucket).get(damaged))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert main(["migrate-pictures"]) == 2
    assert capsys.readouterr().err.startswith("BLOB_URL: pictures can't be stored or read: no conn")


# The doctor.


def lonely(tmp_path: Path, **settings: str) -> Settings:
    """There is nobody to be asked but the store."""
    alone = {"replicate_api_token": None, "telegram_api_url": "http://127.0.0.1:1"}
    return settings_in(tmp_path, **alone, **settings)


async def test_the_doctor_writes_reads_and_deletes(tmp_path: Path, s3: S3Server) -> None:
    bucket = s3.bucket()
    settings = lonely(tmp_path, **s3.settings(bucket))
    found = await findings(settings, online=True)
    assert found["BLOB_URL"].mark is Mark.GOOD and "read and deleted in" in found["BLOB_URL"].text
    assert found["AWS_ENDPOINT_URL"].mark is Mark.NOTE
    assert s3.objects(bucket) == []
    assert KEY not in "".join(map(str, found.values()))
    assert "BLOB_URL" not in await findings(settings, online=False)


async def test_the_doctor_names_what_stands_in_the_way(tmp_path: Path, s3: S3Server) -> None:
    settings = lonely(tmp_path, **s3.settings())
    with s3.guarded():
        found = await findings(settings, online=True)
    assert found["BLOB_URL"].mark is Mark.BAD and "InvalidAccessKeyId" in found["BLOB_URL"].text
    away = lonely(tmp_path, **s3.settings())
    away = away.model_copy(update={"aws_endpoint_url": "http://127.0.0.1:1"})
    found = await findings(away, online=True)
    assert found["BLOB_URL"].mark is Mark.BAD and "no connection" in found["BLOB_URL"].text
    keyless = away.model_copy(update={"aws_access_key_id": None})
    assert (await findings(keyless))["AWS_ACCESS_KEY_ID"].mark is Mark.BAD


async def test_the_doctor_looks_at_a_folder_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    found = await findings(settings_in(tmp_path, blob_url=(tmp_path / "share").as_uri()))
    assert found["BLOB_URL"].mark is Mark.GOOD and "can be written" in found["BLOB_URL"].text
    missing = settings_in(tmp_path, blob_url=(tmp_path / "none").as_uri())
    assert (await findings(missing))["BLOB_URL"].mark is Mark.BAD
