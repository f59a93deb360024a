"""Where a provider fails another goes on, where nothing can be paid twice; else the job ends in words."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.texts import everyday as texts
from providers.catalog import Offer
from providers.errors import (
    BadAnswer,
    GenerationFailed,
    InvalidRequest,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.health import Trouble
from providers.testing import (
    FAKE_OFFER,
    Behaviour,
    FakeProvider,
    Script,
    censor_picture,
    censor_prompt,
    fail,
    hang,
    lose_answer,
    refuse,
    succeed,
)
from providers.types import GenerationRequest, Ticket, Wish
from storage.records import Job, JobState, SubmissionState
from tests.bot.dispatching import Dispatch, dispatch, spec_of
from tests.fakes.fast_clock import FastClock

FOX = Wish(prompt="a fox", aspect_ratio=(1, 1), seed=5)
FOUR = FOX.model_copy(update={"num_images": 4})
SPEED = 15.0  # a lease lasts two seconds then


def provider(
    name: str, script: Script = (), *, clock: FastClock, at_once: int = 4, **offer: object
) -> FakeProvider:
    """at_once: how many submissions it works on."""
    own: Offer = replace(FAKE_OFFER, provider=name, **offer)  # type: ignore[arg-type] - fields by name
    return FakeProvider(script, name=name, offers=(own,), clock=clock, max_concurrency=at_once)


class Listing(FakeProvider):
    """One that lists what it has accepted. asked: with what it was asked for lost ones."""

    asked: list[tuple[datetime, frozenset[str]]]
    trouble: ProviderError | None = None
    blind: int = 0  # that many looks find nothing yet

    async def find(
        self,
        request: GenerationRequest,
        offer: Offer,
        *,
        since: datetime,
        known: Collection[str],
        deadline: float,
    ) -> Ticket | None:
        self.asked = [*getattr(self, "asked", []), (since, frozenset(known))]
        if self.trouble is not None:
            raise self.trouble
        if len(self.asked) <= self.blind:
            return None
        mine = (s for s in self.accepted.values() if s.request == request)
        return next((Ticket(s.remote_id) for s in mine if s.remote_id not in known), None)


def listing(name: str, script: Script, *, clock: FastClock, **facts: object) -> Listing:
    own = replace(FAKE_OFFER, provider=name)
    made = Listing(script, name=name, offers=(own,), clock=clock)
    for fact, value in facts.items():
        setattr(made, fact, value)
    return made


@pytest.fixture
def clock() -> FastClock:
    return FastClock(SPEED)


@dataclass(frozen=True)
class Ending:
    job: Job
    spent: int
    a: FakeProvider
    b: FakeProvider


async def between(
    folder: Path, clock: FastClock, first: Script, second: Script = (), **options: timedelta
) -> Ending:
    """A job over two providers, to its end."""
    a, b = provider("a", first, clock=clock), provider("b", second, clock=clock)
    async with dispatch(folder, {"a": a, "b": b}, clock, **options) as bot:
        return Ending(await bot.made(FOX), await bot.charged(), a, b)


NOTHING_ACCEPTED = [
    Unavailable("a"),
    RateLimited("a", retry_after=30),
    OutOfCredit("a"),
    Unauthorized("a"),
    ServiceGone("a"),
    InvalidRequest("a"),
]
FAILED_FOR_GOOD = [GenerationFailed("a"), ResultLost("a"), BadAnswer("a")]


@pytest.mark.parametrize("error", NOTHING_ACCEPTED, ids=lambda e: type(e).__name__)
async def test_what_accepted_nothing_is_followed_by_the_next(
    tmp_path: Path, clock: FastClock, error: ProviderError
) -> None:
    end = await between(tmp_path, clock, [refuse(error)] * 9)
    assert (end.job.state, end.job.provider, end.spent) == (JobState.SUCCEEDED, "b", 1)
    assert len(end.a.requests) == len(end.b.requests) == 1


@pytest.mark.parametrize("error", FAILED_FOR_GOOD, ids=lambda e: type(e).__name__)
async def test_a_final_failure_is_followed_by_the_next_and_paid_once(
    tmp_path: Path, clock: FastClock, error: ProviderError
) -> None:
    end = await between(tmp_path, clock, [fail(error)] * 9)
    assert (end.job.state, end.job.provider, end.spent) == (JobState.SUCCEEDED, "b", 1)
    assert len(end.a.accepted) == len(end.b.accepted) == 1


@pytest.mark.parametrize("behaviour", [censor_prompt("x"), censor_picture("x")])
async def test_a_censored_job_goes_nowhere_else(
    tmp_path: Path, clock: FastClock, behaviour: Behaviour
) -> None:
    end = await between(tmp_path, clock, [behaviour] * 9)
    assert (end.job.state, end.spent, end.b.requests) == (JobState.CENSORED, 0, [])
    assert len(end.a.requests) == 1


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_unknown_outcome_is_repeated_nowhere(
    tmp_path: Path, clock: FastClock, accepted: bool
) -> None:
    end = await between(tmp_path, clock, [lose_answer(accepted=accepted)] * 9)
    assert (end.job.state, end.job.reason) == (JobState.FAILED, "outcome_unknown")
    assert (len(end.a.requests), end.b.requests, end.spent) == (1, [], 0)


async def test_one_deadline_covers_all_of_it(tmp_path: Path, clock: FastClock) -> None:
    end = await between(tmp_path, clock, [hang()], run_time=timedelta(seconds=10))
    assert (end.job.state, end.job.reason) == (JobState.FAILED, "deadline")
    assert end.a.cancels and end.b.requests == []


async def test_where_all_fail_the_best_ones_reason_is_told(
    tmp_path: Path, clock: FastClock
) -> None:
    end = await between(
        tmp_path, clock, [refuse(OutOfCredit("a"))] * 9, [refuse(InvalidRequest("b"))] * 9
    )
    assert (end.job.state, end.job.reason) == (JobState.FAILED, "out_of_credit")
    assert (len(end.a.requests), len(end.b.requests), end.spent) == (1, 1, 0)


async def test_via_means_this_one_or_none(tmp_path: Path, clock: FastClock) -> None:
    a, b = provider("a", [fail(GenerationFailed("a"))] * 9, clock=clock), provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOX, via="a")
    assert (job.state, job.reason) == (JobState.FAILED, "generation_failed")
    assert b.requests == []


async def test_a_named_model_goes_over_those_that_have_it_and_no_others(
    tmp_path: Path, clock: FastClock
) -> None:
    down = [refuse(Unavailable("x"))] * 99
    other = provider("other", clock=clock, model="sdxl")
    a = provider("a", down, clock=clock, model="kandinsky-2.2")
    b = provider("b", clock=clock, model="kandinsky-2.2")
    async with dispatch(tmp_path, {"other": other, "a": a, "b": b}, clock) as bot:
        job = await bot.made(FOX, model="kandinsky-2.2")
        assert [leg.provider for leg in spec_of(job).others] == ["b"]
    assert (job.state, job.provider) == (JobState.SUCCEEDED, "b")
    assert other.requests == []


async def test_what_is_made_is_kept_and_only_the_rest_is_ordered_elsewhere(
    tmp_path: Path, clock: FastClock
) -> None:
    first = [succeed(), fail(GenerationFailed("a")), succeed(), fail(GenerationFailed("a"))]
    a = provider("a", first, clock=clock, max_images=1, at_once=1)
    b = provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOUR)
        pictures = await bot.artifacts(job)
        assert await bot.charged() == 4
    assert job.state is JobState.SUCCEEDED and job.reason_data["legs"] == [0, 1]
    assert [picture.seed for picture in pictures] == [5, 6, 7, 8]
    assert [(r.num_images, r.seed) for r in b.requests] == [(1, 6), (1, 8)]


async def test_where_nobody_makes_the_rest_what_is_made_is_delivered_and_charged(
    tmp_path: Path, clock: FastClock
) -> None:
    bad = fail(GenerationFailed("x"))
    a = provider("a", [succeed(), bad, bad, bad], clock=clock, max_images=1, at_once=1)
    b = provider("b", [bad] * 9, clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOUR)
        assert await bot.charged() == 1
    assert (job.state, job.reason_data["made"], job.provider) == (JobState.SUCCEEDED, 1, "a")
    assert [r.num_images for r in b.requests] == [3]


async def test_a_censored_share_is_not_drawn_elsewhere_though_others_are(
    tmp_path: Path, clock: FastClock
) -> None:
    first = [censor_picture("x"), fail(GenerationFailed("a")), succeed(), succeed()]
    a = provider("a", first, clock=clock, max_images=1, at_once=1)
    b = provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOUR)
        assert await bot.charged() == 3
    assert (job.reason_data["made"], job.reason_data["censored"]) == (3, 1)
    assert [r.seed for r in b.requests] == [6]


async def test_the_highest_cost_is_held_and_the_makers_is_charged(
    tmp_path: Path, clock: FastClock
) -> None:
    for folder, script, charged in (("x", [], 2), ("y", [refuse(OutOfCredit("a"))] * 9, 6)):
        (tmp_path / folder).mkdir()
        a = provider("a", script, clock=clock, cost=1)
        b = provider("b", clock=clock, cost=3)
        async with dispatch(tmp_path / folder, {"a": a, "b": b}, clock) as bot:
            job = await bot.made(FOX.model_copy(update={"num_images": 2}))
            assert job.cost == 6
            assert await bot.charged() == charged


async def test_the_caption_tells_what_the_maker_had_to_adjust(
    tmp_path: Path, clock: FastClock
) -> None:
    a = provider("a", [refuse(OutOfCredit("a"))], clock=clock, model="exact")
    b = provider("b", clock=clock, model="other", negative_prompt=False)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOX.model_copy(update={"negative_prompt": "people"}))
    caption = texts.caption(job, spec_of(job), seeds=[5], seconds=1)
    assert "other" in caption and "exact" not in caption
    assert "--no isn't known" in caption
    assert "--no isn't known" not in texts.starting(spec_of(job))  # as long as a was to draw it


async def test_a_provider_that_ran_out_of_credit_is_told_of_once_and_left_alone(
    tmp_path: Path, clock: FastClock
) -> None:
    a = provider("a", lambda _request: refuse(OutOfCredit("a")), clock=clock)
    b = provider("b", clock=clock, at_once=1)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot, bot.working():
        jobs = [await bot.ask(FOX, user=1 + number % 5) for number in range(20)]
        async with asyncio.timeout(60):
            await bot.watcher.until_ended(jobs)
        ended = [await bot.job(job.id) for job in jobs]
    assert {(job.state, job.provider) for job in ended} == {(JobState.SUCCEEDED, "b")}
    assert bot.told == [("a", Trouble.NO_CREDIT)]
    assert len(a.requests) <= a.max_concurrency


async def test_those_that_move_on_keep_to_the_next_ones_concurrency(
    tmp_path: Path, clock: FastClock
) -> None:
    running = most = 0

    class Counting(FakeProvider):
        async def wait(self, *args: object, **more: object):  # type: ignore[no-untyped-def,override]
            nonlocal running, most
            running += 1
            most = max(most, running)
            try:
                return await super().wait(*args, **more)  # type: ignore[arg-type]
            finally:
                running -= 1

    a = provider("a", lambda _request: refuse(Unavailable("a")), clock=clock, at_once=8)
    own = replace(FAKE_OFFER, provider="b")
    b = Counting(
        lambda _request: succeed(seconds=1), name="b", offers=(own,), clock=clock, max_concurrency=2
    )
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot, bot.working():
        jobs = [await bot.ask(FOX) for _ in range(12)]
        async with asyncio.timeout(60):
            await bot.watcher.until_ended(jobs)
    assert most == 2


# Lost answers.


async def test_a_lost_submission_is_found_again_and_paid_once(
    tmp_path: Path, clock: FastClock
) -> None:
    a = listing("a", [lose_answer(accepted=True)], clock=clock, blind=2)
    async with dispatch(tmp_path, {"a": a}, clock) as bot:
        job = await bot.made(FOX)
        (submission,) = await bot.submissions(job)
        assert await bot.charged() == 1
    assert job.state is JobState.SUCCEEDED
    assert (submission.remote_id, len(a.requests), len(a.asked)) == ("a-1", 1, 3)
    assert a.asked[0][0] == submission.created_at


async def test_a_submission_that_surely_never_arrived_is_made_again(
    tmp_path: Path, clock: FastClock
) -> None:
    a = listing("a", [lose_answer(accepted=False)], clock=clock)
    async with dispatch(tmp_path, {"a": a}, clock) as bot:
        job = await bot.made(FOX)
        states = [submission.state for submission in await bot.submissions(job)]
    assert job.state is JobState.SUCCEEDED
    assert (len(a.requests), len(a.accepted)) == (2, 1)
    assert states[0] is SubmissionState.ENDED
    assert len(a.asked) > 3  # it may have been on its way


async def test_where_the_service_cannot_be_asked_it_stays_unknown(
    tmp_path: Path, clock: FastClock
) -> None:
    a = listing("a", [lose_answer(accepted=True)], clock=clock, trouble=Unavailable("a"))
    b = provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOX)
        assert await bot.charged() == 0
    assert (job.state, job.reason) == (JobState.FAILED, "outcome_unknown")
    assert (len(a.requests), b.requests) == (1, [])


async def test_two_lost_alike_find_one_each(tmp_path: Path, clock: FastClock) -> None:
    a = listing("a", [lose_answer(accepted=True)] * 2, clock=clock)
    async with dispatch(tmp_path, {"a": a}, clock) as bot, bot.working():
        jobs = [await bot.ask(FOX), await bot.ask(FOX)]
        async with asyncio.timeout(60):
            await bot.watcher.until_ended(jobs)
        ids = {(await bot.submissions(job))[0].remote_id for job in jobs}
    assert ids == {"a-1", "a-2"}
    assert len(a.requests) == 2


# Restarts.


async def killed_while(bot: Dispatch, wish: Wish, reached: Callable[[], bool]) -> int:
    """A worker is cut off, with no time for anything, as soon as that is reached."""
    job = await bot.ask(wish)
    task = asyncio.ensure_future(bot.worker.run())  # noqa: TID251 - canceled below
    while not reached():  # noqa: ASYNC110 - providers ring no bell
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    async with bot.storage.transaction() as tx:
        await tx.jobs.requeue_all()
    return job.id


@pytest.mark.parametrize("accepted", [True, False])
async def test_after_a_restart_a_lost_submission_is_looked_for(
    tmp_path: Path, clock: FastClock, accepted: bool
) -> None:
    """The process ended between the POST and the record of its answer."""
    a = listing("a", [lose_answer(accepted=accepted)], clock=clock, trouble=None, blind=10**9)
    async with dispatch(tmp_path, {"a": a}, clock) as bot:
        job_id = await killed_while(bot, FOX, lambda: bool(getattr(a, "asked", ())))
    a.blind = 0
    async with dispatch(tmp_path, {"a": a}, clock) as again, again.working():
        async with asyncio.timeout(60):
            await again.watcher.until_ended([await again.job(job_id)])
        job = await again.job(job_id)
        assert await again.charged() == 1
    assert job.state is JobState.SUCCEEDED
    assert len(a.accepted) == 1


async def test_after_a_restart_a_job_goes_on_at_the_leg_it_had_reached(
    tmp_path: Path, clock: FastClock
) -> None:
    done = asyncio.Event()
    a = provider("a", [fail(GenerationFailed("a"))] * 9, clock=clock)
    b = provider("b", [hang(done)], clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job_id = await killed_while(bot, FOX, lambda: bool(b.accepted))
    done.set()
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as again, again.working():
        async with asyncio.timeout(60):
            await again.watcher.until_ended([await again.job(job_id)])
        job = await again.job(job_id)
    assert (job.state, job.provider) == (JobState.SUCCEEDED, "b")
    assert len(a.requests) == len(b.requests) == 1


async def test_after_a_restart_only_what_is_missing_is_made(
    tmp_path: Path, clock: FastClock
) -> None:
    a = provider("a", [succeed(), succeed(), hang()], clock=clock, max_images=1, at_once=1)
    async with dispatch(tmp_path, {"a": a}, clock) as bot:
        job_id = await killed_while(bot, FOUR, lambda: len(a.accepted) == 3)
    for submission in a.accepted.values():
        submission.behaviour = Behaviour()
    async with dispatch(tmp_path, {"a": a}, clock) as again, again.working():
        async with asyncio.timeout(60):
            await again.watcher.until_ended([await again.job(job_id)])
        job = await again.job(job_id)
        assert [p.seed for p in await again.artifacts(job)] == [5, 6, 7, 8]
        assert await again.charged() == 4
    assert len(a.requests) == 4


async def test_what_a_service_that_was_taken_away_had_accepted_is_not_ordered_elsewhere(
    tmp_path: Path, clock: FastClock
) -> None:
    a, b = provider("a", [hang()], clock=clock), provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job_id = await killed_while(bot, FOX, lambda: bool(a.accepted))
    async with dispatch(tmp_path, {"b": b}, clock) as again, again.working():
        async with asyncio.timeout(60):
            await again.watcher.until_ended([await again.job(job_id)])
        job = await again.job(job_id)
    assert (job.state, job.reason, b.requests) == (JobState.FAILED, "gone", [])


async def test_the_last_legs_failure_leaves_no_room_for_another_order(
    tmp_path: Path, clock: FastClock
) -> None:
    """Should the process end before the outcome is stored, the next one finds it open."""
    a = provider("a", [fail(GenerationFailed("a"))] * 9, clock=clock)
    b = provider("b", [fail(ResultLost("b"))] * 9, clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.made(FOX)
        first, last = await bot.submissions(job)
    assert (first.provider, first.state) == ("a", SubmissionState.ENDED)
    assert (last.provider, last.state) == ("b", SubmissionState.SUBMITTED)


async def test_a_failure_released_for_the_next_leg_is_not_ordered_again_where_it_failed(
    tmp_path: Path, clock: FastClock
) -> None:
    """The process ended between the two legs."""
    a = provider("a", [fail(ResultLost("a"))] * 9, clock=clock)
    b = provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as bot:
        job = await bot.ask(FOX)
        async with bot.storage.transaction() as tx:
            claimed = await tx.jobs.claim(
                lease="dies", lease_until=clock.now(), providers=["a"], max_running_per_user=1,
                now=clock.now(),
            )  # fmt: skip
            assert claimed is not None
            opened = await tx.jobs.open_submission(
                job.id, "dies", part=0, images=1, provider="a", now=clock.now()
            )
            assert opened is not None
            await tx.jobs.record_remote_id(opened[0].id, "a-0")
            await tx.jobs.end_submission(opened[0].id)
            await tx.jobs.requeue_all()
        async with bot.working(), asyncio.timeout(60):
            await bot.watcher.until_ended([job])
        ended = await bot.job(job.id)
    assert (ended.state, ended.provider, a.requests) == (JobState.SUCCEEDED, "b", [])
