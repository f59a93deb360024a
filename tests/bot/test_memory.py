"""Huge pictures from people and endless answers from a service: refused in words, in bounded memory."""

import io
import os
import sys
from pathlib import Path
from resource import RLIMIT_DATA, setrlimit

import pytest
from PIL import Image

from bot.playground import ANN, BORIS, CHEN, Message
from bot.texts.everyday import READY_SOON
from tests.bot.process import BotProcess, House, house
from tests.fakes.bad_pictures import bomb_png, huge_png
from tests.fakes.faults import flood

MEGABYTE = 2**20
PATIENCE = 120.0
CEILING = 1024 * MEGABYTE  # of what the process may ask for, its threads' stacks among it
GROWTH = 400 * MEGABYTE  # of what it holds, at its peak
ENDLESS = 500_000_000


def limit_memory() -> None:
    setrlimit(RLIMIT_DATA, (CEILING, CEILING))


def heavy_jpeg() -> bytes:
    """Just what Telegram still gives to bots."""
    return _within(Image.frombytes("RGB", (4500, 3000), os.urandom(3 * 4500 * 3000)))


def _within(noise: Image.Image) -> bytes:
    for quality in range(95, 50, -5):
        encoded = io.BytesIO()
        noise.save(encoded, "JPEG", quality=quality)
        if len(encoded.getvalue()) < 20 * MEGABYTE:
            return encoded.getvalue()
    raise AssertionError("too large at any quality")


def large_png() -> bytes:
    """Of as many pixels as are taken: 140 MB when decoded."""
    encoded = io.BytesIO()
    Image.new("RGB", (7000, 7000), "navy").save(encoded, "PNG")
    return encoded.getvalue()


def peak(bot: BotProcess) -> int:
    """Bytes held at most, so far."""
    status = Path(f"/proc/{bot.pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


async def answer(home: House, command: Message) -> Message:
    """The last word about a request."""

    def last() -> Message | None:
        about = (m for m in home.playground.messages(command.chat_id) if m.sender.is_bot)
        mine = (m for m in about if m.reply_to_message_id == command.message_id)
        return next(
            (
                m
                for m in mine
                if m.photo or "⚠" in m.words or not (m.buttons or READY_SOON in m.words)
            ),
            None,
        )

    return await home.playground.wait_until(last, PATIENCE)


async def refuse_by_header(home: House) -> None:
    for picture in (huge_png(12_000), bomb_png()):
        command = await give(home, ANN, picture)
        assert "too many pixels" in (await answer(home, command)).words


async def endless_answers(home: House, route: str) -> None:
    """At every try; the one after them is as ever."""
    home.service.fault(route, flood(ENDLESS), times=20)
    words = (await answer(home, await ask(home))).words
    assert "isn't a picture" in words and "cost you nothing" in words
    home.service._faults[route].clear()
    assert (await answer(home, await ask(home))).photo


async def take_what_is_just_allowed(home: House) -> None:
    assert (await answer(home, await give(home, ANN, heavy_jpeg()))).photo
    album = await give(home, ANN, *[large_png()] * 10)
    assert "blend" in (await answer(home, album)).words
    crowd = [await give(home, user, large_png()) for user in (ANN, BORIS, CHEN)]
    assert all([(await answer(home, command)).photo for command in crowd])


async def ask(home: House) -> Message:
    return await home.playground.send(ANN, ANN, "/imagine a fox")


async def give(home: House, user: int, *pictures: bytes) -> Message:
    send = home.playground.send_photo
    return (await send(user, user, pictures, "/imagine a fox", as_file=True))[0]


@pytest.mark.parametrize("heavy", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_huge_pictures_and_endless_answers_fit_into_memory(
    tmp_path: Path, heavy: bool
) -> None:
    async with house(tmp_path) as home, home.started(prepare=limit_memory) as bot:
        assert (await answer(home, await ask(home))).photo
        before = peak(bot)
        await refuse_by_header(home)
        await endless_answers(home, "picture")
        if heavy:
            await take_what_is_just_allowed(home)
            await endless_answers(home, "get")
        sys.stdout.write(f"{(peak(bot) - before) // MEGABYTE} MB more at the peak\n")
        assert peak(bot) - before < GROWTH
        assert "Traceback" not in bot.stderr
        assert await bot.end() == 0
