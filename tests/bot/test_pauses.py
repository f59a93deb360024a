"""/pause, /resume and /drain: nothing new starts, nothing is lost, and whoever waits is told."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.playground import Playground, wire
from bot.usecases.pauses import Pauses, PauseState
from providers.errors import InvalidRequest, Unavailable
from providers.testing import FAKE_OFFER, Behaviour, FakeProvider, hang, refuse
from providers.types import Wish
from storage.records import JobState
from tests.bot.dispatching import dispatch
from tests.bot.harness import ANN, BORIS, flow
from tests.fakes.fast_clock import FastClock

OWNER = frozenset({ANN})
FOX = Wish(prompt="a fox", aspect_ratio=(1, 1), seed=5)


def provider(name: str, script: Iterable[Behaviour] = (), *, clock: FastClock) -> FakeProvider:
    offers = (replace(FAKE_OFFER, provider=name),)
    return FakeProvider(script, name=name, offers=offers, clock=clock)


async def test_what_is_asked_for_in_a_pause_waits_and_is_made_after_it(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say("/pause")
        await chat.see_text("Everything is paused")
        await chat.say("/imagine a fox", user=BORIS)
        status = await chat.see_text("Paused by the admins; your place is kept", chat=BORIS)
        assert "next in line" in status.words
        assert chat.provider.requests == []
        await chat.say("/resume")
        await chat.see_text("Nothing is paused")
        assert (await chat.see_picture(chat=BORIS)).message_id == status.message_id


async def test_a_pause_outlives_a_restart(tmp_path: Path) -> None:
    clock = FastClock()
    fake = FakeProvider(clock=clock)
    async with Playground.start(clock=clock) as playground:
        how = {"playground": playground, "clock": clock, "admin_ids": OWNER}
        async with flow(tmp_path, fake, **how) as chat:
            await chat.say("/pause")
            await chat.see_text("Everything is paused")
            await chat.say("/imagine a fox", user=BORIS)
            await chat.see_text("your place is kept", chat=BORIS)
        async with flow(tmp_path, fake, **how) as again:
            await clock.sleep(20)
            assert fake.requests == []
            await again.say("/resume")
            await again.see_picture(chat=BORIS)


async def test_what_runs_is_finished_in_a_pause(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()]), admin_ids=OWNER) as chat:
        await chat.say("/imagine a fox")
        await chat.see_text(" %")
        await chat.say("/pause")
        paused = await chat.see_text("Everything is paused")
        assert "0 waiting · 1 running" in paused.words
        job = await chat.job()
        assert job is not None and job.state is JobState.RUNNING


async def test_a_drain_refuses_what_is_new_and_tells_when_it_is_over(tmp_path: Path) -> None:
    clock = FastClock()
    provider = FakeProvider([hang()], clock=clock)
    async with flow(tmp_path, provider, clock=clock, admin_ids=OWNER) as chat:
        await chat.say("/imagine a fox", user=BORIS)
        status = await chat.see_text(" %", chat=BORIS)
        await chat.say("/drain")
        report = await chat.see_text("0 waiting · 1 running")
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_text("take nothing new for now", chat=BORIS)
        assert await chat.job(2) is None
        await chat.playground.press(BORIS, BORIS, status.message_id, "Cancel")
        await chat.see_text("Everything is finished")
        last = await chat.see_text("0 waiting · 0 running · 0 to be delivered")
        assert last.message_id == report.message_id
        await chat.say("/resume")
        await chat.see_text("Nothing is paused")
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)


async def test_a_drain_goes_on_after_a_restart_and_its_end_is_told_once(tmp_path: Path) -> None:
    clock = FastClock()
    stuck = FakeProvider([hang()], clock=clock)
    async with Playground.start(clock=clock) as playground:
        how = {"playground": playground, "clock": clock, "admin_ids": OWNER}
        async with flow(tmp_path, stuck, **how) as chat:
            await chat.say("/imagine a fox", user=BORIS)
            status = await chat.see_text(" %", chat=BORIS)
            await chat.say("/drain")
            await chat.see_text("0 waiting · 1 running")
        async with flow(tmp_path, stuck, **how) as again:
            await again.playground.press(BORIS, BORIS, status.message_id, "Cancel")
            await again.see_text("Everything is finished")
            await clock.sleep(20)
            told = [m for m in again.bot_messages() if "Everything is finished" in m.words]
            assert len(told) == 1


async def test_a_message_that_comes_again_in_a_drain_is_no_new_request(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        said = await chat.say("/imagine a fox", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.say("/drain")
        await chat.see_text("Draining")
        world = chat.playground.world
        original = world.chats[BORIS].messages[said.message_id]
        world.updates.add("message", wire.message(original, world))
        await chat.say("/imagine another", user=BORIS)
        await chat.see_text("take nothing new", chat=BORIS)
        assert len([m for m in chat.bot_messages(BORIS) if "nothing new" in m.words]) == 1


@pytest.mark.parametrize("words", ["/pause", "/resume", "/drain", "/queue", "/admin", "/job 1"])
async def test_to_others_there_is_no_such_command(tmp_path: Path, words: str) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say(words, user=BORIS)
        await chat.see_text("I draw when a message begins with /imagine", chat=BORIS)
        async with chat.app.delivery._storage.reading() as view:
            assert await view.controls.all() == {}


async def test_an_unknown_provider_is_named_with_those_there_are(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say("/pause segmnd")
        message = await chat.see_text("There is no provider segmnd here")
        assert "fake" in message.words


async def test_each_word_is_in_the_audit_log(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        for words, answer in (
            ("/pause fake", "Paused: fake"),
            ("/drain", "Draining"),
            ("/resume", "Nothing is paused"),
        ):
            await chat.say(words)
            await chat.see_text(answer)
        async with chat.app.delivery._storage.reading() as view:
            lines = await view.audit.newest()
        assert [(line.actor_id, line.action, line.details) for line in lines] == [
            (ANN, "resume", {}),
            (ANN, "drain", {}),
            (ANN, "pause", {"provider": "fake"}),
        ]


# One provider of several.


async def test_a_paused_providers_jobs_go_elsewhere(tmp_path: Path) -> None:
    clock = FastClock()
    a, b = provider("a", clock=clock), provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as case:
        waiting = await case.ask(FOX)
        assert waiting.provider == "a"
        await case.pauses.pause("a", by=1)
        later = await case.ask(FOX)
        assert later.provider == "b"
        async with case.working():
            await case.watcher.until_ended([waiting, later])
        assert a.requests == [] and len(b.requests) == 2
        job = await case.job(waiting.id)
        assert (job.provider, job.state) == ("b", JobState.SUCCEEDED)
        assert await case.charged() == 2


async def test_a_job_that_can_only_go_to_the_paused_one_waits(tmp_path: Path) -> None:
    clock = FastClock()
    a, b = provider("a", clock=clock), provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as case:
        await case.pauses.pause("a", by=1)
        stays = await case.ask(FOX, via="a")
        other = await case.ask(FOX)
        async with case.working():
            await case.watcher.until_ended([other])
            assert (await case.job(stays.id)).state is JobState.QUEUED
            await case.pauses.resume("a", by=1)
            case.worker.ring()
            await case.watcher.until_ended([stays])
        assert len(a.requests) == len(b.requests) == 1


async def test_a_job_that_fails_does_not_go_on_to_a_paused_provider(tmp_path: Path) -> None:
    clock = FastClock()
    a, b = provider("a", [refuse(InvalidRequest("a"))], clock=clock), provider("b", clock=clock)
    async with dispatch(tmp_path, {"a": a, "b": b}, clock) as case:
        await case.pauses.pause("b", by=1)
        job = await case.made(FOX)
        assert (job.state, job.reason) == (JobState.FAILED, "invalid_request")
        assert b.requests == []


async def test_a_job_whose_only_provider_is_paused_on_its_way_goes_back(tmp_path: Path) -> None:
    """Claimed a moment before the pause: it has its place again, and costs no attempt."""
    clock = FastClock()
    a = provider("a", [refuse(Unavailable("a"))], clock=clock)
    async with dispatch(tmp_path, {"a": a}, clock) as case:
        asked = await case.ask(FOX)
        async with case.working():
            while not a.requests:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)
            await case.pauses.pause("a", by=1)  # before it is tried again
            while (await case.job(asked.id)).state is not JobState.QUEUED:  # noqa: ASYNC110 - a database has no event
                await asyncio.sleep(0.01)
            assert (await case.job(asked.id)).attempts == 0
            await case.pauses.resume("a", by=1)
            case.worker.ring()
            await case.watcher.until_ended([asked])
        assert (await case.job(asked.id)).state is JobState.SUCCEEDED


async def test_another_process_sees_a_pause_soon(tmp_path: Path) -> None:
    clock = FastClock()
    async with dispatch(tmp_path, {"a": provider("a", clock=clock)}, clock) as case:
        elsewhere = Pauses(case.storage, case.gates, clock)
        assert await case.pauses.look() == PauseState()
        await elsewhere.pause(None, by=1)
        await clock.sleep(1.0)
        assert (await case.pauses.look()).everything
