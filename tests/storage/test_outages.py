"""A server that stops, comes back, hangs up or falls silent: DatabaseAway, and nothing half done."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import make_url

from storage import pool, postgres
from storage.base import Storage
from storage.engine import open_storage
from storage.errors import DatabaseAway
from storage.migrate import migrate
from storage.postgres import PostgresStorage
from tests.fakes.line import Line, line_to
from tests.storage.cluster import Cluster, cluster
from tests.storage.databases import execute

pytestmark = pytest.mark.postgres

HANG_UP = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
async def storage(server: Cluster) -> AsyncIterator[PostgresStorage]:
    opened = await open_storage(server.url)
    assert isinstance(opened, PostgresStorage)
    yield opened
    await opened.close()


async def set_fact(storage: Storage, value: int) -> None:
    async with storage.transaction() as tx:
        await tx.controls.set("fact", value, by=None, now=NOW)


async def fact(storage: Storage) -> int:
    async with storage.reading() as view:
        return await view.controls.get("fact")


async def set_and(storage: Storage, *deeds: Callable[[], Any]) -> None:
    """Something happens in the middle of a transaction."""
    async with storage.transaction() as tx:
        await tx.controls.set("fact", 2, by=None, now=NOW)
        for deed in deeds:
            happens = deed()
            if happens is not None:
                await happens


async def fill_pool(storage: Storage) -> None:
    """Every connection of the pool has been used."""
    await asyncio.gather(*(set_fact(storage, n) for n in range(10)))


async def hang_up(server: Cluster) -> None:
    """End all other connections' backends."""
    await execute(server.url, HANG_UP)


async def test_dead_connections_of_the_pool_are_not_noticed_by_anyone(
    server: Cluster, storage: PostgresStorage
) -> None:
    await fill_pool(storage)
    await hang_up(server)
    await set_fact(storage, 77)
    assert await fact(storage) == 77
    await server.restart()
    assert await fact(storage) == 77


async def test_a_connection_found_dead_at_its_first_word_is_replaced(server: Cluster) -> None:
    async with over_a_line(server, pool=1) as (line, storage):
        await set_fact(storage, 1)
        line.lose_answer_to = b"BEGIN"
        await set_fact(storage, 2)
        assert line.lose_answer_to is None
        assert await fact(storage) == 2


async def test_a_stopped_server_is_away_and_comes_back(
    server: Cluster, storage: PostgresStorage
) -> None:
    await set_fact(storage, 1)
    server.stop()
    for _ in range(3):
        with pytest.raises(DatabaseAway):
            await set_fact(storage, 2)
        with pytest.raises(DatabaseAway):
            await fact(storage)
    server.start()
    assert await fact(storage) == 1


@pytest.mark.parametrize("how", ["hang up", "immediate", "fast"])
async def test_what_only_waits_for_its_commit_is_undone(
    server: Cluster, storage: PostgresStorage, how: str
) -> None:
    await set_fact(storage, 1)
    happens = {
        "hang up": lambda: hang_up(server),
        "immediate": server.restart,
        "fast": partial(server.restart, how="fast"),
    }
    with pytest.raises(DatabaseAway):
        await set_and(storage, happens[how])
    assert await fact(storage) == 1


async def test_a_statement_after_the_farewell_is_told(
    server: Cluster, storage: PostgresStorage
) -> None:
    async def hang_up_and_go_on() -> None:
        async with storage.transaction() as tx:
            await tx.controls.set("fact", 2, by=None, now=NOW)
            await hang_up(server)
            await tx.controls.set("other", 2, by=None, now=NOW)

    await set_fact(storage, 1)
    with pytest.raises(DatabaseAway):
        await hang_up_and_go_on()
    assert await fact(storage) == 1


async def test_an_error_in_the_block_stays_itself_though_the_server_is_away(
    server: Cluster, storage: PostgresStorage
) -> None:
    with pytest.raises(ZeroDivisionError):
        await set_and(storage, lambda: hang_up(server), lambda: 1 / 0)
    await set_fact(storage, 3)


async def test_a_canceled_transaction_leaves_no_connection_behind(
    storage: PostgresStorage,
) -> None:
    async def dawdle() -> None:
        async with storage.transaction() as tx:
            await tx.controls.set("fact", 5, by=None, now=NOW)
            await asyncio.Event().wait()

    for _ in range(12):  # more than the pool has
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(dawdle(), 0.1)
    await set_fact(storage, 6)
    assert await fact(storage) == 6


async def test_a_task_canceled_in_a_statement_leaves_no_connection_behind(
    storage: PostgresStorage,
) -> None:
    await set_fact(storage, 1)
    async with storage.transaction() as tx:
        await tx.controls.set("fact", 5, by=None, now=NOW)
        for _ in range(12):  # more than the pool has; each waits for the row
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(set_fact(storage, 6), 0.1)
    assert await fact(storage) == 5
    await set_fact(storage, 7)


