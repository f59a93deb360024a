"""Bodies posted to the webhook with the right secret: an update, or refused."""

import asyncio
import json
from random import Random

import pytest
from aiogram import Bot, Dispatcher
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.telegram.webhook import TelegramCalls
from tests.fuzz.deaf_telegram import TOKEN, DeafTelegram
from tests.fuzz.dice import rolled, spoil, text, value
from tests.fuzz.hunting import hunt, sizes
from tests.fuzz.stage import ANN, message

SECRET = "s3cret-of-the-test"  # noqa: S105 - opens nothing
KEYS = [
    *message("a", ANN, ANN),
    "update_id",
    "edited_message",
    "callback_query",
    "inline_query",
    "x",
]


def body(dice: Random) -> bytes:
    """A message's update, spoiled, or what is none."""
    if dice.random() < 0.1:
        return dice.randbytes(40)
    if dice.random() < 0.3:
        return json.dumps(value(dice, KEYS)).encode()
    update = {"update_id": dice.randrange(99), "message": message(text(dice), ANN, ANN)}
    return json.dumps(spoil(dice, update, KEYS)).encode()


@pytest.mark.filterwarnings("ignore:Detected unknown update type:RuntimeWarning")  # aiogram's
@sizes
def test_bodies(inputs: int) -> None:
    with asyncio.Runner() as runner:
        bot = Bot(TOKEN, session=DeafTelegram())
        calls = TelegramCalls(Dispatcher(), bot, handle_in_background=False, secret_token=SECRET)

        async def post(data: bytes) -> int:
            request._read_bytes = data  # as if it had been read from the line
            answer: web.Response = await calls.handle(request)
            return answer.status

        async def make() -> web.Request:
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            return make_mocked_request("POST", "/hook", headers)

        request = runner.run(make())  # one for all: making it takes longer than answering

        def check(data: bytes) -> None:
            assert runner.run(post(data)) in (200, 400)

        hunt(rolled(body), check, inputs)
