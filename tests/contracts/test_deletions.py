from datetime import timedelta

from storage.base import Storage
from tests.contracts.building import LATER, NOW, SOON, enqueue, fetch

LEASE = timedelta(minutes=1)


async def claim(storage: Storage, now=LATER) -> int | None:
    async with storage.transaction() as tx:
        job = await tx.jobs.claim_deletion(now=now, lease_until=now + LEASE)
    return job.id if job else None


async def test_what_is_due_is_claimed_once_until_its_lease_is_over(storage: Storage) -> None:
    first, second, other = [await enqueue(storage, number) for number in (1, 2, 3)]
    async with storage.transaction() as tx:
        await tx.jobs.plan_deletion(second.id, at=SOON)
        await tx.jobs.plan_deletion(first.id, at=LATER)
        await tx.jobs.plan_deletion(other.id, at=LATER + LEASE)
    assert await claim(storage, NOW) is None
    assert [await claim(storage) for _ in range(3)] == [second.id, first.id, None]
    async with storage.transaction() as tx:
        await tx.jobs.end_deletion(second.id)
    assert (await fetch(storage, second.id)).delete_due is None
    later = LATER + LEASE
    assert {await claim(storage, later), await claim(storage, later)} == {first.id, other.id}
