import asyncio
from dataclasses import asdict
from datetime import timedelta

import pytest

from storage.base import Storage
from storage.errors import QueueFull
from storage.records import DeliveryState, Heartbeat, Job, JobState, Outcome
from tests.contracts.building import (
    LATER,
    NOW,
    SOON,
    claim,
    end,
    enqueue,
    fetch,
    new_job,
    running_job,
)

SUCCESS = Outcome(JobState.SUCCEEDED, 1)


async def claim_all(storage: Storage, **options: object) -> list[int]:
    """The message ids in the order they are claimed; each job ends before the next claim."""
    order = []
    while (job := await claim(storage, f"lease-{len(order)}", **options)) is not None:
        order.append(job.message_id)
        await end(storage, job, SUCCESS)
    return order


async def test_a_new_job_is_queued_as_it_was_given(storage: Storage) -> None:
    job = await enqueue(storage, 1, thread_id=3)
    for name, value in asdict(new_job(1, thread_id=3)).items():
        assert getattr(job, name) == value
    assert (job.state, job.delivery, job.attempts) == (JobState.QUEUED, DeliveryState.NONE, 0)
    assert (job.created_at, job.started_at, job.finished_at) == (NOW, None, None)
    assert job.lease is job.lease_until is job.reason is job.status_message_id is None
    assert job.reason_data == {} and not job.cancel_requested
    assert await fetch(storage, job.id) == job


async def test_an_unknown_job_is_none(storage: Storage) -> None:
    async with storage.reading() as tx:
        assert await tx.jobs.get(1) is None
        assert await tx.jobs.position(1) is None


async def test_a_repeated_message_gives_the_same_job(storage: Storage) -> None:
    first = await enqueue(storage, 1)
    async with storage.transaction() as tx:
        assert await tx.jobs.enqueue(new_job(1, spec={}, cost=4), now=LATER) == (first, False)
        _, created = await tx.jobs.enqueue(new_job(1, chat_id=101), now=NOW)
    assert created


async def test_a_job_is_found_by_its_message(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    async with storage.reading() as tx:
        assert await tx.jobs.of_message(job.chat_id, 1) == job
        assert await tx.jobs.of_message(job.chat_id, 2) is None
        assert await tx.jobs.of_message(job.chat_id + 1, 1) is None


async def test_a_message_repeated_at_once_gives_one_job(storage: Storage) -> None:
    async def attempt() -> tuple[Job, bool]:
        async with storage.transaction() as tx:
            return await tx.jobs.enqueue(new_job(1), now=NOW)

    results = await asyncio.gather(*(attempt() for _ in range(10)))
    assert len({job.id for job, _ in results}) == 1
    assert sum(created for _, created in results) == 1


async def test_a_user_queues_no_more_than_the_limit(storage: Storage) -> None:
    async def attempt(message_id: int) -> bool:
        try:
            async with storage.transaction() as tx:
                await tx.jobs.enqueue(new_job(message_id), queued_limit=3, now=NOW)
        except QueueFull:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(n) for n in range(10)))) == 3
    await enqueue(storage, 50, user_id=2)
    assert await claim(storage) is not None
    assert await attempt(60)  # a running job doesn't wait any more


