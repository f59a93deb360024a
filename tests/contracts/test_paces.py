import asyncio
from datetime import timedelta

from storage.base import Storage
from tests.contracts.building import LATER, NOW, SOON

SECOND = timedelta(seconds=1)


async def test_a_chat_is_closed_until_the_latest_moment(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.paces.close(-7, until=LATER)
        await tx.paces.close(-7, until=SOON)
        await tx.paces.close(8, until=SOON)
    async with storage.reading() as view:
        assert await view.paces.closed(now=NOW) == {-7: LATER, 8: SOON}
        assert await view.paces.closed(now=SOON) == {-7: LATER}


async def test_one_call_a_spacing_whoever_asks(storage: Storage) -> None:
    async def claim(chat_id: int, after: float) -> bool:
        async with storage.transaction() as tx:
            now = NOW + after * SECOND
            return await tx.paces.claim_call(chat_id, spacing=4 * SECOND, now=now)

    assert sum(await asyncio.gather(*(claim(-7, 0) for _ in range(8)))) == 1
    assert await claim(8, 0)
    assert not await claim(-7, 3.9)
    assert await claim(-7, 4)
    assert not await claim(-7, 7.9)


async def test_a_closing_and_a_call_share_a_row(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await tx.paces.claim_call(-7, spacing=SECOND, now=NOW)
        await tx.paces.close(-7, until=SOON)
        assert await tx.paces.claim_call(-7, spacing=SECOND, now=NOW + SECOND)
        assert await tx.paces.closed(now=NOW) == {-7: SOON}


async def test_what_is_over_is_forgotten(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.paces.close(-7, until=SOON)
        await tx.paces.claim_call(8, spacing=SECOND, now=NOW)
        await tx.paces.close(9, until=LATER)
        assert await tx.paces.forget(now=NOW) == 0
        assert await tx.paces.forget(now=SOON) == 2
        assert await tx.paces.closed(now=NOW) == {9: LATER}
