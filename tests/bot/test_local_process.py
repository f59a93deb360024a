"""The pipeline's process dies under a job: one more try, and then words that cost nothing."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from providers.clock import SystemClock
from providers.local.config import PipelineConfig
from providers.local.provider import LocalProvider
from providers.local.supervisor import Upkeep
from storage.records import JobState
from tests.bot.harness import BORIS, Flow, flow
from tests.fakes.painter import load_painter

pytestmark = pytest.mark.local

PATIENCE = 60.0


class Local:
    """A bot over a local pipeline whose pictures are ready when a file says so."""

    def __init__(self, chat: Flow, provider: LocalProvider, folder: Path) -> None:
        self.chat = chat
        self._provider = provider
        self._folder = folder

    async def begun(self, prompt: str, times: int = 1) -> None:
        """The process draws it, not for the first time where `times` says so."""
        file = self._folder / "batches"
        async with asyncio.timeout(PATIENCE):
            while not file.exists() or file.read_text().splitlines().count(prompt) < times:  # noqa: ASYNC110 - another process rings no bell
                await asyncio.sleep(0.01)

    def kill(self) -> None:
        assert self._provider.facts is not None
        os.kill(self._provider.facts.process_id, signal.SIGKILL)

    def finish(self, name: str) -> None:
        (self._folder / name).touch()


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Local]:
    cache = folder / "models"
    provider = LocalProvider(
        PipelineConfig(model="demo", cache_dir=cache),
        clock=SystemClock(),
        load=load_painter,
        upkeep=Upkeep(niceness=0, restart_pause=lambda deaths: 0.01),
    )
    async with flow(folder, provider, daily_quota=5) as chat:
        yield Local(chat, provider, cache)


async def units_left(chat: Flow) -> str:
    await chat.say("/quota")
    return (await chat.see_text("left")).words


async def test_killed_once_the_job_is_finished_and_charged_once(tmp_path: Path) -> None:
    async with local(tmp_path) as bot:
        await bot.chat.say("/imagine until go")
        await bot.begun("until go")
        bot.kill()
        await bot.begun("until go", times=2)
        bot.finish("go")
        await bot.chat.see_picture(timeout=PATIENCE)
        job = await bot.chat.delivered()
        assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
        assert "4 units" in await units_left(bot.chat)


async def test_killed_again_it_fails_in_words_without_charge(tmp_path: Path) -> None:
    async with local(tmp_path) as bot:
        await bot.chat.say("/imagine until go")
        for times in (1, 2):
            await bot.begun("until go", times=times)
            bot.kill()
        await bot.chat.see_text("The model failed on this request", timeout=PATIENCE)
        job = await bot.chat.delivered()
        assert (job.state, job.reason) == (JobState.FAILED, "generation_failed")
        assert "5 units" in await units_left(bot.chat)
        bot.finish("go")
        await bot.chat.say("/imagine until go")
        await bot.chat.see_picture(timeout=PATIENCE)


async def test_of_two_users_at_once_only_the_one_whose_picture_kills_is_told(
    tmp_path: Path,
) -> None:
    async with local(tmp_path) as bot:
        await bot.chat.say("/imagine until go --guidance 9")
        await bot.begun("until go")
        await bot.chat.say("/imagine die")
        await bot.chat.say("/imagine a fox", user=BORIS)
        await running(bot.chat, 2, 3)
        bot.finish("go")
        await bot.chat.see_picture(chat=BORIS, timeout=PATIENCE)
        await bot.chat.see_text("The model failed on this request", timeout=PATIENCE)


async def test_where_memory_is_short_fewer_are_drawn_at_once(tmp_path: Path) -> None:
    """The pipeline halves the batch by itself: no second try of the job, and no new process."""
    async with local(tmp_path) as bot:
        await bot.chat.say("/imagine big --n 4")
        job = await bot.chat.delivered(timeout=PATIENCE)
        assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
        assert "1 unit " in await units_left(bot.chat)
        drawn = (tmp_path / "models" / "batches").read_text().splitlines()
        assert drawn[0] == "big + big + big + big" and drawn[-4:] == ["big"] * 4


async def test_what_no_memory_holds_fails_in_words_and_the_next_is_drawn(tmp_path: Path) -> None:
    async with local(tmp_path) as bot:
        await bot.chat.say("/imagine huge")
        await bot.chat.see_text("The model failed on this request", timeout=PATIENCE)
        await bot.chat.say("/imagine a fox")
        await bot.chat.see_picture(timeout=PATIENCE)
        assert "4 units" in await units_left(bot.chat)


async def test_a_fault_of_the_accelerator_costs_a_new_process_and_no_unit(tmp_path: Path) -> None:
    async with local(tmp_path) as bot:
        await bot.chat.say("/imagine fault")
        await bot.chat.see_text("The model failed on this request", timeout=PATIENCE)
        await bot.chat.say("/imagine a fox")
        await bot.chat.see_picture(timeout=PATIENCE)
        assert "4 units" in await units_left(bot.chat)


async def running(chat: Flow, *jobs: int) -> None:
    for number in jobs:
        await chat.job_until(lambda job: job.state is JobState.RUNNING, number, PATIENCE)
