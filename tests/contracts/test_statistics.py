"""What the database counts is what counting by hand gives."""

import random
from collections import Counter
from datetime import datetime, timedelta
from math import ceil

from storage.base import Storage
from storage.records import Job, JobState, Outcome
from storage.summaries import EndedCount, Spender
from tests.contracts.building import NOW, end, enqueue, fetch, new_job, quota_day, running_job

ENDS = (JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.FAILED, JobState.CENSORED)
HOUR = timedelta(hours=1)


async def _ended(storage: Storage, number: int, at: datetime, lot: random.Random) -> None:
    """A job with a reservation, accepted up to a minute before it ended."""
    user, units = lot.randrange(1, 5), lot.randrange(1, 4)
    fields = {"user_id": user, "cost": units, "provider": lot.choice(("local", "segmind"))}
    state = lot.choice(ENDS)
    accepted = at - timedelta(seconds=lot.uniform(0.5, 60))
    async with storage.transaction() as tx:
        job, _ = await tx.jobs.enqueue(new_job(number, **fields), now=accepted)
        await tx.quotas.reserve(user, job.id, units, day=quota_day(1000), now=accepted)
        outcome = Outcome(state, units=units if state is JobState.SUCCEEDED else 0)
        assert await tx.jobs.finish(job.id, outcome, lease=None, now=at)
        await tx.quotas.settle(job.id, outcome.units, now=at)


async def _some_jobs(storage: Storage, count: int = 60) -> list[tuple[Job, int]]:
    """Over ten hours from NOW on; with what each cost."""
    lot = random.Random(7)  # noqa: S311 - the same jobs each time
    for number in range(count):
        await _ended(storage, number, NOW + lot.random() * 10 * HOUR, lot)
    jobs = [await fetch(storage, number) for number in range(1, count + 1)]
    return [(job, job.cost if job.state is JobState.SUCCEEDED else 0) for job in jobs]


def _within(jobs: list[tuple[Job, int]], since: datetime, until: datetime) -> list[tuple[Job, int]]:
    return [each for each in jobs if each[0].finished_at and since <= each[0].finished_at < until]


async def test_ended_jobs_are_counted_by_outcome_and_provider(storage: Storage) -> None:
    jobs = await _some_jobs(storage)
    for since, until in ((NOW, NOW + 10 * HOUR), (NOW + 2 * HOUR, NOW + 3 * HOUR)):
        counts: Counter[tuple[str, str]] = Counter()
        units: Counter[tuple[str, str]] = Counter()
        for job, cost in _within(jobs, since, until):
            counts[job.state.value, job.provider] += 1
            units[job.state.value, job.provider] += cost
        async with storage.reading() as view:
            found = await view.statistics.ended(since, until)
        assert found == [
            EndedCount(JobState(state), provider, count, units[state, provider])
            for (state, provider), count in sorted(counts.items())
        ]
        assert found


async def test_a_time_span_begins_with_its_first_moment_and_ends_before_its_last(
    storage: Storage,
) -> None:
    lot = random.Random(1)  # noqa: S311 - the same jobs each time
    for number, at in enumerate((NOW, NOW + HOUR)):
        await _ended(storage, number, at, lot)
    async with storage.reading() as view:
        found = await view.statistics.ended(NOW, NOW + HOUR)
    assert sum(each.jobs for each in found) == 1


async def test_times_are_those_within_which_so_many_ended(storage: Storage) -> None:
    jobs = await _some_jobs(storage)
    whole = NOW, NOW + 10 * HOUR
    shares = (0.5, 0.95, 1.0)
    for provider in (None, "local"):
        took = sorted(
            (job.finished_at - job.created_at).total_seconds()
            for job, _ in jobs
            if job.state is JobState.SUCCEEDED
            and job.finished_at is not None
            and provider in (None, job.provider)
        )
        async with storage.reading() as view:
            found = await view.statistics.seconds_to_picture(*whole, shares, provider=provider)
        wanted = [took[ceil(share * len(took)) - 1] for share in shares]
        assert all(abs(a - b) < 0.01 for a, b in zip(found, wanted, strict=True))


