"""Pictures as files, named by their content: root/ab/cd/<sha256>."""

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path

from storage.errors import PictureMissing

_KEY = re.compile(r"[0-9a-f]{64}")


class FileBlobs:
    """The BlobStore on a file system. Files are readable by this user alone."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, data: bytes) -> str:
        return await asyncio.to_thread(self._put, data)

    async def get(self, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError:
            raise PictureMissing(key) from None

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise PictureMissing(key)
        return self._root / key[:2] / key[2:4] / key

    def _put(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        path = self._path(key)
        if not path.exists():
            _make_folder(path.parent)
            _write(path, data)
        _sync_folder(path.parent)  # also where another writer was first and has not come so far
        return key


def _make_folder(folder: Path) -> None:
    """Make a folder and its parents, each durably."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _write(path: Path, data: bytes) -> None:
    """Write all of a file or nothing: under its own name it is always whole."""
    descriptor, name = tempfile.mkstemp(prefix="new-", dir=path.parent)  # its mode is 0600
    temporary = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
