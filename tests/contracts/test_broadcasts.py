import asyncio
from datetime import timedelta

from storage.base import Storage
from storage.records import Broadcast, BroadcastState
from tests.contracts.building import NOW, SOON

AUTHOR = 1


async def _people(storage: Storage, *ids: int) -> None:
    async with storage.transaction() as tx:
        for user_id in ids:
            await tx.chats.set_enabled(user_id, True, kind="private", now=NOW)


async def _running(storage: Storage, runner: str = "a") -> Broadcast:
    async with storage.transaction() as tx:
        added = await tx.broadcasts.add(AUTHOR, chat_id=AUTHOR, message_id=5, now=NOW)
        assert added.state is BroadcastState.PREVIEW
        assert await tx.broadcasts.claim(runner, until=SOON, now=NOW) is None
        assert await tx.broadcasts.start(added.id, status_message_id=6)
        assert not await tx.broadcasts.start(added.id, status_message_id=7)
        claimed = await tx.broadcasts.claim(runner, until=SOON, now=NOW)
    assert claimed is not None and claimed.status_message_id == 6
    return claimed


async def test_everyone_is_taken_once_in_order(storage: Storage) -> None:
    await _people(storage, AUTHOR, 30, 10, 20)
    async with storage.transaction() as tx:
        await tx.chats.set_enabled(-100, True, kind="supergroup", now=NOW)
        await tx.chats.set_enabled(20, False, kind="private", now=NOW)
    it = await _running(storage)
    async with storage.transaction() as tx:
        assert await tx.broadcasts.audience(it.id) == 2
        assert await tx.broadcasts.take(it.id, "a", until=SOON) == 10
        assert await tx.broadcasts.audience(it.id) == 1
        assert await tx.broadcasts.take(it.id, "a", until=SOON) == 30
        assert await tx.broadcasts.take(it.id, "a", until=SOON) is None
        assert await tx.broadcasts.is_held(it.id, "a")


async def test_many_hands_take_nobody_twice(storage: Storage) -> None:
    await _people(storage, *range(10, 30))
    it = await _running(storage)

    async def take() -> int | None:
        async with storage.transaction() as tx:
            return await tx.broadcasts.take(it.id, "a", until=SOON)

    taken = await asyncio.gather(*(take() for _ in range(25)))
    assert sorted(each for each in taken if each) == list(range(10, 30))


async def test_it_is_in_one_processs_hands_until_its_lease_is_over(storage: Storage) -> None:
    await _people(storage, 10, 20)
    it = await _running(storage)
    async with storage.transaction() as tx:
        assert await tx.broadcasts.claim("b", until=SOON, now=NOW) is None
        late = SOON + timedelta(seconds=1)
        assert await tx.broadcasts.claim("b", until=late + timedelta(30), now=late) is not None
        assert await tx.broadcasts.take(it.id, "a", until=SOON) is None
        assert not await tx.broadcasts.is_held(it.id, "a")
        assert await tx.broadcasts.take(it.id, "b", until=SOON) == 10
        await tx.broadcasts.release(it.id, "b")
        assert await tx.broadcasts.claim("c", until=SOON, now=NOW) is not None


async def test_once_stopped_nobody_else_is_taken(storage: Storage) -> None:
    await _people(storage, 10)
    it = await _running(storage)
    async with storage.transaction() as tx:
        await tx.broadcasts.count(it.id, "sent")
        await tx.broadcasts.count(it.id, "sent")
        await tx.broadcasts.count(it.id, "blocked")
        await tx.broadcasts.count(it.id, "failed")
        assert await tx.broadcasts.end(it.id, BroadcastState.STOPPED, now=NOW)
        assert not await tx.broadcasts.end(it.id, BroadcastState.DONE, now=NOW)
        assert await tx.broadcasts.take(it.id, "a", until=SOON) is None
        assert await tx.broadcasts.claim("b", until=SOON, now=SOON) is None
        ended = await tx.broadcasts.get(it.id)
    assert ended is not None
    assert (ended.state, ended.sent, ended.failed, ended.blocked) == (
        BroadcastState.STOPPED,
        2,
        1,
        1,
    )
