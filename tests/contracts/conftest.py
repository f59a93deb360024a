from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.base import Storage
from storage.engine import open_storage
from storage.migrate import migrate
from tests.storage.databases import (
    copy_sqlite,
    empty_postgres,
    postgres_database,
    sqlite_template,
)

ENGINES = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path | str]:
    if request.param == "sqlite":
        with sqlite_template(tmp_path_factory.mktemp("template")) as path:
            yield path
    else:
        with postgres_database() as url:
            migrate(url)
            yield url


@pytest.fixture
async def database_url(template: Path | str, tmp_path: Path) -> str:
    if isinstance(template, Path):
        return copy_sqlite(template, tmp_path)
    await empty_postgres(template)
    return template


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    storage = await open_storage(database_url)
    yield storage
    await storage.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "template" in metafunc.fixturenames:
        metafunc.parametrize("template", ENGINES, indirect=True, scope="session")
