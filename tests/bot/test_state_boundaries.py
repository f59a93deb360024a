"""SIGKILL at each boundary between two states: the next start goes on from what was on record."""

import asyncio
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.playground import ANN, BORIS, CHEN, Message
from tests.bot.failpoints import Failpoint, arm
from tests.bot.process import BotProcess, House, house
from tests.bot.test_crash import Ask, answers_to, check_books, check_service, rows
from tests.fakes.replicate import Plan

FOR_EVER = Plan(gets=10**9)
PATIENCE = 120.0
DIED = -signal.SIGKILL

Deed = Callable[[House, BotProcess], Awaitable[Message]]
"""What is done while the bot lives that will die; the request that it is about."""


async def request(home: House, _bot: BotProcess) -> Message:
    return await home.playground.send(ANN, ANN, "/imagine a fox --n 2")


async def drawing(home: House, bot: BotProcess) -> tuple[Message, Message]:
    """A request that the service has at work, and its message."""
    home.service.plan = FOR_EVER
    command = await request(home, bot)
    status = await home.playground.wait_until(
        lambda: next((m for m in answers_to(home, command) if "Drawing" in m.words), None), PATIENCE
    )
    return command, status


async def cancel(home: House, bot: BotProcess) -> Message:
    command, status = await drawing(home, bot)
    await home.playground.press(ANN, ANN, status.message_id, "Cancel", wait=0)
    return command


async def stop(home: House, bot: BotProcess) -> Message:
    command, _ = await drawing(home, bot)
    bot.send(signal.SIGTERM)
    return command


def end_all(home: House) -> None:
    """What the service works on is ready at the next question."""
    for prediction in home.service.predictions.values():
        prediction.plan = Plan(gets=1)


def is_picture(message: Message) -> bool:
    return message.photo is not None


def is_canceled(message: Message) -> bool:
    return "Canceled" in message.words


def boundary(
    when: str,
    step: str,
    deed: Deed = request,
    ends: Callable[[Message], bool] = is_picture,
    *,
    left: int = 0,
    skipped: int = 0,
    fast: bool = False,
) -> Any:
    """left: how many messages may stay, since their sending can't be on record by then.

    fast: not only in the soak.
    """
    point = Failpoint(when, step, skipped)
    marks = () if fast else pytest.mark.slow
    name = f"{point} ({deed.__name__})".replace(" ", "-")
    return pytest.param(point, deed, ends, left, id=name, marks=marks)


BOUNDARIES = [
    boundary("before", "jobs.enqueue"),  # handled, but nothing is stored
    boundary("after", "jobs.enqueue"),
    boundary("before", "jobs.set_status_message", left=1, fast=True),  # the message is in the chat
    boundary("after", "jobs.set_status_message"),
    boundary("before", "jobs.claim", left=1),
    boundary("after", "jobs.claim", left=1),
    boundary("before", "jobs.open_submission", left=1),
    boundary("after", "jobs.open_submission", left=1),  # it may be ordered, for all the next knows
    boundary("before", "jobs.record_remote_id", left=1, fast=True),  # it was
    boundary("after", "jobs.record_remote_id", left=1),
    boundary("before", "blobs.put"),  # it was fetched
    boundary("before", "blobs.put", skipped=1),  # and one of two is on disk
    boundary("after", "blobs.put"),
    boundary("before", "jobs.finish", fast=True),
    boundary("after", "jobs.finish"),
    boundary("before", "jobs.claim_delivery"),
    boundary("after", "jobs.claim_delivery"),
    boundary("before", "jobs.end_delivery", fast=True),  # the picture is in the chat
    boundary("after", "jobs.end_delivery"),
    boundary("before", "jobs.request_cancel", cancel, is_canceled),
    boundary("after", "jobs.request_cancel", cancel, is_canceled, fast=True),
    boundary("before", "jobs.finish", cancel, is_canceled),
    boundary("after", "jobs.finish", cancel, is_canceled),
    boundary("before", "jobs.hand_back", stop),
    boundary("after", "jobs.hand_back", stop),
]


@pytest.mark.waits(5)
@pytest.mark.parametrize(("point", "deed", "ends", "left"), BOUNDARIES)
async def test_killed_at_a_boundary_a_job_ends_once(
    tmp_path: Path, point: Failpoint, deed: Deed, ends: Callable[[Message], bool], left: int
) -> None:
    async with house(tmp_path) as home:
        query = partial(rows, home.database)
        await check_boundary(home, point, deed, ends, left=left, query=query)


