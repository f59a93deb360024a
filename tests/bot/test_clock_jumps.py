"""The machine's clock is set while jobs run and wait: nothing is late, lost or drawn twice by that."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground import faults
from providers.testing import Behaviour, FakeProvider
from storage.records import JobState
from tests.bot.harness import ANN, Flow, flow
from tests.fakes.jumping_clock import JumpingClock

A_DAY = timedelta(days=1, minutes=1)
AN_HOUR_BACK = timedelta(hours=-1)

both_ways = pytest.mark.parametrize("by", [A_DAY, AN_HOUR_BACK], ids=["forward", "back"])


async def wait_on(clock: JumpingClock, seconds: float) -> None:
    """So long nothing may happen that hasn't happened yet."""
    await clock.sleep(seconds)


@both_ways
async def test_what_runs_and_waits_goes_on(tmp_path: Path, by: timedelta) -> None:
    clock, gate = JumpingClock(), asyncio.Event()
    provider = FakeProvider([Behaviour(until=gate)], clock=clock, max_concurrency=1)
    async with flow(tmp_path, provider, clock=clock) as chat:
        await chat.say("/imagine a fox")
        await chat.job_until(lambda job: job.state is JobState.RUNNING)
        await chat.say("/imagine a bear")
        await chat.job_until(lambda job: job.state is JobState.QUEUED, 2)
        clock.set(by)
        await wait_on(clock, 60)  # twice a lease
        gate.set()
        for number in (1, 2):
            job = await chat.delivered(number)
            assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
            assert job.started_at is not None and job.finished_at is not None
            assert timedelta() <= job.finished_at - job.started_at < timedelta(minutes=10)
    assert len(provider.requests) == 2


@both_ways
async def test_an_outcome_that_waits_for_telegram_comes_in_its_time(
    tmp_path: Path, by: timedelta
) -> None:
    clock = JumpingClock()
    async with flow(tmp_path, FakeProvider(clock=clock), clock=clock) as chat:
        chat.playground.faults.add("editMessageMedia", faults.flood(40))
        await chat.say("/imagine a fox")
        await chat.playground.wait_until(lambda: chat.calls("editMessageMedia"))
        clock.set(by)
        began = clock.monotonic()
        assert await chat.see_picture()
        await chat.delivered()
        assert clock.monotonic() - began < 300  # on a fast clock a busy machine looks slow
        assert len(chat.bot_messages()) == 1


async def units(chat: Flow) -> str:
    said = await chat.say("/quota")
    answer = await chat.see(lambda m: m.reply_to_message_id == said.message_id)
    return answer.words.partition("\n")[0]


async def test_a_day_of_units_is_given_once(tmp_path: Path) -> None:
    clock = JumpingClock()
    async with flow(tmp_path, FakeProvider(clock=clock), clock=clock, daily_quota=3) as chat:
        await chat.say("/imagine a fox")
        await chat.delivered(1)
        assert "2 units" in await units(chat)
        clock.set(A_DAY)  # by mistake: these are tomorrow's units
        assert "3 units" in await units(chat)
        await chat.say("/imagine a fox")
        await chat.delivered(2)
        clock.set(-A_DAY)
        assert "2 units" in await units(chat)
        clock.set(A_DAY)
        assert "2 units" in await units(chat)


async def test_nobody_is_throttled_for_what_was_asked_in_the_future(tmp_path: Path) -> None:
    clock = JumpingClock()
    limits = {"max_requests_per_minute": 1}
    async with flow(tmp_path, FakeProvider(clock=clock), clock=clock, **limits) as chat:
        await chat.say("/imagine a fox")
        await chat.delivered(1)
        clock.set(AN_HOUR_BACK)
        await chat.say("/imagine a bear")
        assert (await chat.delivered(2)).user_id == ANN
