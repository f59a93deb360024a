import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.blobs import FileBlobs

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
        with pytest.raises(OSError, match="No space"):
            await FileBlobs(tmp_path).put(b"picture")
    assert files_under(tmp_path) == []
    await FileBlobs(tmp_path).put(b"picture")
