"""SIGTERM and Ctrl+C: a prompt and clean end, and the next start goes on where this one was."""

import asyncio
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.playground import ANN, Message
from bot.playground.faults import HANG_AFTER, SERVER_ERROR, held
from tests.bot.ports import free_port
from tests.bot.process import House, house
from tests.fakes.faults import hang
from tests.fakes.replicate import Plan

pytestmark = pytest.mark.waits(5)

SIGNALS = [signal.SIGTERM, signal.SIGINT]
FOR_EVER = Plan(gets=10**9)
STOP = 10.0  # seconds
AT_ONCE = 5.0  # seconds: less than any grace, and more than a busy machine needs to end a process


def bot_messages(home: House) -> list[Message]:
    return [message for message in home.playground.messages(ANN) if message.sender.is_bot]


async def picture(home: House) -> Message:
    return await home.playground.wait_until(
        lambda: next((m for m in bot_messages(home) if m.photo), None), 20
    )


async def progress(home: House) -> Message:
    """The status message, once the service has taken the job and been asked about it."""
    await home.service.until("get")
    return await home.playground.wait_until(
        lambda: next((m for m in bot_messages(home) if "Drawing" in m.words), None), 30
    )


def finish_all(home: House) -> None:
    """Whatever the service works on is ready at the next question."""
    for prediction in home.service.predictions.values():
        prediction.plan = Plan(gets=1)


def jobs(home: House) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(home.database)) as connection:
        return connection.execute("SELECT state, attempts FROM jobs").fetchall()


@pytest.mark.parametrize("number", SIGNALS)
async def test_an_idle_bot_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    async with house(tmp_path) as home, home.bot() as bot:
        started = time.monotonic()
        assert await bot.end(number) == 0
        assert time.monotonic() - started < AT_ONCE
        assert "Traceback" not in bot.stderr and "level=error" not in bot.stderr


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_running_job_is_handed_back_and_resumed(
    tmp_path: Path, number: signal.Signals
) -> None:
    async with house(tmp_path) as home:
        home.service.plan = FOR_EVER
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            status = await progress(home)
            assert await bot.end(number, STOP) == 0
        assert jobs(home) == [("queued", 0)]
        finish_all(home)
        async with home.bot() as bot:
            assert (await picture(home)).message_id == status.message_id
            assert await bot.end() == 0
        assert "Traceback" not in bot.stderr
    assert home.service.count("create") == 1
    assert home.service.count("cancel") == 0
    assert len(bot_messages(home)) == 1
    assert jobs(home) == [("succeeded", 1)]


async def test_a_job_that_ends_in_time_is_finished(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.service.plan = FOR_EVER
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await progress(home)
            bot.send(signal.SIGTERM)
            finish_all(home)
            assert await bot.exit_code(STOP) == 0
        assert any(message.photo for message in bot_messages(home))
        assert jobs(home) == [("succeeded", 1)]


async def test_a_call_in_flight_is_put_on_record_first(tmp_path: Path) -> None:
    """The POST was accepted and its answer comes only while the bot stops."""
    async with house(tmp_path) as home:
        answered = asyncio.Event()
        home.service.fault("create", hang(answered))
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await home.service.until("create")
            bot.send(signal.SIGTERM)
            answered.set()
            assert await bot.exit_code(STOP) == 0
        async with home.bot():
            await picture(home)
        assert home.service.count("create") == 1


async def test_a_call_without_an_answer_holds_up_no_stop(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.service.fault("create", hang(home.service.released))
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await home.service.until("create")
            assert await bot.end(seconds=STOP) == 0
        async with home.bot():
            # What was accepted is found again, though its receipt never came.
            await home.playground.wait_until(lambda: any(m.photo for m in bot_messages(home)), 60)
        assert home.service.count("create") == 1


async def test_a_telegram_that_hangs_holds_up_no_stop(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.service.plan = FOR_EVER
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await home.service.until("get")
            home.playground.faults.add("*", HANG_AFTER, times=1000)
            try:
                assert await bot.end(seconds=STOP + 0.5) == 0
            finally:
                home.playground.world.closing.set()


async def test_a_start_that_waits_for_telegram_can_be_stopped(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.playground.faults.add("getMe", SERVER_ERROR, times=1000)
        async with home.started() as bot:
            await home.playground.wait_until(lambda: len(home.playground.calls) > 0, 180)
            started = time.monotonic()
            assert await bot.end() == 0
            assert time.monotonic() - started < AT_ONCE


async def test_a_killed_delivery_is_made_good_at_the_next_start(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.playground.faults.add("editMessageMedia", held(asyncio.Event()))
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await home.playground.wait_until(
                lambda: any(call.method == "editMessageMedia" for call in home.playground.calls)
            )
            await bot.kill()
        async with home.bot():
            await picture(home)
        assert len(bot_messages(home)) == 1
        assert home.service.count("create") == 1


async def test_a_killed_job_goes_on_at_the_next_start(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.service.plan = FOR_EVER
        async with home.bot() as bot:
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await progress(home)
            await bot.kill()
        finish_all(home)
        async with home.bot():
            await picture(home)
        assert len(bot_messages(home)) == 1
        assert home.service.count("create") == 1


async def test_a_webhook_bot_ends_at_once(tmp_path: Path) -> None:
    port = str(free_port())
    webhook = {
        "HTTP_PORT": port,
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "WEBHOOK_SECRET": "s",
    }
    async with house(tmp_path) as home, home.started(**webhook) as bot:
        await home.playground.wait_until(lambda: home.playground.webhook, 180)
        await home.playground.send(ANN, ANN, "/quota")
        await home.playground.wait_until(lambda: bot_messages(home), 180)
        started = time.monotonic()
        assert await bot.end() == 0
        assert time.monotonic() - started < AT_ONCE


async def test_an_update_repeated_after_a_kill_changes_nothing(tmp_path: Path) -> None:
    """Killed between handling a batch and confirming it: Telegram sends it again."""
    async with house(tmp_path) as home:
        confirming = asyncio.Event()
        async with home.bot() as bot:
            home.playground.faults.add("getUpdates", held(confirming), times=1)
            await home.playground.send(ANN, ANN, "/imagine a fox")
            await picture(home)
            await bot.kill()
        assert home.playground.world.updates.pending
        async with home.bot() as bot:
            await home.playground.wait_until(lambda: not home.playground.world.updates.pending, 180)
            await home.playground.send(ANN, ANN, "/quota")
            await home.playground.wait_until(
                lambda: any("left" in m.words for m in bot_messages(home)), 30
            )
            assert await bot.end() == 0
        assert "19 units" in bot_messages(home)[-1].words
        assert len(bot_messages(home)) == 2
        assert home.service.count("create") == 1
        assert jobs(home) == [("succeeded", 1)]
