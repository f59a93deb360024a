import asyncio

import pytest

from storage.base import Storage, Stores
from tests.contracts.building import NOW, enqueue, new_job


async def count(storage: Storage) -> int:
    async with storage.reading() as tx:
        return len(await tx.jobs.unfinished())


async def test_an_exception_rolls_everything_back(storage: Storage) -> None:
    async def fail() -> None:
        async with storage.transaction() as tx:
            await tx.users.remember(1, username="ann", language=None, now=NOW)
            await tx.jobs.enqueue(new_job(1), now=NOW)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await count(storage) == 0
    async with storage.reading() as tx:
        assert await tx.users.get(1) is None


async def test_a_canceled_transaction_is_rolled_back_and_the_next_one_works(
    storage: Storage,
) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with storage.transaction() as tx:
            await tx.jobs.enqueue(new_job(1), now=NOW)
            inside.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(hang())
        await inside.wait()
        task.cancel()
    assert await count(storage) == 0
    await enqueue(storage, 2)
    assert await count(storage) == 1


async def test_a_statement_canceled_on_its_way_leaves_nothing_behind(storage: Storage) -> None:
    async def write(message_id: int) -> None:
        async with storage.transaction() as tx:
            await tx.jobs.enqueue(new_job(message_id), now=NOW)
            await asyncio.Event().wait()

    for number in range(10):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(write(number))
            for _ in range(number):
                await asyncio.sleep(0)
            task.cancel()
    assert await count(storage) == 0
    await enqueue(storage, 50)
    assert await count(storage) == 1


async def test_a_reader_sees_one_moment_and_waits_for_no_writer(storage: Storage) -> None:
    await enqueue(storage, 1)
    async with storage.transaction() as writer:
        await writer.jobs.enqueue(new_job(2), now=NOW)
        async with storage.reading() as reader:
            assert len(await reader.jobs.unfinished()) == 1
    async with storage.reading() as reader:
        assert len(await reader.jobs.unfinished()) == 2
        await enqueue(storage, 3)
        assert len(await reader.jobs.unfinished()) == 2


async def test_a_reader_cannot_write(storage: Storage) -> None:
    async def write() -> None:
        async with storage.reading() as tx:
            await tx.jobs.enqueue(new_job(1), now=NOW)

    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await write()
    assert await count(storage) == 0


async def test_more_readers_than_connections_take_turns(storage: Storage) -> None:
    await enqueue(storage, 1)
    assert await asyncio.gather(*(count(storage) for _ in range(40))) == [1] * 40


async def test_closing_twice_is_fine(storage: Storage) -> None:
    await storage.close()
    await storage.close()


async def test_a_transaction_in_one_go_sees_what_it_wrote_and_gives_its_result(
    storage: Storage,
) -> None:
    async def accept(tx: Stores) -> int:
        job, _ = await tx.jobs.enqueue(new_job(1), now=NOW)
        return len(await tx.jobs.unfinished()) if job.id else 0

    assert await storage.write(accept) == 1
    assert len(await storage.read(lambda view: view.jobs.unfinished())) == 1


async def test_an_exception_rolls_back_all_that_went_in_one_go(storage: Storage) -> None:
    async def fail(tx: Stores) -> None:
        await tx.jobs.enqueue(new_job(1), now=NOW)
        raise LookupError

    with pytest.raises(LookupError):
        await storage.write(fail)
    assert await count(storage) == 0
    await enqueue(storage, 2)
    assert await count(storage) == 1


async def test_canceled_in_one_go_it_happened_or_not_and_the_next_one_works(
    storage: Storage,
) -> None:
    async def accept(tx: Stores) -> None:
        await tx.jobs.enqueue(new_job(1), now=NOW)
        await tx.jobs.enqueue(new_job(2), now=NOW)

    for number in range(10):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(storage.write(accept))
            for _ in range(number):
                await asyncio.sleep(0)
            task.cancel()
    assert await count(storage) in (0, 2)
    await enqueue(storage, 3)
    assert await count(storage) in (1, 3)


async def test_in_one_go_nothing_but_stores_is_awaited_in_a_thread(storage: Storage) -> None:
    async def dawdle(tx: Stores) -> None:
        await tx.jobs.enqueue(new_job(1), now=NOW)
        await asyncio.sleep(0)

    if storage.shared:  # its work is in the event loop, and may
        await storage.write(dawdle)
        assert await count(storage) == 1
        return
    with pytest.raises(RuntimeError, match="something else"):
        await storage.write(dawdle)
    assert await count(storage) == 0
