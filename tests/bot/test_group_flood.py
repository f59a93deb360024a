"""A flood in one group: many people against Telegram's 20 messages a minute and its 429s. No result
is lost, and none waits while words are told.
"""

import asyncio
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest

from bot.playground import Call, Playground
from bot.playground.faults import flood as too_many
from bot.texts.everyday import READY_SOON
from providers.testing import Behaviour, FakeProvider
from storage.records import DeliveryState, Job, JobState
from tests.bot.harness import ANN, GROUP, Flow, flow
from tests.fakes.fast_clock import FastClock

FIRST = 2000  # the people's ids begin here
WORDS = {"sendMessage", "editMessageText", "editMessageCaption"}


@dataclass(frozen=True)
class Size:
    """jobs: of which everyone's first comes at once. minutes: over which the others come."""

    people: int
    jobs: int
    minutes: float
    speed: float
    planted: int  # 429s besides those of the flood itself


REDUCED = Size(people=10, jobs=14, minutes=2, speed=40, planted=3)
FULL = Size(people=50, jobs=170, minutes=30, speed=30, planted=20)


async def crowd(chat: Flow, size: Size, dice: random.Random) -> None:
    """Everyone asks at once, then again and again over the time there is."""
    clock = chat.app.worker._clock
    world = chat.playground.world
    for number in range(size.people):
        chat.playground.add_user(FIRST + number, f"Guest{number}")
        world.chats[GROUP].members[FIRST + number] = "member"
    pause = size.minutes * 60 / max(1, size.jobs - size.people)
    for number in range(size.jobs):
        if number >= size.people:
            await clock.sleep(pause)
        await chat.say(f"/imagine a fox {number}", user=FIRST + number % size.people, chat=GROUP)
        if number and number % (size.jobs // size.planted) == 0:
            method = dice.choice(["editMessageMedia", "sendMessage", "editMessageText"])
            chat.playground.faults.add(method, too_many(dice.randint(3, 20)), chat_id=GROUP)


async def settled(chat: Flow, count: int) -> list[Job]:
    """All jobs, once each one's outcome is in the chat."""
    return [await chat.delivered(number, timeout=600) for number in range(1, count + 1)]


def words_before_pictures(calls: list[Call]) -> list[Call]:
    """Words that Telegram took while a picture it had refused was still to be shown; a line that
    only makes room for another picture is none.
    """
    waiting: dict[Any, float] = {}
    found = []
    for call in calls:
        message = call.params.get("message_id")
        at = call.at.timestamp()
        if call.method == "editMessageMedia":
            if call.ok:
                waiting.pop(message, None)
            elif call.answer and call.answer["error_code"] == 429:
                waiting[message] = at + call.answer["parameters"]["retry_after"]
        elif call.method in WORDS and call.ok and call.params.get("text") != READY_SOON:
            found += [call] if any(at > until for until in waiting.values()) else []
    return found


async def run_flood(folder: Path, size: Size) -> None:
    clock = FastClock(size.speed)
    dice = random.Random(size.jobs)  # noqa: S311 - the same trouble each time
    provider = FakeProvider(lambda _: Behaviour(seconds=4), clock=clock)
    async with (
        Playground.start(clock=clock, flood_control=True) as playground,
        flow(folder, provider, playground=playground, clock=clock) as chat,
    ):
        await chat.turn_on(by=ANN)
        begun = clock.monotonic()
        await crowd(chat, size, dice)
        jobs = await settled(chat, size.jobs)
        took = clock.monotonic() - begun
        calls = [call for call in playground.calls if call.params.get("chat_id") == GROUP]
        shown = [m for m in chat.bot_messages(GROUP) if m.photo]
        report(size, jobs, calls, took)
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * size.jobs
    assert [job.delivery for job in jobs] == [DeliveryState.DELIVERED] * size.jobs
    assert sorted(m.reply_to_message_id or 0 for m in shown) == sorted(j.message_id for j in jobs)
    assert not words_before_pictures(calls)


def report(size: Size, jobs: list[Job], calls: list[Call], took: float) -> None:
    pictures = {
        c.params["message_id"]: c.at for c in calls if c.method == "editMessageMedia" and c.ok
    }
    waits = sorted(
        (pictures[job.status_message_id] - job.finished_at).total_seconds()
        for job in jobs
        if job.finished_at and job.status_message_id in pictures
    )
    refused = [c for c in calls if c.answer and c.answer.get("error_code") == 429]
    taken = Counter(call.method for call in calls if call.ok)
    half, most = (quantiles(waits, n=20, method="inclusive")[n] for n in (9, 18))
    sys.stdout.write(
        f"\n{size.people} people, {len(jobs)} pictures in {took / 60:.1f} min; from the outcome to "
        f"the chat: median {half:.1f} s, p95 {most:.1f} s, longest {waits[-1]:.1f} s; "
        f"{len(refused)} of {len(calls)} calls refused (429); {dict(taken)}\n"
    )


async def test_a_flood_loses_nothing_and_pictures_come_first(tmp_path: Path) -> None:
    async with asyncio.timeout(120):
        await run_flood(tmp_path, REDUCED)


@pytest.mark.slow
async def test_a_flood_of_thirty_minutes(tmp_path: Path) -> None:
    await run_flood(tmp_path, FULL)
