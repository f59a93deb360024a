"""Pictures in a bucket, over a line that breaks and a store that refuses; the rest is in the contract."""

import asyncio
import os
import ssl
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.blob_places import Access, Bucket
from storage.errors import PictureDamaged, PictureMissing, PicturesAway, PicturesRefused
from storage.object_blobs import AGAIN, ObjectBlobs, Put
from tests.fakes.certificates import certified
from tests.fakes.line import Line, line_to
from tests.storage.s3_server import KEY, PAGE, S3Server

DATA = b"picture" * 1000
BIG = os.urandom(2_000_000)
SLOW_DOWN = "<Error><Code>SlowDown</Code></Error>"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LONG_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
async def line(s3: S3Server) -> AsyncIterator[Line]:
    async with line_to(s3.port) as line:
        yield line


# Put again, deleted meanwhile, damaged.


async def test_a_picture_put_again_is_one_and_the_older_objects_go_once_they_are_old(
    s3: S3Server,
) -> None:
    bucket = s3.bucket()
    blobs = s3.blobs(bucket)
    key, other = await blobs.put(DATA), await blobs.put(b"another")
    assert key == await blobs.put(DATA)
    assert sorted(blob.key for blob in await blobs.page(limit=9)) == sorted([key, other])
    await blobs.tidy(before=LONG_AGO)
    assert len(s3.objects(bucket)) == 3
    await blobs.tidy(before=LONG_AFTER)
    assert len(s3.objects(bucket)) == 2
    assert await blobs.get(key) == DATA and await blobs.get(other) == b"another"
    await blobs.put(DATA)
    await blobs.delete(key)
    assert len(s3.objects(bucket)) == 1


class PutAgainMeanwhile(ObjectBlobs):
    async def _delete(self, puts: Sequence[Put]) -> None:
        """The worst moment there is: the picture was listed, and found old."""
        await self.put(DATA)
        await super()._delete(puts)


async def test_a_picture_that_is_put_again_while_it_is_deleted_stays(s3: S3Server) -> None:
    blobs = PutAgainMeanwhile(s3.bucket(), s3.access())
    key = await blobs.put(DATA)
    await blobs.delete(key, put_before=LONG_AFTER)
    assert await blobs.get(key) == DATA


def overwrite(s3: S3Server, bucket: Bucket, data: bytes) -> None:
    for name in s3.objects(bucket):
        s3.ask("PUT", f"/{bucket.name}/{name}", data)


async def test_a_picture_whose_bytes_changed_is_not_handed_out(s3: S3Server) -> None:
    bucket = s3.bucket()
    blobs = s3.blobs(bucket)
    key = await blobs.put(DATA)
    await asyncio.to_thread(overwrite, s3, bucket, DATA[:-1])
    with pytest.raises(PictureDamaged):
        await blobs.get(key)
    await asyncio.sleep(1.1)  # stores count whole seconds
    await blobs.put(DATA)
    assert await blobs.get(key) == DATA
    await blobs.tidy(before=LONG_AFTER)  # the damaged one goes
    assert len(s3.objects(bucket)) == 1 and await blobs.get(key) == DATA


async def test_what_is_no_picture_is_left_alone(s3: S3Server) -> None:
    bucket = s3.bucket()
    blobs = s3.blobs(bucket)
    s3.ask("PUT", f"/{bucket.name}/{bucket.prefix}notes.txt", b"mine")
    s3.ask("PUT", f"/{bucket.name}/{bucket.prefix}zoo/notes.txt", b"mine")
    key = await blobs.put(DATA)
    assert [blob.key for blob in await blobs.page(limit=9)] == [key]
    await blobs.tidy(before=LONG_AFTER)
    assert len(s3.objects(bucket)) == 3


async def test_prefixes_keep_apart(s3: S3Server) -> None:
    bucket = s3.bucket()
    blobs, others = s3.blobs(bucket), s3.blobs(Bucket(bucket.name, f"{bucket.prefix}more/"))
    key = await blobs.put(DATA)
    with pytest.raises(PictureMissing):
        await others.get(key)
    assert await others.page(limit=9) == []


