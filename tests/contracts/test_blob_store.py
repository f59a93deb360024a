import asyncio
import hashlib
from pathlib import Path

import pytest

from storage.base import BlobStore
from storage.blobs import FileBlobs
from storage.errors import PictureMissing

DATA = b"\x89PNG" + bytes(range(256)) * 100
KEY = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=[FileBlobs])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return request.param(tmp_path / "pictures")


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
