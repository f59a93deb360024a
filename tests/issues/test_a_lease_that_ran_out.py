"""A process that stood still for longer than a lease claimed its own job again; when the first run
noticed and ended, it took the second one's entry with it, and the second one's end stopped the worker.
"""

import asyncio
from pathlib import Path

from providers.testing import FakeProvider, hang
from providers.types import Wish
from storage.records import JobState
from tests.bot.dispatching import dispatch
from tests.fakes.fast_clock import FastClock


async def test_a_job_back_in_the_same_process_ends_once(tmp_path: Path) -> None:
    done = asyncio.Event()
    clock = FastClock(15.0)
    provider = FakeProvider([hang(done)], clock=clock)
    async with (
        dispatch(tmp_path, {"fake": provider}, clock) as bot,
        asyncio.timeout(60),
        bot.working(),
    ):
        job = await bot.ask(Wish(prompt="a fox"))
        while not provider.accepted:  # noqa: ASYNC110 - a provider rings no bell
            await asyncio.sleep(0.01)
        first = bot.worker._running[job.id]
        async with bot.storage.transaction() as tx:
            await tx.jobs.requeue_all()
        bot.worker.ring()
        while first.why != "lost" or bot.worker._running.get(job.id) in (None, first):  # noqa: ASYNC110 - nor does a lease
            await asyncio.sleep(0.01)
        done.set()
        await bot.watcher.until_ended([job])
    async with dispatch(tmp_path, {"fake": provider}, clock) as again:
        ended = await again.job(job.id)
    assert (ended.state, ended.attempts, len(provider.requests)) == (JobState.SUCCEEDED, 2, 1)
