"""Results go after a while where a group wants that: also over a restart, and without complaint."""

from datetime import timedelta
from pathlib import Path

from bot.playground import Playground
from bot.playground.faults import flood, refusal
from providers.testing import FakeProvider
from tests.bot.harness import BORIS, GROUP, Flow, flow
from tests.bot.test_chat_settings import choose
from tests.fakes.fast_clock import FastClock


async def drawn(chat: Flow, prompt: str = "a fox") -> int:
    await chat.say(f"/imagine {prompt}", user=BORIS, chat=GROUP)
    return (await chat.see(lambda m: bool(m.photo), chat=GROUP)).message_id


async def gone(chat: Flow, message_id: int) -> None:
    messages = chat.playground.world.chats[GROUP].messages
    await chat.playground.wait_until(lambda: message_id not in messages, 60)


async def nothing_due(chat: Flow, job_id: int = 1) -> None:
    await chat.delivered(job_id)
    await chat.job_until(lambda job: job.delete_due is None, job_id)


async def test_a_result_goes_after_its_time_also_over_a_restart(tmp_path: Path) -> None:
    clock = FastClock(100)
    async with Playground.start(clock=clock) as playground:
        world = {"playground": playground, "clock": clock}
        async with flow(tmp_path, FakeProvider(clock=clock), **world) as chat:
            await chat.turn_on()
            await choose(chat, "delete 5", "Delete results: 5 min")
            picture = await drawn(chat)
            job = await chat.job_until(lambda job: job.delete_due is not None)
            assert job.delete_due is not None and job.finished_at is not None
            assert job.delete_due - job.finished_at >= timedelta(minutes=5)
            stayed = picture in playground.world.chats[GROUP].messages
        async with flow(tmp_path, FakeProvider(clock=clock), **world) as chat:
            await gone(chat, picture)
            await nothing_due(chat)
        assert stayed
        (deleted,) = chat.calls("deleteMessage", GROUP)
        assert deleted.at >= job.delete_due


async def test_what_is_gone_or_cannot_be_deleted_is_let_be(tmp_path: Path) -> None:
    clock = FastClock(100)
    async with flow(tmp_path, FakeProvider(clock=clock), clock=clock) as chat:
        await chat.turn_on()
        await choose(chat, "delete 1", "Delete results: 60 s")
        faults = chat.playground.faults
        faults.add("deleteMessage", flood(5))
        faults.add("deleteMessage", refusal(400, "Bad Request: message can't be deleted"))
        await drawn(chat)
        await nothing_due(chat)
        await chat.say("/imagine a bear", user=BORIS, chat=GROUP)
        await chat.delivered(2)
        bear = await chat.see(lambda m: "a bear" in m.words, chat=GROUP)
        chat.playground.world.chats[GROUP].messages.pop(bear.message_id, None)
        await nothing_due(chat, 2)
        assert len(chat.calls("deleteMessage", GROUP)) >= 3


async def test_a_private_chat_keeps_its_results(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine a fox")
        assert (await chat.delivered()).delete_due is None