@pytest.mark.parametrize("count", [PAGE + 20, pytest.param(2500, marks=pytest.mark.slow)])
async def test_more_pictures_than_the_store_lists_at_once(s3: S3Server, count: int) -> None:
    blobs = s3.blobs()
    keys = [await blobs.put(b"picture %d" % number) for number in range(count)]
    for number in range(count - 5, count):
        await blobs.put(b"picture %d" % number)  # some of them twice
    found = list[str]()
    while page := await blobs.page(after=found[-1] if found else "", limit=PAGE - 1):
        found += [blob.key for blob in page]
    assert found == sorted(keys)


# The store is away.

Ask = Callable[[ObjectBlobs, str], Awaitable[object]]
ASKED: dict[str, Ask] = {
    "put": lambda blobs, _: blobs.put(BIG),
    "get": lambda blobs, key: blobs.get(key),
    "delete": lambda blobs, key: blobs.delete(key),
    "page": lambda blobs, _: blobs.page(limit=9),
}
each_request = pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)


@each_request
async def test_nobody_answers_and_then_somebody_does(s3: S3Server, line: Line, ask: Ask) -> None:
    blobs = s3.blobs(port=line.port)
    key = await blobs.put(DATA)
    line.cut()
    with pytest.raises(PicturesAway, match="no connection") as caught:
        await ask(blobs, key)
    assert not isinstance(caught.value, PicturesRefused)
    line.mend()
    await ask(blobs, key)


@each_request
async def test_silence_ends_in_time(s3: S3Server, line: Line, ask: Ask) -> None:
    bucket = s3.bucket()
    key = await s3.blobs(bucket).put(DATA)
    line.fall_silent()
    with pytest.raises(PicturesAway, match="no answer in time"):
        await ask(s3.blobs(bucket, port=line.port, patience=0.3), key)


async def test_a_line_cut_in_the_middle_of_a_put_leaves_no_half_picture(
    s3: S3Server, line: Line
) -> None:
    bucket = s3.bucket()
    blobs = s3.blobs(bucket, port=line.port)
    line.cut_there = len(BIG) // 2
    with pytest.raises(PicturesAway):
        await blobs.put(BIG)
    assert await s3.blobs(bucket).page(limit=9) == []
    line.mend()
    assert await blobs.get(await blobs.put(BIG)) == BIG


async def test_a_line_cut_in_the_middle_of_a_get_gives_no_half_picture(
    s3: S3Server, line: Line
) -> None:
    bucket = s3.bucket()
    blobs = s3.blobs(bucket, port=line.port)
    key = await s3.blobs(bucket).put(BIG)
    line.cut_back = len(BIG) // 2
    with pytest.raises(PicturesAway):
        await blobs.get(key)
    line.mend()
    assert await blobs.get(key) == BIG


async def test_a_put_whose_answer_is_lost_is_made_again_over_itself(
    s3: S3Server, line: Line
) -> None:
    bucket = s3.bucket()
    line.lose_answer_to = b"PUT /"
    key = await s3.blobs(bucket, port=line.port).put(DATA)
    assert len(s3.objects(bucket)) == 1
    assert await s3.blobs(bucket).get(key) == DATA


@asynccontextmanager
async def answering(
    status: str, body: str = "", *, seconds: float = 0.0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[str]]]:
    """A store that says the same to everything, after some time; its port, and what it was asked."""
    asked = list[str]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.decode().split()[0])
        await asyncio.sleep(seconds)
        length = f"Content-Length: {len(body)}"
        lines = [f"HTTP/1.1 {status}", length, 'ETag: "1"', "Connection: close", "", body]
        text = "\r\n".join(lines)
        writer.write(text.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("503 Slow Down", SLOW_DOWN, "SlowDown"),
        ("500 Oh", "<Error><Code>Inter nal</Code></Error>", "the store answers 500"),
        ("502 Bad Gateway", "<html>nginx</html>", "the store answers 502"),
    ],
)
async def test_a_store_in_trouble_is_asked_a_few_times_more(
    s3: S3Server, status: str, body: str, reason: str
) -> None:
    async with answering(status, body) as (port, asked):
        with pytest.raises(PicturesAway) as caught:
            await s3.blobs(port=port).put(DATA)
    assert caught.value.reason == reason and not isinstance(caught.value, PicturesRefused)
    assert asked == ["PUT"] * (1 + AGAIN)


