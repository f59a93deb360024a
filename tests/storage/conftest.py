from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.base import Storage
from storage.engine import open_storage
from tests.storage.databases import copy_sqlite, sqlite_template


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A migrated, empty database to copy."""
    with sqlite_template(tmp_path_factory.mktemp("template")) as path:
        yield path


@pytest.fixture
def database_url(sqlite_file: Path, tmp_path: Path) -> str:
    return copy_sqlite(sqlite_file, tmp_path)


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    storage = await open_storage(database_url)
    yield storage
    await storage.close()
