"""A whole account goes on under another id."""

import asyncio

from storage.base import Storage
from storage.records import QuotaView
from tests.contracts.building import NOW, TOMORROW, new_job, quota_day

OLD, NEW = -5, -1005
TODAY = quota_day(10)
NEXT_DAY = quota_day(10, TOMORROW.date())


async def reserve(
    storage: Storage, message_id: int, units: int, *, account: int = OLD, day=TODAY
) -> int:
    async with storage.transaction() as tx:
        job, _ = await tx.jobs.enqueue(new_job(message_id, cost=units), now=NOW)
        await tx.quotas.reserve(account, job.id, units, day=day, now=NOW)
    return job.id


async def settle(storage: Storage, job_id: int, units: int) -> None:
    async with storage.transaction() as tx:
        assert await tx.quotas.settle(job_id, units, now=NOW)


async def transfer(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.quotas.transfer(OLD, NEW, now=NOW)


async def grant(storage: Storage, units: int, *, account: int = OLD) -> None:
    async with storage.transaction() as tx:
        await tx.quotas.grant(account, units, now=NOW)


async def view(storage: Storage, account: int = NEW, *, day=TODAY) -> QuotaView:
    async with storage.reading() as tx:
        return await tx.quotas.view(account, day=day)


async def test_what_is_spent_held_and_extra_follows(storage: Storage) -> None:
    await grant(storage, 5)
    await settle(storage, await reserve(storage, 1, 3), 3)
    held = await reserve(storage, 2, 9)
    await transfer(storage)
    assert await view(storage) == QuotaView(10, 0, 3, 9, TODAY.resets_at)
    assert await view(storage, OLD) == QuotaView(10, 10, 0, 0, TODAY.resets_at)
    await settle(storage, held, 4)  # of these 4 daily ones
    assert await view(storage) == QuotaView(10, 3, 5, 0, TODAY.resets_at)


async def test_it_is_added_to_what_is_there(storage: Storage) -> None:
    await grant(storage, 2)
    await grant(storage, 3, account=NEW)
    await reserve(storage, 1, 4)
    await reserve(storage, 2, 5, account=NEW)
    await transfer(storage)
    assert await view(storage) == QuotaView(10, 1, 5, 9, TODAY.resets_at)


async def test_moving_again_or_nothing_changes_nothing(storage: Storage) -> None:
    await transfer(storage)
    assert await view(storage) == QuotaView(10, 10, 0, 0, TODAY.resets_at)
    await reserve(storage, 1, 4)
    await asyncio.gather(*(transfer(storage) for _ in range(5)))
    async with storage.transaction() as tx:
        await tx.quotas.transfer(NEW, NEW, now=NOW)
    assert await view(storage) == QuotaView(10, 6, 0, 4, TODAY.resets_at)


async def test_a_day_that_is_over_counts_for_nothing(storage: Storage) -> None:
    old = await reserve(storage, 1, 4)
    await reserve(storage, 2, 1, account=NEW, day=NEXT_DAY)
    await transfer(storage)
    assert (await view(storage, day=NEXT_DAY)).daily_left == 9
    await settle(storage, old, 4)
    assert (await view(storage, day=NEXT_DAY)).daily_left == 9


async def test_an_account_of_an_older_day_takes_the_newer_one(storage: Storage) -> None:
    await reserve(storage, 1, 7, account=NEW)
    await reserve(storage, 2, 1, day=NEXT_DAY)
    await transfer(storage)
    assert (await view(storage, day=NEXT_DAY)).daily_left == 9


async def test_units_move_while_others_are_reserved_and_settled(storage: Storage) -> None:
    jobs = [await reserve(storage, number, 1) for number in range(5)]
    await asyncio.gather(
        transfer(storage),
        *(settle(storage, job, 1) for job in jobs),
        *(reserve(storage, 10 + number, 1) for number in range(5)),
    )
    await transfer(storage)
    left, rest = await view(storage), await view(storage, OLD)
    assert left.held == 5 and left.daily_left + rest.daily_left == 20 - 10