async def check_boundary(
    home: House,
    point: Failpoint,
    deed: Deed = request,
    ends: Callable[[Message], bool] = is_picture,
    *,
    left: int,
    query: Ask,
) -> None:
    async with home.started(prepare=partial(arm, point)) as bot:
        command = await deed(home, bot)
        assert await bot.exit_code() == DIED
    kept = pictures_on_disk(home)
    end_all(home)
    await ends_once(home, command, ends, left=left)
    assert home.service.count("create") == 1
    assert kept <= pictures_on_disk(home)
    await asyncio.to_thread(check_books, home, [command], query)
    check_service(home, [command])


async def ends_once(
    home: House, command: Message, ends: Callable[[Message], bool], *, left: int
) -> None:
    """The next bot shows the one outcome. left: how many other messages may stay."""
    async with home.bot() as bot:
        await home.playground.wait_until(
            lambda: any(map(ends, answers_to(home, command))), PATIENCE
        )
        assert await bot.end() == 0
    assert "Traceback" not in bot.stderr
    answers = answers_to(home, command)
    assert sum(map(ends, answers)) == 1 and len(answers) <= 1 + left


def pictures_on_disk(home: House) -> set[str]:
    folder = home.folder / "data" / "pictures"
    return {path.name for path in folder.glob("??/??/*") if "-" not in path.name}


@pytest.mark.slow
@pytest.mark.parametrize("step", ["jobs.claim_deletion", "jobs.end_deletion"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_at_a_deletion_the_message_goes_all_the_same(
    tmp_path: Path, when: str, step: str
) -> None:
    async with house(tmp_path) as home:
        async with home.bot() as bot:
            command = await request(home, bot)
            await home.playground.wait_until(
                lambda: any(map(is_picture, answers_to(home, command))), PATIENCE
            )
            assert await bot.end() == 0
        make_due(home)
        async with home.started(prepare=partial(arm, Failpoint(when, step))) as bot:
            assert await bot.exit_code() == DIED
        if rows(home.database, "SELECT delete_due FROM jobs") != [(None,)]:
            make_due(home)  # in place of a wait for the lease
        async with home.bot() as bot:
            await home.playground.wait_until(lambda: not answers_to(home, command), PATIENCE)
            assert await bot.end() == 0


def make_due(home: House) -> None:
    """The result's chat wants it gone by now."""
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat(" ")  # noqa: TID251 - another process's clock
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("UPDATE jobs SET delete_due = ?", (past,))


@pytest.mark.slow
@pytest.mark.parametrize("step", ["broadcasts.take", "broadcasts.count"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_killed_in_a_broadcast_nobody_gets_it_twice(
    tmp_path: Path, when: str, step: str
) -> None:
    people = (BORIS, CHEN)
    async with house(tmp_path) as home:
        home.settings["ADMIN_IDS"] = str(ANN)
        async with home.started(prepare=partial(arm, Failpoint(when, step))) as bot:
            for person in people:
                await home.playground.send(person, person, "/quota")
            for person in people:
                await home.playground.wait_until(lambda who=person: said(home, who), PATIENCE)
            news = await home.playground.send(ANN, ANN, "news")
            await home.playground.send(ANN, ANN, "/broadcast", reply_to=news.message_id)
            question = await home.playground.wait_until(
                lambda: next((m for m in said(home, ANN) if "Send this" in m.words), None), PATIENCE
            )
            await home.playground.press(ANN, ANN, question.message_id, "Send", wait=0)
            assert await bot.exit_code() == DIED
        async with home.bot() as bot:
            await home.playground.wait_until(
                lambda: any("Sent to everyone" in m.words for m in said(home, ANN)), PATIENCE
            )
            assert await bot.end() == 0
        got = [sum(m.words == "news" for m in said(home, person)) for person in people]
        assert max(got) == 1
        # Whoever was taken and not sent to yet goes without: a second message would be worse.
        assert sum(got) == (1 if (when, step) == ("after", "broadcasts.take") else 2)


def said(home: House, chat_id: int) -> list[Message]:
    return [message for message in home.playground.messages(chat_id) if message.sender.is_bot]
