"""What our bot costs over a bare aiogram handler that calls the same loopback service.

    python -m benchmarks.overhead [--pictures 100] [--rounds 4]

Both bots run as processes of their own beside this one, each with a playground as its Telegram, and
are measured in turns within one run. The service (an imitation of Replicate) answers at once, so
what is left is the bots' own time. Nothing here is asserted: the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.playground import Message, Playground
from tests.fakes.replicate import TOKEN, FakeReplicate, Plan

FIRST_USER = 5000


@dataclass
class Samples:
    """Milliseconds per picture, and what the process used."""

    reaction: list[float] = field(default_factory=list)
    picture: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


@dataclass
class Contender:
    name: str
    playground: Playground
    process: psutil.Process
    starts: list[float] = field(default_factory=list)
    alone: Samples = field(default_factory=Samples)
    crowd: Samples = field(default_factory=Samples)

    def cpu_ms(self) -> float:
        times = self.process.cpu_times()
        return 1000 * (times.user + times.system)

    async def ask(self, user: int, samples: Samples) -> None:
        """One request from message to picture."""
        seen = {m.message_id for m in self.playground.messages(user)}
        start = time.perf_counter()
        await self.playground.send(user, user, "/imagine a fox")

        def news() -> list[Message]:
            return [
                m
                for m in self.playground.messages(user)
                if m.sender.is_bot and m.message_id not in seen
            ]

        await self.playground.wait_until(news, 60)
        samples.reaction.append(1000 * (time.perf_counter() - start))
        await self.playground.wait_until(lambda: any(m.photo for m in news()), 60)
        samples.picture.append(1000 * (time.perf_counter() - start))

    async def settle(self) -> None:
        """Let what follows a picture (records, acknowledgements) be done before CPU is read."""
        before = -1.0
        while self.cpu_ms() - before > 1:
            before = self.cpu_ms()
            await asyncio.sleep(0.3)


async def one_user(contender: Contender, pictures: int) -> None:
    before = contender.cpu_ms()
    for _ in range(pictures):
        await contender.ask(FIRST_USER, contender.alone)
    await contender.settle()
    contender.alone.cpu.append((contender.cpu_ms() - before) / pictures)


async def crowd(contender: Contender, users: int) -> None:
    before = contender.cpu_ms()
    async with asyncio.TaskGroup() as group:
        for user in range(FIRST_USER, FIRST_USER + users):
            group.create_task(contender.ask(user, contender.crowd))
    await contender.settle()
    contender.crowd.cpu.append((contender.cpu_ms() - before) / users)


@asynccontextmanager
async def started(
    name: str, command: list[str], environment: dict[str, str], playground: Playground
) -> AsyncIterator[Contender]:
    begin = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},  # noqa: TID251 - hands PATH and the like on
        stderr=asyncio.subprocess.DEVNULL,
    )
    known = len(playground.calls)
    try:
        await playground.wait_until(
            lambda: any(call.method == "getUpdates" for call in playground.calls[known:]), 60
        )
        contender = Contender(name, playground, psutil.Process(process.pid))
        contender.starts.append(1000 * (time.perf_counter() - begin))
        yield contender
    finally:
        process.terminate()
        await process.wait()


def commands(
    playground: Playground, service: FakeReplicate, data: Path
) -> dict[str, tuple[list[str], dict[str, str]]]:
    """How each contender is started against a playground."""
    token = {"BOT_TOKEN": playground.token}
    bare = [sys.executable, "-m", "benchmarks.bare_bot", playground.api_url, service.base_url]
    ours = {
        "TELEGRAM_API_URL": playground.api_url,
        "REPLICATE_API_TOKEN": TOKEN,
        "REPLICATE_BASE_URL": service.base_url,
        "DATA_DIR": str(data),
        "DAILY_QUOTA": "1000000",
        "MAX_REQUESTS_PER_MINUTE": "1000000",
        "LOG_LEVEL": "WARNING",
    }
    return {
        "bare": (bare, token),
        "ours": ([sys.executable, "-m", "bot", "run"], token | ours),
    }


@asynccontextmanager
async def playing(users: int) -> AsyncIterator[Playground]:
    async with Playground.start() as playground:
        for user in range(FIRST_USER, FIRST_USER + users):
            playground.add_user(user, f"User {user}")
        yield playground


async def measure(pictures: int, rounds: int, users: int) -> list[Contender]:
    async with AsyncExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        service = await stack.enter_async_context(FakeReplicate(Plan(inline=True)))
        contenders = []
        for name in ("bare", "ours"):
            playground = await stack.enter_async_context(playing(users))
            command, environment = commands(playground, service, data)[name]
            starts = []
            for _ in range(rounds):
                async with started(name, command, environment, playground) as contender:
                    starts += contender.starts
            contender = await stack.enter_async_context(
                started(name, command, environment, playground)
            )
            contender.starts += starts
            contenders.append(contender)
        for contender in contenders:
            await crowd(contender, 10)  # warm up
            contender.crowd = Samples()
        for _ in range(rounds):
            for contender in contenders:
                await one_user(contender, pictures // rounds)
            for contender in contenders:
                await crowd(contender, users)
        report(contenders)
        return contenders


def report(contenders: list[Contender]) -> None:
    bare, ours = contenders
    print(f"{'':34}{'bare':>10}{'ours':>10}{'ratio':>8}{'more':>10}")
    for title, read in (
        ("start to first getUpdates, ms", lambda c: statistics.median(c.starts)),
        ("RSS at the end, MiB", lambda c: c.process.memory_info().rss / 2**20),
        ("1 user: first reaction p50, ms", lambda c: statistics.median(c.alone.reaction)),
        ("1 user: first reaction p95, ms", lambda c: p95(c.alone.reaction)),
        ("1 user: picture p50, ms", lambda c: statistics.median(c.alone.picture)),
        ("1 user: picture p95, ms", lambda c: p95(c.alone.picture)),
        ("1 user: CPU per picture, ms", lambda c: statistics.median(c.alone.cpu)),
        ("100 users: first reaction p50, ms", lambda c: statistics.median(c.crowd.reaction)),
        ("100 users: first reaction p95, ms", lambda c: p95(c.crowd.reaction)),
        ("100 users: picture p50, ms", lambda c: statistics.median(c.crowd.picture)),
        ("100 users: picture p95, ms", lambda c: p95(c.crowd.picture)),
        ("100 users: CPU per picture, ms", lambda c: statistics.median(c.crowd.cpu)),
    ):
        base, own = read(bare), read(ours)
        print(f"{title:34}{base:10.1f}{own:10.1f}{own / base:8.2f}{own - base:+10.1f}")


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=100, help="by one user, in all")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--users", type=int, default=100)
    chosen = parser.parse_args()
    asyncio.run(measure(chosen.pictures, chosen.rounds, chosen.users))
