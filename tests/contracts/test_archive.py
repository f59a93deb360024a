from storage.base import Storage
from storage.records import JobState, Outcome
from tests.contracts.building import NOW, end, enqueue, running_job


async def made(storage: Storage, message_id: int, user_id: int = 1) -> int:
    job = await running_job(storage, message_id, user_id=user_id)
    await end(storage, job, Outcome(JobState.SUCCEEDED, 1), now=NOW)
    return job.id


async def page(storage: Storage, before: int | None = None, limit: int = 2) -> list[int]:
    async with storage.reading() as view:
        return [job.id for job in await view.jobs.succeeded_of(1, before=before, limit=limit)]


async def page_after(storage: Storage, job_id: int, limit: int = 2) -> list[int]:
    async with storage.reading() as view:
        return [job.id for job in await view.jobs.succeeded_after(1, job_id, limit=limit)]


async def test_pages_lead_to_the_oldest_and_back(storage: Storage) -> None:
    ids = [await made(storage, number) for number in range(1, 6)]
    first, second, third, fourth, fifth = ids
    assert await page(storage) == [fifth, fourth]
    assert await page(storage, before=fourth) == [third, second]
    assert await page(storage, before=second) == [first]
    assert await page(storage, before=first) == []
    assert await page_after(storage, first) == [third, second]
    assert await page_after(storage, third) == [fifth, fourth]
    assert await page_after(storage, fifth) == []


async def test_a_page_stays_what_it_is_when_something_new_is_made(storage: Storage) -> None:
    ids = [await made(storage, number) for number in range(1, 4)]
    older = await page(storage, before=ids[-1])
    await made(storage, 4)
    assert await page(storage, before=ids[-1]) == older


async def test_nobody_sees_what_another_made(storage: Storage) -> None:
    mine = await made(storage, 1)
    theirs = await made(storage, 2, user_id=2)
    await made(storage, 3, user_id=2)
    assert await page(storage) == [mine]
    assert await page_after(storage, theirs) == []


async def test_only_what_succeeded_counts(storage: Storage) -> None:
    for number, state in enumerate((JobState.FAILED, JobState.CENSORED, JobState.CANCELED), 1):
        job = await running_job(storage, number)
        await end(storage, job, Outcome(state), now=NOW)
    await running_job(storage, 5)
    await enqueue(storage, 6)
    assert await page(storage) == []
