from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.bot.process import House, house
from tests.scale.servers import Processes, processes, use
from tests.storage.cluster import Cluster, cluster
from tests.storage.databases import postgres_database


@pytest.fixture
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
def database() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.fixture
async def home(tmp_path: Path, database: str) -> AsyncIterator[House]:
    async with house(tmp_path) as built:
        use(built, database)
        yield built


@pytest.fixture
async def crew(home: House) -> AsyncIterator[Processes]:
    async with processes(home) as made:
        yield made