async def test_a_repeated_message_is_no_request_over_the_limit(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    async with storage.transaction() as tx:
        assert await tx.jobs.enqueue(new_job(1), queued_limit=1, now=NOW) == (job, False)


async def test_a_claim_takes_the_job_under_a_lease(storage: Storage) -> None:
    queued = await enqueue(storage, 1)
    job = await claim(storage, "mine")
    assert job is not None and job.id == queued.id
    assert (job.state, job.attempts, job.started_at) == (JobState.RUNNING, 1, NOW)
    assert (job.lease, job.lease_until) == ("mine", SOON)
    assert await fetch(storage, job.id) == job
    assert await claim(storage, "other") is None


async def test_claims_at_once_never_share_a_job(storage: Storage) -> None:
    for number in range(8):
        await enqueue(storage, number, user_id=number)
    claimed = await asyncio.gather(*(claim(storage, f"lease-{n}") for n in range(12)))
    ids = [job.id for job in claimed if job is not None]
    assert len(ids) == len(set(ids)) == 8


async def test_claims_at_once_keep_the_cap_of_a_user(storage: Storage) -> None:
    for number in range(8):
        await enqueue(storage, number)
    claimed = await asyncio.gather(*(claim(storage, f"lease-{n}", cap=2) for n in range(8)))
    assert sum(job is not None for job in claimed) == 2


async def test_a_user_at_the_cap_is_passed_over_until_a_job_ends(storage: Storage) -> None:
    for number in (1, 2):
        await enqueue(storage, number, user_id=1)
    await enqueue(storage, 3, user_id=2)
    first = await claim(storage, "a", cap=1)
    other = await claim(storage, "b", cap=1)
    assert first is not None and other is not None
    assert (first.message_id, other.message_id) == (1, 3)
    assert await claim(storage, "c", cap=1) is None
    await end(storage, first, SUCCESS)
    assert await claim_all(storage, cap=1) == [2]


async def test_only_the_providers_named_are_claimed(storage: Storage) -> None:
    await enqueue(storage, 1, provider="segmind")
    await enqueue(storage, 2, provider="replicate")
    assert await claim(storage, providers=()) is None
    assert await claim(storage, providers=("local",)) is None
    assert await claim_all(storage, providers=("local", "replicate")) == [2]
    assert await claim_all(storage, providers=("segmind", "replicate")) == [1]


async def test_users_alternate_whatever_each_has_queued(storage: Storage) -> None:
    for number in (11, 12, 13, 14):
        await enqueue(storage, number, user_id=1)
    for number in (21, 22):
        await enqueue(storage, number, user_id=2)
    assert await claim_all(storage) == [11, 21, 12, 22, 13, 14]


async def test_a_newcomer_waits_for_no_backlog(storage: Storage) -> None:
    for number in (11, 12, 13, 14):
        await enqueue(storage, number, user_id=1)
    first = await claim(storage, "a")
    assert first is not None
    await enqueue(storage, 21, user_id=2)
    assert await claim_all(storage) == [12, 21, 13, 14]


async def test_a_costly_job_moves_its_user_further_back(storage: Storage) -> None:
    await enqueue(storage, 11, user_id=1, cost=3)
    await enqueue(storage, 12, user_id=1)
    for number in (21, 22, 23, 24, 25):
        await enqueue(storage, number, user_id=2)
    assert await claim_all(storage) == [21, 22, 11, 23, 12, 24, 25]


async def test_a_busy_night_is_forgotten(storage: Storage) -> None:
    for number in range(20):
        await enqueue(storage, number, user_id=1)
    assert len(await claim_all(storage)) == 20
    for number in (31, 32):
        await enqueue(storage, number, user_id=2)
    for number in (41, 42):
        await enqueue(storage, number, user_id=1)
    assert await claim_all(storage) == [31, 41, 32, 42]


async def test_a_backlog_held_up_lets_no_newcomer_overtake_the_others(storage: Storage) -> None:
    for number in (11, 12, 13):  # the provider of these is away
        await enqueue(storage, number, user_id=1, provider="away")
    for number in range(20, 30):
        await enqueue(storage, number, user_id=2)
    for _ in range(8):
        job = await claim(storage)
        assert job is not None
        await end(storage, job, SUCCESS)
    for number in (31, 32):
        await enqueue(storage, number, user_id=3)
    assert await claim_all(storage) == [28, 31, 29, 32]


async def test_a_canceled_backlog_is_not_held_against_its_user(storage: Storage) -> None:
    for number in range(10, 20):
        job = await enqueue(storage, number, user_id=1)
        await end(storage, job, Outcome(JobState.CANCELED))
    for number in (31, 32):
        await enqueue(storage, number, user_id=2)
    await enqueue(storage, 41, user_id=1)
    assert await claim_all(storage) == [31, 41, 32]


async def test_position_counts_those_ahead(storage: Storage) -> None:
    mine = [await enqueue(storage, number, user_id=1) for number in (11, 12, 13)]
    other = await enqueue(storage, 21, user_id=2)
    async with storage.reading() as tx:
        assert [await tx.jobs.position(job.id) for job in (*mine, other)] == [1, 3, 4, 2]
    await claim(storage)
    async with storage.reading() as tx:
        assert [await tx.jobs.position(job.id) for job in (*mine, other)] == [None, 2, 3, 1]


async def test_a_heartbeat_extends_the_lease_of_its_owner_alone(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        lost = await tx.jobs.heartbeat(job.id, "stranger", lease_until=LATER)
        assert lost == Heartbeat(alive=False, cancel_requested=False)
        assert await tx.jobs.heartbeat(job.id, "lease-1", lease_until=LATER) == Heartbeat(
            alive=True, cancel_requested=False
        )
    assert (await fetch(storage, job.id)).lease_until == LATER


async def test_a_cancellation_reaches_the_owner(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        marked = await tx.jobs.request_cancel(job.id)
        assert marked is not None and marked.cancel_requested
        assert marked.state is JobState.RUNNING
        beat = await tx.jobs.heartbeat(job.id, "lease-1", lease_until=LATER)
    assert beat == Heartbeat(alive=True, cancel_requested=True)


async def test_what_has_ended_cannot_be_canceled(storage: Storage) -> None:
    job = await running_job(storage)
    await end(storage, job, SUCCESS)
    async with storage.transaction() as tx:
        assert await tx.jobs.request_cancel(job.id) is None
        assert await tx.jobs.request_cancel(10**6) is None
    assert not (await fetch(storage, job.id)).cancel_requested


async def test_a_job_handed_back_keeps_its_turn_and_its_attempts(storage: Storage) -> None:
    job = await running_job(storage)
    await enqueue(storage, 2, user_id=2)
    async with storage.transaction() as tx:
        assert not await tx.jobs.hand_back(job.id, "stranger")
        assert await tx.jobs.hand_back(job.id, "lease-1")
        assert not await tx.jobs.hand_back(job.id, "lease-1")
    back = await fetch(storage, job.id)
    assert (back.state, back.attempts, back.turn) == (JobState.QUEUED, 0, job.turn)
    assert back.lease is back.lease_until is None
    assert await claim_all(storage) == [1, 2]


async def test_an_expired_lease_is_taken_over(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        assert await tx.jobs.requeue_expired(now=SOON) == []
        requeued = await tx.jobs.requeue_expired(now=SOON + timedelta(microseconds=1))
        assert await tx.jobs.requeue_expired(now=LATER) == []
    assert requeued == [await fetch(storage, job.id)]
    assert (requeued[0].state, requeued[0].attempts) == (JobState.QUEUED, 1)
    again = await claim(storage, "second")
    assert again is not None and (again.id, again.attempts) == (job.id, 2)
    assert not await end(storage, job, SUCCESS)  # under the first lease
    assert await end(storage, again, SUCCESS)


async def test_at_start_every_running_job_goes_back(storage: Storage) -> None:
    await running_job(storage, 1)
    await running_job(storage, 2)
    await enqueue(storage, 3)
    async with storage.transaction() as tx:
        assert await tx.jobs.requeue_all() == 2
        assert await tx.jobs.requeue_all() == 0
    assert await claim_all(storage) == [1, 2, 3]


@pytest.mark.parametrize(
    "outcome",
    [
        SUCCESS,
        Outcome(JobState.FAILED, reason="timed_out", reason_data={"after": 60}),
        Outcome(JobState.CENSORED, reason="blocked_image"),
        Outcome(JobState.CANCELED),
    ],
)
async def test_a_running_job_ends_once(storage: Storage, outcome: Outcome) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        assert not await tx.jobs.finish(job.id, outcome, lease="stranger", now=LATER)
        assert not await tx.jobs.finish(job.id, outcome, lease=None, now=LATER)
        assert await tx.jobs.finish(job.id, outcome, lease="lease-1", now=LATER)
        assert not await tx.jobs.finish(job.id, outcome, lease="lease-1", now=LATER)
    ended = await fetch(storage, job.id)
    assert (ended.state, ended.finished_at) == (outcome.state, LATER)
    assert (ended.reason, ended.reason_data) == (outcome.reason, outcome.reason_data or {})
    assert (ended.delivery, ended.lease) == (DeliveryState.PENDING, None)


async def test_a_queued_job_ends_without_a_lease(storage: Storage) -> None:
    job = await enqueue(storage, 1)
    canceled = Outcome(JobState.CANCELED)
    async with storage.transaction() as tx:
        assert not await tx.jobs.finish(job.id, canceled, lease="any", now=NOW)
        assert await tx.jobs.finish(job.id, canceled, lease=None, now=NOW)
        assert not await tx.jobs.finish(job.id, canceled, lease=None, now=NOW)
    assert await claim(storage) is None
    assert (await fetch(storage, job.id)).delivery is DeliveryState.PENDING


async def test_canceling_and_claiming_at_once_gives_the_job_one_way(storage: Storage) -> None:
    jobs = [await enqueue(storage, number, user_id=number) for number in range(10)]

    async def cancel(job: Job) -> bool:
        async with storage.transaction() as tx:
            return await tx.jobs.finish(job.id, Outcome(JobState.CANCELED), lease=None, now=NOW)

    canceled, claimed = await asyncio.gather(
        asyncio.gather(*(cancel(job) for job in jobs)),
        asyncio.gather(*(claim(storage, f"lease-{n}") for n in range(10))),
    )
    taken = {job.id for job in claimed if job is not None}
    dropped = {job.id for job, done in zip(jobs, canceled, strict=True) if done}
    assert not taken & dropped


async def test_active_and_unfinished_jobs_are_listed_in_order(storage: Storage) -> None:
    done = await running_job(storage, 1)
    await end(storage, done, SUCCESS)
    costly = await enqueue(storage, 2, cost=4)
    other = await enqueue(storage, 3, user_id=2)
    elsewhere = await enqueue(storage, 4, chat_id=200)
    running = await claim(storage)
    assert running is not None and running.id == other.id
    async with storage.reading() as tx:
        assert await tx.jobs.active_of(1) == [costly, elsewhere]
        assert await tx.jobs.active_of(1, chat_id=200) == [elsewhere]
        assert await tx.jobs.active_of(2) == [running]
        assert await tx.jobs.active_of(3) == []
        assert await tx.jobs.unfinished() == [running, costly, elsewhere]


async def test_recent_durations_are_of_successes_there_newest_first(storage: Storage) -> None:
    async def finished(message_id: int, seconds: float, state: JobState, **fields: object) -> None:
        job = await running_job(storage, message_id, **fields)
        await end(storage, job, Outcome(state), now=NOW + timedelta(seconds=seconds))

    for number, seconds in enumerate((5.0, 7.25, 9.5)):
        await finished(number, seconds, JobState.SUCCEEDED)
    await finished(10, 1.0, JobState.FAILED)
    await finished(11, 2.0, JobState.SUCCEEDED, model="sdxl")
    async with storage.reading() as tx:
        durations = await tx.jobs.recent_durations("local", "kandinsky-2.2", limit=2)
        assert durations == [9.5, 7.25]
        assert await tx.jobs.recent_durations("segmind", "kandinsky-2.2") == []


async def test_an_outcome_may_name_another_maker(storage: Storage) -> None:
    job = await running_job(storage)
    await end(storage, job, Outcome(JobState.SUCCEEDED, 1, provider="replicate", model="sdxl"))
    ended = await fetch(storage, job.id)
    assert (ended.provider, ended.model) == ("replicate", "sdxl")
    other = await running_job(storage, 2)
    await end(storage, other, SUCCESS)
    ended = await fetch(storage, other.id)
    assert (ended.provider, ended.model) == (other.provider, other.model)
    async with storage.reading() as view:
        assert len(await view.jobs.recent_durations("replicate", "sdxl")) == 1
