import asyncio
from datetime import timedelta

import pytest

from storage.base import Storage
from storage.errors import QuotaExceeded
from storage.records import QuotaDay, QuotaView
from tests.contracts.building import NOW, TOMORROW, enqueue, new_job, quota_day

TODAY = quota_day(10)
NEXT_DAY = quota_day(10, TOMORROW.date())


async def reserve(
    storage: Storage, message_id: int, units: int, *, day: QuotaDay = TODAY, user_id: int = 1
) -> int:
    async with storage.transaction() as tx:
        job, _ = await tx.jobs.enqueue(new_job(message_id, user_id=user_id, cost=units), now=NOW)
        await tx.quotas.reserve(user_id, job.id, units, day=day, now=NOW)
    return job.id


async def settle(storage: Storage, job_id: int, units: int) -> bool:
    async with storage.transaction() as tx:
        return await tx.quotas.settle(job_id, units, now=NOW)


async def view(storage: Storage, *, day: QuotaDay = TODAY, user_id: int = 1) -> QuotaView:
    async with storage.reading() as tx:
        return await tx.quotas.view(user_id, day=day)


async def grant(storage: Storage, units: int) -> None:
    async with storage.transaction() as tx:
        await tx.quotas.grant(1, units, now=NOW)


async def test_a_user_never_seen_has_the_daily_limit(storage: Storage) -> None:
    assert await view(storage) == QuotaView(10, 10, 0, 0, TODAY.resets_at)


async def test_held_units_are_taken_off_at_once(storage: Storage) -> None:
    await reserve(storage, 1, 4)
    assert await view(storage) == QuotaView(10, 6, 0, 4, TODAY.resets_at)


async def test_settling_captures_what_was_made_and_releases_the_rest(storage: Storage) -> None:
    job = await reserve(storage, 1, 4)
    assert await settle(storage, job, 3)
    assert await view(storage) == QuotaView(10, 7, 0, 0, TODAY.resets_at)


async def test_settling_twice_charges_once(storage: Storage) -> None:
    job = await reserve(storage, 1, 4)
    settled = await asyncio.gather(*(settle(storage, job, 4) for _ in range(5)))
    assert sum(settled) == 1
    assert (await view(storage)).left == 6


async def test_never_more_is_captured_than_was_held(storage: Storage) -> None:
    job = await reserve(storage, 1, 2)
    assert await settle(storage, job, 9)
    assert (await view(storage)).left == 8


async def test_settling_without_a_reservation_is_refused(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    assert not await settle(storage, job.id, 1)


async def test_too_many_units_are_refused_and_nothing_is_held(storage: Storage) -> None:
    await reserve(storage, 1, 8)
    with pytest.raises(QuotaExceeded) as refusal:
        await reserve(storage, 2, 3)
    assert (refusal.value.left, refusal.value.needed) == (2, 3)
    assert refusal.value.resets_at == TODAY.resets_at
    assert await view(storage) == QuotaView(10, 2, 0, 8, TODAY.resets_at)


async def test_a_refusal_inside_a_transaction_that_goes_on_holds_nothing(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    async with storage.transaction() as tx:
        with pytest.raises(QuotaExceeded):
            await tx.quotas.reserve(1, job.id, 11, day=TODAY, now=NOW)
    assert (await view(storage)).held == 0
    assert not await settle(storage, job.id, 1)


async def test_reserving_twice_for_a_job_holds_once(storage: Storage) -> None:
    job = await reserve(storage, 1, 4)
    async with storage.transaction() as tx:
        await tx.quotas.reserve(1, job, 4, day=TODAY, now=NOW)
    assert (await view(storage)).held == 4


async def test_a_rolled_back_reservation_leaves_nothing(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    transaction = storage.transaction()
    tx = await transaction.__aenter__()
    await tx.quotas.reserve(1, job.id, 4, day=TODAY, now=NOW)
    stop = LookupError()
    assert not await transaction.__aexit__(LookupError, stop, None)
    assert (await view(storage)).left == 10


async def test_twenty_at_once_on_a_budget_of_one_give_exactly_one(storage: Storage) -> None:
    async def attempt(message_id: int) -> bool:
        try:
            await reserve(storage, message_id, 1, day=quota_day(1))
        except QuotaExceeded:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(n) for n in range(20)))) == 1
    assert await view(storage, day=quota_day(1)) == QuotaView(1, 0, 0, 1, TODAY.resets_at)
    async with storage.reading() as tx:
        assert len(await tx.jobs.unfinished()) == 1  # the refused ones left no job


async def test_daily_units_go_first_and_come_back_last(storage: Storage) -> None:
    await grant(storage, 5)
    job = await reserve(storage, 1, 12)
    assert await view(storage) == QuotaView(10, 0, 3, 12, TODAY.resets_at)
    await settle(storage, job, 11)
    assert await view(storage) == QuotaView(10, 0, 4, 0, TODAY.resets_at)


async def test_extra_units_do_not_expire(storage: Storage) -> None:
    await grant(storage, 5)
    await reserve(storage, 1, 12)
    assert await view(storage, day=NEXT_DAY) == QuotaView(10, 10, 3, 2, NEXT_DAY.resets_at)


async def test_a_new_day_begins_afresh(storage: Storage) -> None:
    await settle(storage, await reserve(storage, 1, 10), 10)
    assert (await view(storage)).left == 0
    assert (await view(storage, day=NEXT_DAY)).left == 10
    await reserve(storage, 2, 10, day=NEXT_DAY)


@pytest.mark.parametrize("captured", [0, 6])
async def test_what_yesterday_held_never_counts_today(storage: Storage, captured: int) -> None:
    old = await reserve(storage, 1, 6)
    new = await reserve(storage, 2, 10, day=NEXT_DAY)
    assert await settle(storage, old, captured)
    assert await view(storage, day=NEXT_DAY) == QuotaView(10, 0, 0, 10, NEXT_DAY.resets_at)
    assert await settle(storage, new, 3)
    assert (await view(storage, day=NEXT_DAY)).left == 7


async def test_a_process_still_in_yesterday_does_not_bring_it_back(storage: Storage) -> None:
    await settle(storage, await reserve(storage, 1, 10, day=NEXT_DAY), 10)
    with pytest.raises(QuotaExceeded):
        await reserve(storage, 2, 1)
    assert (await view(storage, day=NEXT_DAY)).left == 0


async def test_a_limit_lowered_under_what_is_spent_leaves_zero(storage: Storage) -> None:
    await settle(storage, await reserve(storage, 1, 8), 8)
    assert (await view(storage, day=quota_day(5))).left == 0
    with pytest.raises(QuotaExceeded) as refusal:
        await reserve(storage, 2, 1, day=quota_day(5))
    assert refusal.value.left == 0


async def test_a_grant_helps_whatever_the_limit_was_lowered_to(storage: Storage) -> None:
    await settle(storage, await reserve(storage, 1, 8), 8)
    await grant(storage, 2)
    await reserve(storage, 2, 2, day=quota_day(5))
    assert (await view(storage, day=quota_day(5))).left == 0


async def test_users_have_accounts_of_their_own(storage: Storage) -> None:
    await reserve(storage, 1, 10)
    await reserve(storage, 2, 10, user_id=2)


async def test_midnight_in_the_middle_of_a_job(storage: Storage) -> None:
    job = await reserve(storage, 1, 10)
    async with storage.transaction() as tx:
        assert await tx.quotas.settle(job, 10, now=NOW + timedelta(days=1))
    assert (await view(storage, day=NEXT_DAY)).left == 10
