"""How late the event loop is while the local pipeline draws: in a thread of the bot, and as we run it.

    python -m benchmarks.loop_lag [--seconds 10] [--model demo]

A probe sleeps for 5 ms again and again and notes how much later it wakes, and how much CPU time
the loop's thread has used meanwhile: that is what we do there, whatever else the machine does. Three settings, in turns
within one run: nothing else to do; the same pipeline in a thread (the baseline, what most bots do);
our provider, with the pipeline in a process of its own at a nice of 10. Nothing here is asserted:
the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import itertools
import math
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from providers.clock import SystemClock
from providers.local.batch import Item
from providers.local.config import PipelineConfig
from providers.local.loader import load
from providers.local.provider import LocalProvider
from providers.local.watcher import Unwatched
from providers.types import GenerationRequest

PAUSE = 0.005
ROUNDS = 3
NEVER = math.inf


@dataclass
class Setting:
    """lags, work: milliseconds, one a wake."""

    name: str
    lags: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    pictures: int = 0
    seconds: float = 0.0

    def row(self, idle_p99: float) -> str:
        p50, p99 = (percentile(self.lags, share) for share in (0.50, 0.99))
        rate = self.pictures / self.seconds
        return (
            f"| {self.name} | {p50:.2f} | {p99:.2f} | {max(self.lags):.2f} "
            f"| {p99 / idle_p99:.1f} | {percentile(self.work, 0.99):.2f} | {max(self.work):.2f} "
            f"| {rate:.2f} |"
        )


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def probe(setting: Setting, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (due := loop.time() + PAUSE) < end:
        begun = time.thread_time()
        await asyncio.sleep(PAUSE)
        setting.lags.append(1000 * (loop.time() - due))
        setting.work.append(1000 * (time.thread_time() - begun))
    setting.seconds += seconds


def request(seed: int) -> GenerationRequest:
    return GenerationRequest(prompt="a lighthouse at night", width=512, height=512, seed=seed)


class InThread:
    def __init__(self, config: PipelineConfig) -> None:
        self._pipeline = load(config)

    async def __call__(self, setting: Setting, seconds: float) -> None:
        stop = threading.Event()

        def draw() -> None:
            for seed in itertools.count():
                if stop.is_set():
                    return
                self._pipeline.draw([Item(request(seed), seed)], Unwatched())
                setting.pictures += 1

        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(draw))
            await probe(setting, seconds)
            stop.set()


class InProcess:
    """waiting: how many submissions there are at any time, as from so many users."""

    def __init__(self, provider: LocalProvider, waiting: int) -> None:
        self._provider = provider
        self._waiting = waiting

    async def __call__(self, setting: Setting, seconds: float) -> None:
        (offer,) = await self._provider.offers()

        async def user() -> None:
            while True:
                ticket = await self._provider.submit(request(1), offer, deadline=NEVER)
                try:
                    await self._provider.wait(ticket, deadline=NEVER, on_progress=lambda _: None)
                finally:
                    await self._provider.cancel(ticket)
                setting.pictures += 1

        async with asyncio.TaskGroup() as group:
            users = [group.create_task(user()) for _ in range(self._waiting)]
            await probe(setting, seconds)
            for one in users:
                one.cancel()


@asynccontextmanager
async def provider_over(config: PipelineConfig) -> AsyncIterator[LocalProvider]:
    provider = LocalProvider(config, clock=SystemClock())
    await provider.start()
    try:
        yield provider
    finally:
        await provider.aclose()


Drive = Callable[[Setting, float], Awaitable[None]]


async def measure(config: PipelineConfig, seconds: float) -> None:
    in_thread = await asyncio.to_thread(InThread, config)
    async with provider_over(config) as provider:
        drives: list[tuple[Setting, Drive]] = [
            (Setting("idle"), probe),
            (Setting("thread of the bot, one user"), in_thread),
            (Setting("own process, nice 10, one user"), InProcess(provider, 1)),
            (Setting("own process, nice 10, 8 users"), InProcess(provider, 8)),
        ]
        for _ in range(ROUNDS):
            for setting, drive in drives:
                await drive(setting, seconds / ROUNDS)
                await asyncio.sleep(1)  # the step in hand ends
        facts = provider.facts
    what = f"{facts.model} on {facts.device}, {facts.at_once} at once" if facts else "not loaded"
    report([setting for setting, _ in drives], what)


def report(settings: list[Setting], what: str) -> None:
    print(f"\n{what}; lag in ms\n")
    print("| setting | p50 | p99 | max | p99 to idle | CPU p99 | CPU max | pictures/s |")
    print("|---|---|---|---|---|---|---|---|")
    idle_p99 = percentile(settings[0].lags, 0.99)
    for setting in settings:
        print(setting.row(idle_p99))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--model", default="demo")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = PipelineConfig(model=options.model, cache_dir=Path(folder))
        asyncio.run(measure(config, options.seconds))


if __name__ == "__main__":
    main()
