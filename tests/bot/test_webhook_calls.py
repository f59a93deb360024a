"""What is posted to the webhook's address by anyone."""

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.handlers import errors
from bot.middlewares.outage import PATIENCE, WaitOut
from bot.telegram import webhook
from bot.telegram.webhook import TelegramCalls
from storage.errors import DatabaseAway
from tests.fakes.fast_clock import FastClock
from tests.fuzz.deaf_telegram import TOKEN, DeafTelegram
from tests.fuzz.stage import ANN, message

SECRET = "s3cret-of-the-test"  # noqa: S105 - opens nothing
HEADER = "X-Telegram-Bot-Api-Secret-Token"
WORDS = "a fox nobody may read of"


class Door:
    def __init__(self, url: str, session: ClientSession, heard: list[str]) -> None:
        self.heard = heard
        self._url = url
        self._session = session

    async def knock(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        async with self._session.post(self._url, data=BytesIO(body), headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def door_to(dispatcher: Dispatcher, heard: list[str]) -> AsyncIterator[Door]:
    bot = Bot(TOKEN, session=DeafTelegram())
    calls = TelegramCalls(dispatcher, bot, handle_in_background=False, secret_token=SECRET)
    app = web.Application()
    app.router.add_post("/hook", calls.handle)
    async with TestServer(app) as server, ClientSession() as session:
        yield Door(str(server.make_url("/hook")), session, heard)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    heard: list[str] = []
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def hear(message: Any) -> None:
        heard.append(message.text)

    async with door_to(dispatcher, heard) as made:
        yield made


def update(**changes: Any) -> bytes:
    return json.dumps({"update_id": 1, "message": message(WORDS, ANN, ANN), **changes}).encode()


async def test_telegrams_own_call_is_heard(door: Door) -> None:
    assert await door.knock(update(), {HEADER: SECRET}) == 200
    assert door.heard == [WORDS]


@pytest.mark.parametrize("told", [None, "", "s3cret", SECRET.upper(), SECRET + "x", "sécret", "🦊"])
async def test_without_the_secret_nothing_is_heard(door: Door, told: str | None) -> None:
    assert await door.knock(update(), {HEADER: told} if told is not None else None) == 401
    assert door.heard == []


async def test_the_secret_is_compared_in_constant_time(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(told: bytes, secret: bytes) -> bool:
        compared.append((told, secret))
        return told == secret

    assert webhook.compare_digest is hmac.compare_digest
    monkeypatch.setattr(webhook, "compare_digest", compare)
    assert await door.knock(update(), {HEADER: "guess"}) == 401
    assert compared == [(b"guess", SECRET.encode())]


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (b"", {}),
        (b"{", {}),
        (b"[]", {}),
        (b"null", {}),
        (b"\xff" + WORDS.encode(), {}),
        (b"[" * 100_000, {}),
        (WORDS.encode(), {}),
        (update(update_id="x"), {}),
        (update(message=WORDS), {}),
        (update(message={"text": WORDS}), {}),
        (update(), {"Content-Type": "application/json; charset=nonsense"}),
    ],
)
async def test_what_is_no_update_is_refused_without_a_word_of_it_in_the_log(
    door: Door, body: bytes, more: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines:
        assert await door.knock(body, {HEADER: SECRET, **more}) == 400
    assert len(lines) == 1 and WORDS not in str(lines) + caplog.text
    assert door.heard == []


async def test_a_body_larger_than_any_update_is_not_read(door: Door) -> None:
    assert await door.knock(b" " * 3_000_000, {HEADER: SECRET}) == 413


async def test_an_update_that_finds_no_database_is_brought_again() -> None:
    """Telegram does so after anything but 200; where the database is back in time, it need not."""
    tries, heard = 0, list[str]()
    clock = FastClock(100)
    dispatcher = Dispatcher(services=None)
    dispatcher.update.outer_middleware(WaitOut(clock))
    dispatcher.include_router(errors.create_router())
    gone_until = PATIENCE * 1.5

    @dispatcher.message()
    async def hear(message: Any) -> None:
        nonlocal tries
        tries += 1
        if clock.monotonic() < gone_until:
            raise DatabaseAway("ConnectionRefusedError", at_once=True)
        heard.append(message.text)

    async with door_to(dispatcher, heard) as door:
        assert await door.knock(update(), {HEADER: SECRET}) == 500
        assert tries > 1 and heard == []
        assert await door.knock(update(), {HEADER: SECRET}) == 200
        assert heard == [WORDS]
