import subprocess
import sys
from pathlib import Path

import pytest

from storage.base import Storage
from storage.engine import open_storage
from storage.errors import DatabaseInUse, DatabaseUnusable
from storage.lock import FileLock

HOLD = """
import sys
from pathlib import Path
from storage.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


async def test_a_second_storage_on_the_file_is_refused(storage: Storage, database_url: str) -> None:
    with pytest.raises(DatabaseInUse):
        await open_storage(database_url)


async def test_a_tool_that_only_looks_is_let_in(storage: Storage, database_url: str) -> None:
    tool = await open_storage(database_url, exclusive=False)
    await tool.close()
    with pytest.raises(DatabaseInUse):  # and leaves the lock where it is
        await open_storage(database_url)


async def test_closing_lets_the_next_one_in(database_url: str) -> None:
    for _ in range(2):
        storage = await open_storage(database_url)
        await storage.close()


async def test_a_storage_that_did_not_open_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    path.write_bytes(b"this is no database" * 100)
    for _ in range(2):
        with pytest.raises(Exception, match="not a database"):
            await open_storage(f"sqlite+aiosqlite:///{path}")


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"])
async def test_a_database_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="no file"):
        await open_storage(url)


async def test_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bot.db"
    storage = await open_storage(f"sqlite+aiosqlite:///{path}")
    modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    await storage.close()
    assert set(modes.values()) == {"0o600"}, modes


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseInUse):
            FileLock(path)
        other.kill()
        other.wait()
        FileLock(path).close()
