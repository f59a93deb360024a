"""A day of a thousand people on a clock that jumps over all waiting: is memory flat, is all accounted for?

    python -m benchmarks.day [--deeds 7000] [--hours 24] [--folder DIR] [--plot docs/day.png]

The whole bot in this process: polling, handlers, use cases, worker, delivery, housekeeping, over a real SQLite
file and real pictures on disk. Telegram is a fake without HTTP that keeps nothing but each chat's
last message, and the service a scripted one (`providers.testing`), so that what grows is the
bot's. People ask by a daily rhythm, cancel, press buttons, and run out of units; midnight is in the middle.
Nothing is asserted: the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import itertools
import logging
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties

from benchmarks import day_books, day_gauge
from benchmarks.day_people import HOUR, People
from benchmarks.day_telegram import TOKEN, DayTelegram
from bot.app import wire
from bot.duties import EVERYTHING
from bot.enabled import describe_engines
from bot.lifecycle import App
from bot.moderators import build_moderation
from bot.settings import Settings
from bot.wiring.basis import Basis
from providers.catalog import Offer
from providers.errors import GenerationFailed
from providers.testing import Behaviour, FakeProvider, Submission, censor_picture, fail
from providers.types import GenerationRequest, GenerationResult, Ticket
from storage.base import Storage
from storage.blobs import FileBlobs
from storage.engine import open_storage
from storage.summaries import QueueSummary
from tests.fakes.jumping_loop import JumpingLoop, LoopClock, counted

START = datetime(2026, 3, 14, 10, tzinfo=UTC)
LOOK_EVERY = 300.0  # seconds between looks at the queue
AT_ONCE = 2  # pictures the service works on


class Service(FakeProvider):
    """A scripted provider that forgets what is over."""

    def __init__(self, clock: LoopClock) -> None:
        self._dice = random.Random(7)  # noqa: S311 - repeatable
        self._numbers = itertools.count(1)
        super().__init__(self._fate, clock=clock, max_concurrency=AT_ONCE)

    def _fate(self, _: GenerationRequest) -> Behaviour:
        chance, seconds = self._dice.random(), self._dice.lognormvariate(2.8, 0.5)
        if chance < 0.02:
            return censor_picture("nudity")
        if chance < 0.05:
            return fail(GenerationFailed(self.name, "out of memory"))
        return Behaviour(seconds=seconds)

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        ticket = Ticket(f"{self.name}-{next(self._numbers)}")
        self.accepted[ticket.remote_id] = Submission(ticket.remote_id, request, self._fate(request))
        return ticket

    async def wait(self, ticket: Ticket, **more: Any) -> GenerationResult:
        try:
            return await super().wait(ticket, **more)
        finally:
            self.accepted.pop(ticket.remote_id, None)
            self.cancels.clear()


@dataclass
class Town:
    clock: LoopClock
    telegram: DayTelegram
    storage: Storage
    app: App

    async def queue(self) -> QueueSummary:
        async with self.storage.reading() as view:
            return await view.statistics.queue(people=0)

    async def watch(self, hours: int) -> list[day_gauge.Hour]:
        seen = [day_gauge.read(0, 0)]
        for _ in range(hours):
            depth = 0
            for _ in range(int(HOUR / LOOK_EVERY)):
                await self.clock.sleep(LOOK_EVERY)
                depth = max(depth, (await self.queue()).waiting)
            seen.append(day_gauge.read(self.telegram.pictures, depth))
        return seen

    async def wind_up(self) -> None:
        while (
            (queue := await self.queue()).oldest
            or queue.undelivered
            or any(load.running for load in queue.providers)
        ):
            await self.clock.sleep(10)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    settings = Settings(_env_file=None, bot_token=TOKEN, data_dir=folder, monitoring=False)
    clock = LoopClock(START)
    telegram = DayTelegram(clock)
    bot = Bot(TOKEN, session=telegram, default=DefaultBotProperties(parse_mode="HTML"))
    storage = await open_storage(settings.database)
    (folder / "pictures").mkdir()
    blobs, moderation = FileBlobs(folder / "pictures"), build_moderation(settings, clock)
    engines = await describe_engines({"fake": Service(clock)}, None)
    basis = Basis(settings, bot, storage, blobs, engines, moderation, clock, EVERYTHING)
    app, stop = wire(basis), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(app.run(stop))
        yield Town(clock, telegram, storage, app)
        stop.set()
    await storage.close()


async def spend_a_day(folder: Path, deeds: int, hours: int, path: Path | None) -> None:
    begun, cpu = time.monotonic(), time.process_time()
    async with town(folder) as there:
        people = People(there.telegram, there.clock, deeds, hours)
        async with asyncio.TaskGroup() as group:
            group.create_task(people.live())
            seen = await there.watch(hours)
        await there.wind_up()
    day_gauge.report(seen)
    print(
        f"{hours} h in {(time.monotonic() - begun) / 60:.1f} min, CPU {time.process_time() - cpu:.0f} s:"
        f" {people.said:,} requests, {people.canceled} taken back, {people.pressed:,} buttons,"
        f" {people.chatted:,} other words; {dict(there.telegram.calls)}"
    )
    print(f"people whom nobody answered: {len(there.telegram.unanswered)}")
    day_books.report(folder / "bot.db")
    if path is not None:
        day_gauge.plot(seen, path)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--deeds", type=int, default=7000, help="of all people together")
    arguments.add_argument("--hours", type=int, default=24)
    arguments.add_argument("--folder", help="where the data goes, e.g. /dev/shm: no disk")
    arguments.add_argument("--plot", type=Path)
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    # aiosqlite has threads of its own, which the loop has to be told of.
    aiosqlite.Connection._execute = counted(aiosqlite.Connection._execute)  # noqa: SLF001 - see above
    with (
        tempfile.TemporaryDirectory(dir=given.folder) as folder,
        asyncio.Runner(loop_factory=JumpingLoop) as runner,
    ):
        runner.run(spend_a_day(Path(folder), given.deeds, given.hours, given.plot))


if __name__ == "__main__":
    main()
