"""Every provider is down, or one answers nothing: what is said, what it costs, and that it passes."""

import asyncio
from dataclasses import replace
from pathlib import Path

from providers.errors import Unavailable
from providers.testing import FAKE_OFFER, Behaviour, FakeProvider, hang, refuse, succeed
from providers.types import GenerationRequest, Wish
from storage.records import JobState
from tests.bot.dispatching import USER, dispatch
from tests.bot.harness import BORIS, CHEN, flow
from tests.fakes.fast_clock import FastClock

DOWN = "No provider draws at the moment"


class Service:
    """One that can be turned off."""

    def __init__(self) -> None:
        self.is_down = True

    def __call__(self, request: GenerationRequest) -> Behaviour:
        return refuse(Unavailable("fake", "503")) if self.is_down else succeed()


async def test_all_are_down_it_is_said_and_passes_by_itself(tmp_path: Path) -> None:
    clock, service = FastClock(60), Service()
    provider = FakeProvider(service, clock=clock)
    owner = {"admin_ids": frozenset({CHEN})}
    async with flow(tmp_path, provider, clock=clock, **owner) as chat:
        await chat.say("/start", user=CHEN)
        await chat.say("/imagine a fox")
        job = await chat.delivered()
        assert (job.state, job.reason) == (JobState.FAILED, "unavailable")
        assert "cost you nothing" in (await chat.see_text("a fox")).words
        await chat.see_text(DOWN, chat=CHEN)
        await chat.say("/imagine a bear", user=BORIS)  # it is still taken, and waits
        await chat.job_until(lambda job: job.state is JobState.RUNNING, 2)
        service.is_down = False
        await chat.see_picture(chat=BORIS)
        await chat.say("/imagine a cat")
        await chat.see_picture()
        assert len([m for m in chat.bot_messages(CHEN) if DOWN in m.words]) == 1


async def test_one_that_answers_nothing_holds_up_nobody_else(tmp_path: Path) -> None:
    clock, never = FastClock(300), asyncio.Event()
    silent = FakeProvider(
        [hang(never)] * 9,
        name="silent",
        offers=(replace(FAKE_OFFER, provider="silent"),),
        clock=clock,
        max_concurrency=1,
    )
    other = FakeProvider(name="other", offers=(replace(FAKE_OFFER, provider="other"),), clock=clock)
    async with dispatch(tmp_path, {"silent": silent, "other": other}, clock) as bot:
        stuck = await bot.ask(Wish(prompt="a fox"), via="silent")
        waiting = await bot.ask(Wish(prompt="a wolf"), via="silent", user=2)
        free = await bot.ask(Wish(prompt="a bear"), via="other", user=3)
        async with bot.working(), asyncio.timeout(60):
            await bot.watcher.until_ended([free])
            assert (await bot.job(free.id)).state is JobState.SUCCEEDED
            assert (await bot.job(stuck.id)).state is JobState.RUNNING
            await bot.watcher.until_ended([stuck, waiting])
        for job in (await bot.job(stuck.id), await bot.job(waiting.id)):
            assert (job.state, job.reason) == (JobState.FAILED, "deadline")
        assert [await bot.charged(user) for user in (USER, 2, 3)] == [0, 0, 1]
    assert len(silent.cancels) == len(silent.requests)
