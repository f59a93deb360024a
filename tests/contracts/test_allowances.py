import asyncio

import pytest

from storage.base import Storage
from storage.errors import QuotaExceeded
from storage.records import UNLIMITED, JobState, Outcome, QuotaView
from tests.contracts.building import NOW, TOMORROW, end, fetch, quota_day, running_job
from tests.contracts.test_quota_store import NEXT_DAY, TODAY, grant, reserve, settle, view


async def set_limit(storage: Storage, limit: int | None, user_id: int = 1) -> None:
    async with storage.transaction() as tx:
        await tx.quotas.set_limit(user_id, limit)


async def reset(storage: Storage) -> int:
    async with storage.transaction() as tx:
        return await tx.quotas.reset(1, day=TODAY, now=NOW)


async def revoke(storage: Storage, units: int) -> int:
    async with storage.transaction() as tx:
        return await tx.quotas.revoke(1, units, now=NOW)


async def test_a_limit_of_ones_own_counts_from_now_on_also_for_someone_never_seen(
    storage: Storage,
) -> None:
    await set_limit(storage, 3)
    assert await view(storage) == QuotaView(3, 3, 0, 0, TODAY.resets_at)
    with pytest.raises(QuotaExceeded):
        await reserve(storage, 1, 4)
    await reserve(storage, 2, 3)
    await set_limit(storage, None)
    assert await view(storage) == QuotaView(10, 7, 0, 3, TODAY.resets_at)


async def test_without_a_limit_nothing_is_refused_and_extra_units_are_left_alone(
    storage: Storage,
) -> None:
    await grant(storage, UNLIMITED)  # as many as there can be: the sum still fits the columns
    await set_limit(storage, UNLIMITED)
    await settle(storage, await reserve(storage, 1, 1_000_000), 1_000_000)
    found = await view(storage)
    assert found.unlimited and found.extra_left == UNLIMITED
    assert not QuotaView(10, 10, 0, 0, TODAY.resets_at).unlimited


async def test_a_reset_forgives_what_is_spent_and_keeps_what_is_held(storage: Storage) -> None:
    await settle(storage, await reserve(storage, 1, 6), 6)
    held = await reserve(storage, 2, 3)
    assert await reset(storage) == 6
    assert await view(storage) == QuotaView(10, 7, 0, 3, TODAY.resets_at)
    assert await settle(storage, held, 3)
    assert (await view(storage)).daily_left == 7
    assert await reset(storage) == 3
    assert await reset(storage) == 0


async def test_a_reset_forgives_nothing_of_another_day(storage: Storage) -> None:
    await settle(storage, await reserve(storage, 1, 6), 6)
    async with storage.transaction() as tx:
        assert await tx.quotas.reset(1, day=NEXT_DAY, now=TOMORROW) == 0
        assert await tx.quotas.reset(99, day=NEXT_DAY, now=TOMORROW) == 0


async def test_only_extra_units_that_no_job_holds_are_taken_back(storage: Storage) -> None:
    await grant(storage, 5)
    job = await reserve(storage, 1, 12)  # two of them
    assert await revoke(storage, 9) == 3
    assert await revoke(storage, 9) == 0
    assert await view(storage) == QuotaView(10, 0, 0, 12, TODAY.resets_at)
    await settle(storage, job, 12)
    async with storage.transaction() as tx:
        assert await tx.quotas.revoke(99, 1, now=NOW) == 0


async def test_grants_revokes_resets_and_reservations_at_once_lose_nothing(
    storage: Storage,
) -> None:
    await grant(storage, 10)
    jobs = [await reserve(storage, number, 2, day=quota_day(4)) for number in range(1, 5)]
    await asyncio.gather(
        *(settle(storage, job, 1) for job in jobs),
        *(grant(storage, 1) for _ in range(4)),
        *(revoke(storage, 1) for _ in range(4)),
        *(reset(storage) for _ in range(2)),
    )
    found = await view(storage, day=quota_day(4))
    assert found.held == 0 and 2 <= found.daily_left <= 4
    assert found.extra_left == 8  # two jobs were paid out of them, one unit each


async def test_what_a_person_did_is_told_newest_first(storage: Storage) -> None:
    first = await running_job(storage, 1)
    await end(storage, first, Outcome(JobState.SUCCEEDED, units=1))
    second = await reserve(storage, 2, 3)
    await settle(storage, second, 2)
    await reserve(storage, 3, 1, user_id=2)
    async with storage.reading() as found:
        newest = await found.people.newest_jobs(1, limit=5)
        assert newest == [await fetch(storage, second), await fetch(storage, first.id)]
        assert await found.people.newest_jobs(1, limit=1) == newest[:1]
        counts = await found.people.job_counts(1)
        assert counts == {JobState.SUCCEEDED: 1, JobState.QUEUED: 1}
        assert await found.people.spent(1, since=NOW) == 2
        assert await found.people.spent(1, since=TOMORROW) == 0
        assert await found.people.spent(99, since=NOW) == 0
