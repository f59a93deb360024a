import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.blobs import FileBlobs
from storage.errors import PictureDamaged, PicturesAway
from tests.fakes.small_disk import needs_root, small_disk

HANG_BEFORE_THE_FILE_IS_SYNCED = """
import asyncio, os, stat, sys
from pathlib import Path
from storage.blobs import FileBlobs
sync = os.fsync
def hang(descriptor):
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        print("writing", flush=True)
        sys.stdin.read()
    sync(descriptor)
os.fsync = hang
asyncio.run(FileBlobs(Path(sys.argv[1])).put(b"picture" * 100_000))
"""

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def files_under(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_kill_leaves_no_half_picture(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HANG_BEFORE_THE_FILE_IS_SYNCED, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"writing\n"
        process.kill()
    (left,) = files_under(tmp_path)
    assert left.name.startswith("new-")
    key = asyncio.run(FileBlobs(tmp_path).put(b"picture" * 100_000))
    assert {path.name for path in files_under(tmp_path)} == {left.name, key}


async def test_a_picture_lies_private_in_its_folder_with_nothing_beside_it(tmp_path: Path) -> None:
    key = await FileBlobs(tmp_path).put(b"picture")
    path = tmp_path / key[:2] / key[2:4] / key
    assert path.read_bytes() == b"picture"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path]


async def test_a_failed_put_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(os, "fsync", full_disk)
        with pytest.raises(PicturesAway, match="No space"):
            await FileBlobs(tmp_path).put(b"picture")
    assert files_under(tmp_path) == []
    await FileBlobs(tmp_path).put(b"picture")


def aged(root: Path, key: str, moment: datetime = LONG_AGO) -> Path:
    path = root / key[:2] / key[2:4] / key
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


async def test_what_was_never_finished_is_cleared_away_once_it_is_old(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    path = aged(tmp_path, await blobs.put(b"whole"))
    half, fresh = path.with_name("new-half"), path.with_name("new-fresh")
    fresh.write_bytes(b"fr")
    half.write_bytes(b"ha")
    gone = path.with_name("old-" + path.name)  # killed in the middle of its deletion
    path.rename(gone)
    for left in (half, gone):
        os.utime(left, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    await blobs.tidy(before=LONG_AGO + timedelta(days=1))
    assert sorted(files_under(tmp_path)) == sorted([path, fresh])
    assert await blobs.get(path.name) == b"whole"


async def test_a_picture_whose_bytes_changed_is_not_handed_out(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    path = aged(tmp_path, await blobs.put(b"picture"))
    path.write_bytes(b"pictura")
    with pytest.raises(PictureDamaged):
        await blobs.get(path.name)
    await blobs.put(b"picture")
    assert await blobs.get(path.name) == b"picture"


@needs_root
async def test_a_full_disk_and_one_that_is_read_only_are_told_and_hurt_nothing(
    tmp_path: Path,
) -> None:
    big = os.urandom(900_000)
    with small_disk(tmp_path / "disk", "1m") as disk:
        blobs = FileBlobs(disk.path)
        kept = await blobs.put(big)
        with pytest.raises(PicturesAway, match="No space"):
            await blobs.put(os.urandom(900_000))
        assert await blobs.get(kept) == big and len(files_under(disk.path)) == 1
        disk.make_read_only()
        for change in (blobs.put(b"small"), blobs.put(big), blobs.delete(kept)):
            with pytest.raises(PicturesAway, match="Read-only"):
                await change
        assert await blobs.get(kept) == big
        disk.make_writable()
        await blobs.delete(kept)
        await blobs.put(os.urandom(900_000))
