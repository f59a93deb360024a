import asyncio
from datetime import datetime, timedelta

from storage.base import Storage
from storage.records import DeliveryState, Job, JobState, Outcome
from tests.contracts.building import LATER, NOW, SOON, end, enqueue, fetch, running_job


async def outcome(storage: Storage, message_id: int, at: datetime = NOW) -> Job:
    job = await running_job(storage, message_id)
    await end(storage, job, Outcome(JobState.SUCCEEDED, 1), now=at)
    return await fetch(storage, job.id)


async def claim_delivery(storage: Storage, now: datetime) -> Job | None:
    async with storage.transaction() as tx:
        return await tx.jobs.claim_delivery(now=now, lease_until=now + timedelta(seconds=30))


async def test_nothing_is_due_before_an_outcome(storage: Storage) -> None:
    await running_job(storage)
    await enqueue(storage, 2)
    assert await claim_delivery(storage, LATER) is None


async def test_the_oldest_outcome_comes_first(storage: Storage) -> None:
    late = await outcome(storage, 1, SOON)
    early = await outcome(storage, 2, NOW)
    claimed = [await claim_delivery(storage, SOON) for _ in range(3)]
    assert [job and job.id for job in claimed] == [early.id, late.id, None]


async def test_a_claimed_delivery_is_due_again_when_its_lease_is_over(storage: Storage) -> None:
    job = await outcome(storage, 1)
    first = await claim_delivery(storage, NOW)
    assert first is not None and first.delivery_attempts == 1
    assert await claim_delivery(storage, SOON - timedelta(microseconds=1)) is None
    again = await claim_delivery(storage, SOON)
    assert again is not None and (again.id, again.delivery_attempts) == (job.id, 2)


async def test_deliveries_claimed_at_once_are_each_claimed_once(storage: Storage) -> None:
    for number in range(6):
        await outcome(storage, number)
    claimed = await asyncio.gather(*(claim_delivery(storage, NOW) for _ in range(10)))
    ids = [job.id for job in claimed if job is not None]
    assert len(ids) == len(set(ids)) == 6


async def test_a_postponed_delivery_waits(storage: Storage) -> None:
    job = await outcome(storage, 1)
    async with storage.transaction() as tx:
        await tx.jobs.postpone_delivery(job.id, until=LATER)
    assert await claim_delivery(storage, SOON) is None
    assert await claim_delivery(storage, LATER) is not None


async def test_an_ended_delivery_stays_as_it_ended(storage: Storage) -> None:
    sent, refused = await outcome(storage, 1), await outcome(storage, 2)
    async with storage.transaction() as tx:
        for job, delivered in ((sent, True), (refused, False)):
            await tx.jobs.end_delivery(job.id, delivered=delivered)
            await tx.jobs.end_delivery(job.id, delivered=not delivered)
            await tx.jobs.postpone_delivery(job.id, until=NOW)
    assert await claim_delivery(storage, LATER) is None
    assert (await fetch(storage, sent.id)).delivery is DeliveryState.DELIVERED
    assert (await fetch(storage, refused.id)).delivery is DeliveryState.UNDELIVERABLE


async def test_a_job_without_an_outcome_has_no_delivery_to_end(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    async with storage.transaction() as tx:
        await tx.jobs.end_delivery(job.id, delivered=True)
    assert (await fetch(storage, job.id)).delivery is DeliveryState.NONE


async def test_the_status_message_is_kept_until_it_is_gone(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    async with storage.transaction() as tx:
        await tx.jobs.set_status_message(job.id, 77)
    assert (await fetch(storage, job.id)).status_message_id == 77
    async with storage.transaction() as tx:
        await tx.jobs.clear_status_message(job.id)
    assert (await fetch(storage, job.id)).status_message_id is None


async def test_times_in_hand_move_with_the_clock_and_those_of_the_past_stay(
    storage: Storage,
) -> None:
    over, pending = await running_job(storage, 1), await running_job(storage, 2)
    for job in (over, pending):
        await end(storage, job, Outcome(JobState.FAILED))
    waiting = await enqueue(storage, 3)
    async with storage.transaction() as tx:
        await tx.jobs.end_delivery(over.id, delivered=True)
        before = [await tx.jobs.get(job.id) for job in (over, pending, waiting)]
        await tx.jobs.move_times(timedelta(days=1))
        after = [await tx.jobs.get(job.id) for job in (over, pending, waiting)]
    assert after[0] == before[0]
    for old, new in zip(before[1:], after[1:], strict=True):
        assert old is not None and new is not None
        assert new.deadline - old.deadline == new.created_at - old.created_at == timedelta(days=1)
    assert after[1].finished_at == NOW + timedelta(days=1)
    async with storage.transaction() as tx:
        assert await tx.jobs.claim_delivery(now=NOW, lease_until=NOW) is None
        later = NOW + timedelta(days=1)
        assert await tx.jobs.claim_delivery(now=later, lease_until=later) is not None
