import asyncio
from datetime import timedelta

import pytest

from storage.base import Storage
from storage.errors import Throttled
from storage.records import User
from tests.contracts.building import NOW


async def test_a_user_is_remembered_and_refreshed(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await tx.users.get(7) is None
        await tx.users.remember(7, username="ann", language="de", now=NOW)
        user = await tx.users.remember(7, username="anna", language="de", now=NOW)
    assert user == User(7, "anna", "de", banned=False)
    async with storage.reading() as tx:
        assert await tx.users.get(7) == user


async def test_a_name_that_is_not_known_now_is_kept(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.remember(7, username="ann", language="de", now=NOW)
        user = await tx.users.remember(7, username=None, language=None, now=NOW)
    assert user == User(7, "ann", "de", banned=False)


async def test_ids_beyond_32_bits_fit(storage: Storage) -> None:
    async with storage.transaction() as tx:
        user = await tx.users.remember(2**52, username=None, language=None, now=NOW)
    assert user.id == 2**52


async def test_one_request_too_many_is_throttled_until_the_minute_is_over(storage: Storage) -> None:
    async with storage.transaction() as tx:
        for _ in range(3):
            await tx.users.count_request(7, per_minute=3, now=NOW)
        with pytest.raises(Throttled) as refusal:
            await tx.users.count_request(7, per_minute=3, now=NOW)
        await tx.users.count_request(8, per_minute=3, now=NOW)
        next_minute = NOW + timedelta(seconds=refusal.value.retry_after)
        with pytest.raises(Throttled):
            await tx.users.count_request(7, per_minute=3, now=next_minute - timedelta(seconds=1))
        await tx.users.count_request(7, per_minute=3, now=next_minute)
    assert refusal.value.retry_after == 60 - NOW.second


async def test_a_clock_that_goes_back_does_not_empty_the_count(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.count_request(7, per_minute=1, now=NOW)
        with pytest.raises(Throttled):
            await tx.users.count_request(7, per_minute=1, now=NOW - timedelta(minutes=1))


async def test_requests_at_once_are_all_counted(storage: Storage) -> None:
    async def request() -> bool:
        try:
            async with storage.transaction() as tx:
                await tx.users.count_request(7, per_minute=5, now=NOW)
        except Throttled:
            return False
        return True

    taken = await asyncio.gather(*(request() for _ in range(20)))
    assert sum(taken) == 5
