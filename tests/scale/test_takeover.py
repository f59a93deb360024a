"""Workers killed and stalled at random: others take over, and whoever wakes up is fenced out."""

import asyncio
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.playground import Message
from tests.bot.process import BotProcess, House
from tests.bot.test_crash import (
    IN_FLIGHT,
    USERS,
    answers_to,
    check_books,
    check_service,
    is_outcome,
)
from tests.fakes.replicate import Plan
from tests.scale.servers import Processes, ask, rows

pytestmark = [pytest.mark.postgres, pytest.mark.waits(100)]

WORKERS = 3
LONGEST_STALL = 45.0  # seconds: longer than a lease
AT_ONCE = 90  # requests without an outcome; a user may have 50 waiting
LOOK_EVERY = 0.2

RUNNING = "SELECT id, lease, lease_until FROM jobs WHERE state = 'running'"


@dataclass(frozen=True)
class Size:
    count: int  # of jobs
    seconds: float  # of chaos
    stalls: bool
    taken_over: timedelta  # after the end of the lease


@dataclass
class Chaos:
    """What was done to the workers, and how long their jobs lay about."""

    dice: random.Random
    ends: float
    done: list[tuple[datetime, str]] = field(default_factory=list)
    gaps: list[timedelta] = field(default_factory=list)
    one_lives: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WORKERS - 1))

    @classmethod
    def none(cls) -> "Chaos":
        return cls(random.Random(0), 0.0)  # noqa: S311 - not used

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends


async def torment(crew: Processes, chaos: Chaos, worker: BotProcess, *, stalls: bool) -> None:
    """One worker's place, in which a new one follows each that is killed."""
    while not chaos.is_over:
        await asyncio.sleep(chaos.dice.uniform(1, 8))
        async with chaos.one_lives:
            if stalls and chaos.dice.random() < 0.5:
                worker.send(signal.SIGSTOP)
                await asyncio.sleep(chaos.dice.uniform(1, LONGEST_STALL))
                worker.send(signal.SIGCONT)
                chaos.done.append((_now(), "stalled"))
            else:
                await worker.kill()
                chaos.done.append((_now(), "killed"))
                worker = await crew.worker()


def _now() -> datetime:
    from providers.clock import SystemClock  # noqa: PLC0415

    return SystemClock().now()


async def watch(url: str, chaos: Chaos) -> None:
    """Until canceled: for how long after the end of its lease a job was still its old worker's."""
    held: dict[int, tuple[str, datetime]] = {}
    while True:
        found = {job: (lease, until) for job, lease, until in await rows(url, RUNNING)}
        for job, (lease, until) in held.items():
            if found.get(job, ("", until))[0] != lease and _now() > until:
                chaos.gaps.append(_now() - until)
        held = found
        await asyncio.sleep(LOOK_EVERY)


async def request(home: House, count: int) -> list[Message]:
    commands: list[Message] = []

    def waiting() -> int:
        return sum(not any(map(is_outcome, answers_to(home, each))) for each in commands)

    for number in range(count):
        await home.playground.wait_until(lambda: waiting() < AT_ONCE, 240)
        user = USERS[number % len(USERS)]
        commands.append(await home.playground.send(user, user, f"/imagine fox number {number}"))
        await asyncio.sleep(0.05)
    return commands


def check(home: House, url: str, commands: list[Message], chaos: Chaos) -> None:
    for command in commands:
        answers = answers_to(home, command)
        assert sum(map(is_outcome, answers)) == 1, [answer.words for answer in answers]
        for other in (answer for answer in answers if not is_outcome(answer)):
            near = (abs(at - other.date) < IN_FLIGHT for at, _ in chaos.done)
            assert any(near), other.words
    check_books(home, commands, partial(ask, url))
    check_service(home, commands)


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(Size(24, 10.0, stalls=False, taken_over=timedelta(seconds=10)), id="short"),
        pytest.param(
            Size(400, 60.0, stalls=True, taken_over=timedelta(seconds=2)),
            id="long",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_whatever_becomes_of_workers_every_job_ends_once(
    home: House, crew: Processes, database: str, size: Size
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")  # shown with a failure
    home.settings |= {"MAX_RUNNING_PER_USER": "50", "DAILY_QUOTA": "1000"}
    home.service.plan = Plan(seconds=2.0)
    edge = await crew.edge()
    workers = [await crew.worker() for _ in range(WORKERS)]
    chaos = Chaos(random.Random(seed), time.monotonic() + size.seconds)  # noqa: S311 - repeatable
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch(database, chaos))
        asked = group.create_task(request(home, size.count))
        for worker in workers:
            group.create_task(torment(crew, chaos, worker, stalls=size.stalls))
        commands = await asked
        await home.playground.wait_until(
            lambda: all(any(map(is_outcome, answers_to(home, each))) for each in commands), 300
        )
        while await rows(database, "SELECT 1 FROM jobs WHERE delivery <> 'delivered' LIMIT 1"):  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.2)
        watching.cancel()
    await asyncio.to_thread(check, home, database, commands, chaos)
    await asyncio.to_thread(_report, database, chaos, size.count)
    assert all(gap < size.taken_over + timedelta(seconds=2 * LOOK_EVERY) for gap in chaos.gaps)
    assert await edge.end() == 0


def _report(url: str, chaos: Chaos, count: int) -> None:
    again = ask(url, "SELECT count(*) FROM jobs WHERE attempts > 1")[0][0]
    unknown = ask(url, "SELECT count(*) FROM jobs WHERE state = 'failed'")[0][0]
    deeds = [deed for _, deed in chaos.done]
    longest = max(chaos.gaps, default=timedelta()).total_seconds()
    sys.stdout.write(
        f"{count} jobs, {deeds.count('killed')} kills, {deeds.count('stalled')} stalls:"
        f" {again} jobs taken over, at most {longest:.1f} s after their lease,"
        f" {unknown} orders were in flight\n"
    )
