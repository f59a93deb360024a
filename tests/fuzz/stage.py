"""The real bot, wired as always over SQLite, before a deaf Telegram: updates are fed to it."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from structlog.testing import capture_logs

from bot.app import wire
from bot.duties import EVERYTHING
from bot.enabled import describe_engines
from bot.lifecycle import App
from bot.moderators import build_moderation
from bot.settings import Settings
from bot.telegram.outbox import Outbox
from bot.telegram.polling import Poller
from bot.wiring.basis import Basis
from providers.clock import SystemClock
from providers.testing import FakeProvider
from storage.base import Storage
from storage.blobs import FileBlobs
from storage.engine import open_storage
from tests.fuzz.deaf_telegram import TOKEN, Call, DeafTelegram

OWNER, ANN, BORIS, CHEN, GROUP = 1, 11, 12, 13, -1001


@dataclass
class Stage:
    app: App
    bot: Bot
    dispatcher: Dispatcher
    storage: Storage
    telegram: DeafTelegram
    _updates = itertools.count(1)

    async def feed(self, kind: str, event: dict[str, Any]) -> list[Call]:
        """One update, whole, and what the bot did about it. Fails where it logged any trouble."""
        self.telegram.calls.clear()
        update = {"update_id": next(self._updates), kind: event}
        with capture_logs() as lines:
            await self.dispatcher.feed_raw_update(self.bot, update)
            await self._say_what_waits()
        wrong = [line for line in lines if line["log_level"] in ("error", "critical")]
        assert not wrong, wrong
        return list(self.telegram.calls)

    async def say(self, text: str, user: int, chat: int | None = None) -> list[Call]:
        return await self.feed("message", message(text, user, chat or user))

    async def press(self, data: str, user: int, chat: int | None) -> list[Call]:
        return await self.feed("callback_query", press(data, user, chat))

    async def _say_what_waits(self) -> None:
        """At once and in order, as nobody runs the outbox: what it would swallow is raised."""
        assert isinstance(self.app.outbox, Outbox)
        waiting = self.app.outbox._waiting
        while waiting:
            _lane, queue = waiting.popitem()
            for call, _repeatable in queue:
                await call()


def person(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": f"<b>{user}", "language_code": "en"}


def place(chat: int) -> dict[str, Any]:
    return {"id": chat, "type": "private" if chat > 0 else "supergroup", "title": "A & <i>"}


def message(text: str, user: int, chat: int, number: int | None = None) -> dict[str, Any]:
    return {
        "message_id": number or next(NUMBERS),
        "date": 1_800_000_000,
        "chat": place(chat),
        "from": person(user),
        "text": text,
    }


def press(data: str, user: int, chat: int | None) -> dict[str, Any]:
    """chat: None for a press under an inline message."""
    number = next(NUMBERS)
    query = {"id": str(number), "from": person(user), "chat_instance": "1", "data": data}
    if chat is None:
        return query | {"inline_message_id": f"inline{number}"}
    shown = message("a picture", 42, chat) | {"from": person(42) | {"is_bot": True}}
    return query | {"message": shown}


NUMBERS = itertools.count(1)


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    settings = Settings(
        _env_file=None,
        bot_token=TOKEN,
        data_dir=folder,
        admin_ids=str(OWNER),
        daily_quota=1_000_000,
        max_requests_per_minute=1_000_000,
        storage_chat_id=-1002,
    )
    telegram = DeafTelegram()
    bot, clock = Bot(TOKEN, session=telegram), SystemClock()
    storage = await open_storage(settings.database)
    engines = await describe_engines({"fake": FakeProvider()}, None)
    blobs, moderation = FileBlobs(folder / "pictures"), build_moderation(settings, clock)
    basis = Basis(settings, bot, storage, blobs, engines, moderation, clock, EVERYTHING)
    app = wire(basis)
    assert isinstance(app.edge, Poller)
    try:
        yield Stage(app, bot, app.edge._dispatcher, storage, telegram)
    finally:
        await storage.close()