async def test_nobody_gets_a_connection_whose_rolling_back_was_canceled(server: Cluster) -> None:
    async with over_a_line(server, pool=1) as (line, storage):
        await set_fact(storage, 1)
        connection = await storage._pool.take()
        storage._pool.put_back(connection)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(set_and(storage, line.fall_silent, lambda: 1 / 0), 0.5)
        line.mend()
        assert connection.is_closed()
        await set_fact(storage, 2)
        assert await fact(storage) == 2


async def test_who_finds_no_connection_free_waits_for_one(server: Cluster) -> None:
    async with storage_of(server.url, pool=1) as storage:
        await asyncio.gather(*(set_fact(storage, n) for n in range(5)))


async def test_who_waits_for_a_connection_does_not_wait_for_ever(
    server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 0.1)
    async with storage_of(server.url, pool=1) as storage:
        async with storage.reading():
            with pytest.raises(DatabaseAway) as away:
                await set_fact(storage, 1)
        assert not away.value.at_once
        await set_fact(storage, 1)


@asynccontextmanager
async def storage_of(url: str, *, pool: int) -> AsyncIterator[PostgresStorage]:
    await asyncio.to_thread(migrate, url)
    storage = PostgresStorage(make_url(url), pool=pool)
    try:
        yield storage
    finally:
        await storage.close()


@asynccontextmanager
async def over_a_line(
    server: Cluster, *, pool: int = 10
) -> AsyncIterator[tuple[Line, PostgresStorage]]:
    async with (
        line_to(server.port) as line,
        storage_of(server.url.replace(f":{server.port}/", f":{line.port}/"), pool=pool) as storage,
    ):
        try:
            yield line, storage
        finally:
            line.mend()


async def test_a_commit_whose_answer_is_lost_counts(server: Cluster) -> None:
    async with over_a_line(server) as (line, storage):
        await set_fact(storage, 1)
        line.lose_answer_to = b"COMMIT"
        await set_fact(storage, 2)  # raises nothing
        assert line.lose_answer_to is None
        assert await fact(storage) == 2


async def test_whoever_asks_for_a_fate_needs_no_connection_more_than_before(
    server: Cluster,
) -> None:
    """A restart may lose as many answers at once as the pool has connections."""
    async with over_a_line(server, pool=1) as (line, storage):
        await set_fact(storage, 1)
        line.lose_answer_to = b"COMMIT"
        async with asyncio.timeout(10):
            await set_fact(storage, 2)
        await set_fact(storage, 3)  # on the connection that was asked: it is in no transaction
        assert await fact(storage) == 3


async def test_a_commit_that_never_arrived_did_not_happen(server: Cluster) -> None:
    async with over_a_line(server) as (line, storage):
        await set_fact(storage, 1)
        with pytest.raises(DatabaseAway):
            await set_and(storage, line.cut)
        line.mend()
        assert await fact(storage) == 1


async def test_the_fate_of_a_commit_is_asked_until_someone_answers(server: Cluster) -> None:
    async with over_a_line(server) as (line, storage):
        await set_fact(storage, 1)
        line.lose_answer_to = b"COMMIT"
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(set_fact(storage, 2))
            async with asyncio.timeout(10):
                while line.lose_answer_to is not None:  # noqa: ASYNC110 - a line has no event
                    await asyncio.sleep(0)
            await server.restart(away=0.5)
            await writing
        assert await fact(storage) == 2


async def test_another_transaction_of_the_same_number_is_not_taken_for_it(
    server: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash forgets the numbers of what wasn't on disk, and gives them out again."""
    storage = await open_storage(server.url)
    await set_fact(storage, 1)
    send = postgres._Line.send

    async def crash_before_commit(line: postgres._Line, word: str) -> None:
        if word == "COMMIT":
            monkeypatch.setattr(postgres._Line, "send", send)
            await asyncio.to_thread(server.stop, "immediate")
            await asyncio.to_thread(server.start)
            for other in range(5):
                await execute(server.url, f"CREATE TABLE other_{other} (id int)")
        await send(line, word)

    monkeypatch.setattr(postgres._Line, "send", crash_before_commit)
    with pytest.raises(DatabaseAway):
        await set_fact(storage, 2)
    assert await fact(storage) == 1
    await storage.close()


@pytest.mark.slow
async def test_a_line_gone_silent_is_given_up(server: Cluster) -> None:
    """A network split: no packet says that the other side is gone."""
    async with over_a_line(server) as (line, storage):
        await fill_pool(storage)
        line.fall_silent()
        with pytest.raises(DatabaseAway):
            await set_fact(storage, 2)
        line.mend()
        await set_fact(storage, 3)
        assert await fact(storage) == 3


async def test_a_transaction_the_server_never_heard_of_is_lost(storage: PostgresStorage) -> None:
    """As after a stand-in took over that hadn't got so far."""
    assert await storage._fate("999999999999", NOW) == "lost"
