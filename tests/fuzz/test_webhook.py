"""Bodies posted to the webhook with the right secret: an update, or refused."""

import asyncio
import json

import pytest
from aiogram import Bot, Dispatcher
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request
from hypothesis import strategies as st

from bot.webhook import TelegramCalls
from tests.fuzz.deaf_telegram import TOKEN, DeafTelegram
from tests.fuzz.hunting import hunt, sizes
from tests.fuzz.stage import ANN, message
from tests.fuzz.words import anything

SECRET = "s3cret-of-the-test"  # noqa: S105 - opens nothing
KINDS = ["update_id", "message", "edited_message", "callback_query", "inline_query", "poll", "x"]
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), anything),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*message("a", ANN, ANN), *KINDS]), inner, max_size=5),
    ),
    max_leaves=8,
)
bodies = st.one_of(
    st.dictionaries(st.sampled_from(KINDS), values, max_size=3).map(json.dumps).map(str.encode),
    values.map(json.dumps).map(str.encode),
    st.binary(max_size=80),
)


@pytest.mark.filterwarnings("ignore:Detected unknown update type:RuntimeWarning")  # aiogram's
@sizes
def test_bodies(inputs: int) -> None:
    with asyncio.Runner() as runner:
        bot = Bot(TOKEN, session=DeafTelegram())
        calls = TelegramCalls(Dispatcher(), bot, handle_in_background=False, secret_token=SECRET)

        async def post(body: bytes) -> int:
            loop = asyncio.get_running_loop()
            payload = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
            payload.feed_data(body)
            payload.feed_eof()
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            request = make_mocked_request("POST", "/hook", headers, payload=payload)
            answer: web.Response = await calls.handle(request)
            return answer.status

        def check(body: bytes) -> None:
            assert runner.run(post(body)) in (200, 400)

        hunt(bodies, check, inputs)