async def test_repetitions_count_towards_the_time_a_request_has(s3: S3Server) -> None:
    async with answering("503 Slow Down", SLOW_DOWN, seconds=0.4) as (port, asked):
        with pytest.raises(PicturesAway, match="no answer in time"):
            await s3.blobs(port=port, patience=0.5).put(DATA)
        assert asked[0] == "PUT"


async def test_an_answer_that_is_no_stores_makes_no_picture_missing(s3: S3Server) -> None:
    async with answering("200 OK", "<html><br></html>") as (port, _):
        with pytest.raises(PicturesAway, match="can't be read"):
            await s3.blobs(port=port).get("a" * 64)


# The store refuses.


@each_request
async def test_a_bucket_that_is_not_there_is_refused_and_no_picture_called_missing(
    s3: S3Server, ask: Ask
) -> None:
    blobs = s3.blobs(Bucket("no-such-bucket", ""))
    with pytest.raises(PicturesRefused, match="NoSuchBucket"):
        await ask(blobs, "a" * 64)


@each_request
async def test_a_refused_key_is_named_by_its_fault_alone(s3: S3Server, ask: Ask) -> None:
    blobs = s3.blobs()
    key = await blobs.put(DATA)
    with s3.guarded(), pytest.raises(PicturesRefused, match="InvalidAccessKeyId") as caught:
        await ask(blobs, key)
    told = "".join(traceback.format_exception(caught.value))
    assert KEY not in told and "AKIDTEST" not in told and key not in str(caught.value)
    await ask(blobs, key)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        ("403 Forbidden", "", "AccessDenied"),
        ("401 Unauthorized", f"<Error><Message>{KEY}</Message></Error>", "AccessDenied"),
        ("301 Moved", "<Error><Code>PermanentRedirect</Code></Error>", "another region"),
    ],
)
async def test_what_an_owner_has_to_mend_is_refused_at_once(
    s3: S3Server, status: str, body: str, reason: str
) -> None:
    async with answering(status, body) as (port, asked):
        with pytest.raises(PicturesRefused, match=reason):
            await s3.blobs(port=port).put(DATA)
    assert asked == ["PUT"]


async def test_a_certificate_needs_somebody_known_or_named_who_vouches_for_it(
    tmp_path: Path,
) -> None:
    authority, tls = certified(tmp_path)
    async with answering("200 OK", tls=tls) as (port, asked):
        access = Access(f"https://localhost:{port}", "us-east-1", "AKIDTEST", KEY)
        with pytest.raises(PicturesRefused, match="certificate isn't trusted"):
            await ObjectBlobs(Bucket("pictures", ""), access).put(DATA)
        assert asked == []
        vouched = replace(access, authority=authority)
        await ObjectBlobs(Bucket("pictures", ""), vouched).put(DATA)
        assert asked == ["PUT"]


def test_no_key_is_shown(s3: S3Server) -> None:
    shown = f"{s3.access()!r} {s3.blobs()._store!r} {s3.blobs()._store.config}"
    assert KEY not in shown and "AKIDTEST" not in shown


async def test_other_work_goes_on_while_a_picture_travels(s3: S3Server, line: Line) -> None:
    """And a request that is canceled ends at once."""
    blobs = s3.blobs(port=line.port)
    line.fall_silent()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(blobs.put(BIG))
        await asyncio.sleep(0.05)  # it is under way
        assert not task.done()
        task.cancel()
    assert task.cancelled()


async def test_ages_are_told_in_utc(s3: S3Server) -> None:
    blobs = s3.blobs()
    await blobs.put(DATA)
    (found,) = await blobs.page(limit=1)
    assert found.put_at.utcoffset() == timedelta(0)
