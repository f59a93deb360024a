import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.base import BlobStore
from storage.blobs import FileBlobs
from storage.errors import PictureMissing
from storage.records import StoredBlob
from tests.storage.s3_server import S3Server

DATA = b"\x89PNG" + bytes(range(256)) * 100
KEY = hashlib.sha256(DATA).hexdigest()

A_MOMENT = timedelta(seconds=1.1)


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FileBlobs(tmp_path / "pictures")
    server: S3Server = request.getfixturevalue("s3")
    return server.blobs()


async def test_a_picture_comes_back_by_its_content(blobs: BlobStore) -> None:
    assert await blobs.put(DATA) == KEY
    assert await blobs.get(KEY) == DATA


async def test_putting_again_is_fine(blobs: BlobStore) -> None:
    keys = await asyncio.gather(*(blobs.put(DATA) for _ in range(10)))
    assert set(keys) == {KEY}
    assert await blobs.get(KEY) == DATA


async def test_a_deleted_picture_is_missing(blobs: BlobStore) -> None:
    await blobs.put(DATA)
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    with pytest.raises(PictureMissing) as error:
        await blobs.get(KEY)
    assert error.value.key == KEY


@pytest.mark.parametrize("key", ["", "ab", "../" * 21 + "x", "A" * 64, KEY[:-1], KEY + "\n"])
async def test_only_keys_are_looked_up(blobs: BlobStore, key: str) -> None:
    with pytest.raises(PictureMissing):
        await blobs.get(key)
    with pytest.raises(PictureMissing):
        await blobs.delete(key)


async def test_all_pictures_are_found_page_by_page(blobs: BlobStore) -> None:
    began = datetime.now(UTC) - A_MOMENT  # noqa: TID251 - the store's own clock is meant
    keys = sorted([await blobs.put(b"picture %d" % number) for number in range(7)])
    found: list[StoredBlob] = []
    while page := await blobs.page(after=found[-1].key if found else "", limit=3):
        assert len(page) <= 3
        found += page
    assert [blob.key for blob in found] == keys
    assert all(began <= blob.put_at <= began + timedelta(minutes=5) for blob in found)


async def test_an_old_picture_is_deleted_unless_it_was_put_again(blobs: BlobStore) -> None:
    await blobs.put(DATA)
    (stored,) = await blobs.page(limit=9)
    await asyncio.sleep(A_MOMENT.total_seconds())  # stores count whole seconds
    await blobs.delete(KEY, put_before=stored.put_at)
    assert await blobs.get(KEY) == DATA
    await blobs.put(DATA)
    (again,) = await blobs.page(limit=9)
    assert again.put_at > stored.put_at
    await blobs.delete(KEY, put_before=stored.put_at + timedelta(seconds=0.5))
    assert await blobs.get(KEY) == DATA
    await blobs.delete(KEY, put_before=again.put_at + A_MOMENT)
    await blobs.delete(KEY, put_before=again.put_at + A_MOMENT)
    assert await blobs.page(limit=9) == []


async def test_tidying_takes_no_picture(blobs: BlobStore) -> None:
    await blobs.put(DATA)
    await blobs.tidy(before=datetime.now(UTC) + A_MOMENT)  # noqa: TID251 - as above
    assert await blobs.get(KEY) == DATA