async def test_no_pictures_have_no_times(storage: Storage) -> None:
    async with storage.reading() as view:
        assert await view.statistics.seconds_to_picture(NOW, NOW + HOUR, (0.5,)) == ()


async def test_who_spent_most_comes_first(storage: Storage) -> None:
    jobs = await _some_jobs(storage)
    spent: Counter[int] = Counter()
    asked = Counter(job.user_id for job, _ in jobs)
    for job, cost in jobs:
        spent[job.user_id] += cost
    ranking = sorted(asked, key=lambda user: (-spent[user], -asked[user], user))
    async with storage.reading() as view:
        found = await view.statistics.spenders(NOW, NOW + 10 * HOUR, limit=3)
    assert found == [Spender(user, asked[user], spent[user]) for user in ranking[:3]]


async def test_the_queue_in_numbers(storage: Storage) -> None:
    running = await running_job(storage, 1, user_id=7)
    await enqueue(storage, 2, user_id=7)
    await enqueue(storage, 3, user_id=8, provider="segmind")
    async with storage.reading() as view:
        queue = await view.statistics.queue(people=1)
        assert (queue.waiting, queue.running, queue.undelivered) == (2, 1, 0)
        assert [(load.provider, load.waiting, load.running) for load in queue.providers] == [
            ("local", 1, 1),
            ("segmind", 1, 0),
        ]
        assert [(load.user_id, load.waiting, load.running) for load in queue.people] == [(7, 1, 1)]
        assert queue.oldest == NOW
    assert await end(storage, running, Outcome(JobState.SUCCEEDED))
    async with storage.reading() as view:
        queue = await view.statistics.queue(people=5)
    assert (queue.running, queue.undelivered) == (0, 1)


async def test_an_empty_queue_has_no_oldest_job(storage: Storage) -> None:
    async with storage.reading() as view:
        queue = await view.statistics.queue(people=5)
    assert queue.oldest is None and queue.providers == () and queue.people == ()


async def test_a_reservation_as_it_stands(storage: Storage) -> None:
    job = await running_job(storage, cost=2)
    async with storage.transaction() as tx:
        assert await tx.statistics.hold_of(job.id) is None
        await tx.quotas.reserve(1, job.id, 2, day=quota_day(5), now=NOW)
        hold = await tx.statistics.hold_of(job.id)
        assert hold and (hold.state, hold.units, hold.settled_at) == ("held", 2, None)
        await tx.quotas.settle(job.id, 1, now=NOW + HOUR)
        hold = await tx.statistics.hold_of(job.id)
        assert hold and (hold.state, hold.captured, hold.settled_at) == ("captured", 1, NOW + HOUR)


async def test_a_job_is_found_by_its_message(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    async with storage.transaction() as tx:
        await tx.jobs.set_status_message(job.id, 55)
        assert await tx.statistics.job_shown_in(job.chat_id, 55) == job.id
        assert await tx.statistics.job_shown_in(job.chat_id + 1, 55) is None


async def test_a_queued_job_is_redirected(storage: Storage) -> None:
    """At its old turn, and only while it is queued where the caller thinks it is."""
    job = await enqueue(storage, 1)
    await enqueue(storage, 2, provider="segmind")
    elsewhere = {"provider": "replicate", "model": "sdxl", "spec": {"n": 2}}
    async with storage.transaction() as tx:
        assert [each.id for each in await tx.jobs.queued_at("local")] == [job.id]
        assert await tx.jobs.queued_at("local", after=job.id) == []
        assert not await tx.jobs.redirect(job.id, away_from="segmind", **elsewhere)
        assert await tx.jobs.redirect(job.id, away_from="local", **elsewhere)
        assert await tx.jobs.position(job.id) == 1
    moved = await fetch(storage, job.id)
    assert (moved.provider, moved.model, moved.spec) == ("replicate", "sdxl", {"n": 2})


async def test_a_running_job_is_not_redirected(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        assert await tx.jobs.queued_at("local") == []
        assert not await tx.jobs.redirect(
            job.id, away_from="local", provider="x", model="y", spec={}
        )
