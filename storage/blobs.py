"""Pictures as files, named by their content: root/ab/cd/<sha256>."""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from storage.errors import PictureDamaged, PictureMissing, PicturesAway
from storage.records import StoredBlob

KEY = re.compile(r"[0-9a-f]{64}")
OLD = "old-"
"""Before the name of a picture that is being deleted."""


def key_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_key(name: str) -> bool:
    return KEY.fullmatch(name) is not None


class FileBlobs:
    """The BlobStore on a file system. Files are readable by this user alone.

    How old a picture is stands in its file's time of change.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, data: bytes) -> str:
        return await asyncio.to_thread(self._put, data)

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(self._get, key)

    async def delete(self, key: str, *, put_before: datetime | None = None) -> None:
        await asyncio.to_thread(self._delete, key, put_before)

    async def page(self, *, after: str = "", limit: int) -> list[StoredBlob]:
        return await asyncio.to_thread(self._page, after, limit)

    async def tidy(self, *, before: datetime) -> None:
        await asyncio.to_thread(self._tidy, before)

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise PictureMissing(key)
        return self._root / key[:2] / key[2:4] / key

    def _put(self, data: bytes) -> str:
        key = key_of(data)
        path = self._path(key)
        with _telling():
            if not _renewed(path, data):
                _make_folder(path.parent)
                _write(path, data)
            _sync_folder(path.parent)  # also where another writer was first and has not come so far
        return key

    def _get(self, key: str) -> bytes:
        path = self._path(key)
        with _telling():
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                raise PictureMissing(key) from None
        if key_of(data) != key:
            raise PictureDamaged(key)
        return data

    def _delete(self, key: str, put_before: datetime | None) -> None:
        path = self._path(key)
        with _telling():
            if put_before is None:
                path.unlink(missing_ok=True)
            else:
                _delete_old(path, put_before)

    def _page(self, after: str, limit: int) -> list[StoredBlob]:
        with _telling():
            return list(islice(self._beyond(after), limit))

    def _tidy(self, before: datetime) -> None:
        with _telling():
            for path in self._root.glob("??/??/*-*"):
                with suppress(FileNotFoundError):
                    if _put_at(path) < before:
                        _end(path)

    def _beyond(self, after: str) -> Iterator[StoredBlob]:
        for first in _folders(self._root, after[:2]):
            for second in _folders(first, after[2:4] if first.name == after[:2] else ""):
                for path in sorted(second.iterdir()):
                    if is_key(path.name) and path.name > after:
                        with suppress(FileNotFoundError):  # deleted just now
                            yield StoredBlob(path.name, _put_at(path))


@contextmanager
def _telling() -> Iterator[None]:
    """Raises PicturesAway for what the file system refuses."""
    try:
        yield
    except OSError as error:
        raise PicturesAway(error.strerror or type(error).__name__) from error


def _folders(folder: Path, first: str) -> list[Path]:
    """Those in it named by two letters of a key, from `first` on."""
    if not folder.is_dir():
        return []
    names = (path for path in folder.iterdir() if len(path.name) == len("ab"))
    return sorted(path for path in names if path.name >= first and path.is_dir())


def _put_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _renewed(path: Path, data: bytes) -> bool:
    """Whether the picture is there, and whole; it is then as young as a new one."""
    try:
        os.utime(path)
        return path.read_bytes() == data
    except FileNotFoundError:
        return False


def _delete_old(path: Path, put_before: datetime) -> None:
    """Out of the way first, and then a look: one that is put again meanwhile is there again, and one
    that was put again just before comes back.
    """
    aside = path.with_name(OLD + path.name)
    with suppress(FileNotFoundError):
        path.rename(aside)
        if _put_at(aside) < put_before:
            aside.unlink()
        else:
            aside.rename(path)


def _end(left: Path) -> None:
    """Of a picture half written nothing is kept; one half deleted is back, to be deleted anew."""
    whole = left.with_name(left.name.removeprefix(OLD))
    if is_key(whole.name) and not whole.exists():
        left.rename(whole)
    else:
        left.unlink()


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
