"""SIGKILL at random moments: every job ends in one visible outcome, and the books are right."""

import asyncio
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.playground import ANN, BORIS, CHEN, Message
from bot.playground.faults import Fault, Kind, When
from providers.clock import SystemClock
from tests.bot.process import House, house
from tests.fakes.faults import Proceed
from tests.fakes.replicate import Plan

USERS = (ANN, BORIS, CHEN)
LONGEST_LIFE = 1.5  # seconds from the first poll to the kill: longer than a job takes
IN_FLIGHT = timedelta(seconds=6)  # a call this shortly before a kill may be unknown to the bot
OUTCOME_UNKNOWN = "can't tell whether the picture was made"
GAVE_UP = "interrupted each time"


Ask = Callable[[str], list[tuple[Any, ...]]]
"""Runs a query on the database."""


def is_outcome(message: Message) -> bool:
    return message.photo is not None or any(
        words in message.words for words in (OUTCOME_UNKNOWN, GAVE_UP)
    )


def answers_to(house: House, command: Message) -> list[Message]:
    """Everything the bot shows as an answer to this command."""
    return [
        message
        for message in house.playground.messages(command.chat_id)
        if message.sender.is_bot and message.reply_to_message_id == command.message_id
    ]


def make_slow(house: House, dice: random.Random) -> None:
    """Answers come some time after the deed, so that kills fall between the two."""

    async def late(_request: web.Request, proceed: Proceed) -> web.StreamResponse:
        response = await proceed()
        await asyncio.sleep(dice.uniform(0, 0.4))
        return response

    house.service.plan = Plan(seconds=0.5)
    house.service.fault("create", late, times=1000)
    shown = Fault(Kind.WAIT, When.AFTER, seconds=0.2)
    house.playground.faults.add("editMessageMedia", shown, times=1000)


async def ask(house: House, number: int, dice: random.Random) -> Message:
    user = USERS[number % len(USERS)]
    count = dice.choice(("", "", " --n 2"))
    return await house.playground.send(user, user, f"/imagine fox number {number}{count}")


async def rounds(
    house: House, dice: random.Random, kills: int, jobs: int, *, cold: bool
) -> tuple[list[Message], list[datetime]]:
    """The commands sent, and when the bot was killed. Then one bot lives to finish them all."""
    commands: list[Message] = []
    killed: list[datetime] = []
    for turn in range(kills):
        async with house.bot(cold=cold) as bot:
            for _ in range(jobs * (turn + 1) // kills - jobs * turn // kills):
                commands.append(await ask(house, len(commands), dice))
            await asyncio.sleep(dice.uniform(0, LONGEST_LIFE))  # the moment is what is tested
            await bot.kill()
            killed.append(SystemClock().now())
    async with house.bot(cold=cold) as bot:
        await house.playground.wait_until(
            lambda: all(any(map(is_outcome, answers_to(house, each))) for each in commands), 240
        )
        assert await bot.end() == 0
    return commands, killed


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def check_messages(house: House, commands: list[Message], killed: list[datetime]) -> int:
    """One outcome each; what else there is was in flight at a kill. Returns how many those were."""
    left = 0
    for command in commands:
        answers = answers_to(house, command)
        assert sum(map(is_outcome, answers)) == 1, [answer.words for answer in answers]
        others = [answer for answer in answers if not is_outcome(answer)]
        for message in others:
            near = (-IN_FLIGHT < kill - message.date < IN_FLIGHT for kill in killed)
            assert any(near), message.words
        assert len(others) <= len(killed)  # a job has one call in flight, but several jobs may
        left += len(others)
    return left


def check_books(house: House, commands: list[Message], ask: Ask) -> None:
    """Each job once, nothing held, and charged what was made, stored and shown."""
    assert ask("SELECT count(*), min(delivery), max(delivery) FROM jobs") == [
        (len(commands), "delivered", "delivered")
    ]
    assert ask("SELECT sum(held), sum(extra_held) FROM quota_accounts") == [(0, 0)]
    assert ask("SELECT count(*) FROM reservations WHERE state = 'held'") == [(0,)]
    charged = dict(
        ask("SELECT job_id, sum(daily + extra) FROM ledger WHERE kind = 'capture' GROUP BY job_id")
    )
    assert charged == dict(ask("SELECT job_id, count(*) FROM artifacts GROUP BY job_id"))
    assert set(charged) == {job for (job,) in ask("SELECT id FROM jobs WHERE state = 'succeeded'")}
    assert ask("SELECT sum(spent) FROM quota_accounts") == [(sum(charged.values()),)]
    shown = [answer for each in commands for answer in answers_to(house, each) if answer.photo]
    assert len(shown) == len(charged)
    pictures = house.folder / "data" / "pictures"
    for (key,) in ask("SELECT sha256 FROM artifacts"):
        assert (pictures / key[:2] / key[2:4] / key).is_file()


def check_service(house: House, commands: list[Message]) -> None:
    """No picture was ordered twice: not one prompt has two predictions."""
    ordered = Counter(p.input["prompt"] for p in house.service.predictions.values())
    assert max(ordered.values()) == 1
    assert len(ordered) <= len(commands)


@pytest.mark.waits(30)
@pytest.mark.parametrize(
    ("kills", "jobs", "cold"),
    [(4, 6, False), pytest.param(20, 20, True, marks=pytest.mark.slow)],
)
async def test_whenever_the_bot_is_killed_every_job_ends_once(
    tmp_path: Path, kills: int, jobs: int, cold: bool
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")  # shown with a failure
    dice = random.Random(seed)  # noqa: S311 - a repeatable test
    async with house(tmp_path) as built:
        make_slow(built, dice)
        commands, killed = await rounds(built, dice, kills, jobs, cold=cold)
        left = check_messages(built, commands, killed)
        check_books(built, commands, partial(rows, built.database))
        check_service(built, commands)
        unknown = rows(built.database, "SELECT count(*) FROM jobs WHERE state = 'failed'")[0][0]
    sys.stdout.write(f"{kills} kills: {left} messages and {unknown} orders were in flight\n")
