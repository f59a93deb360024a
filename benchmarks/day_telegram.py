"""Telegram for `day`: takes every call, and keeps of each chat only what its person may press next."""

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncGenerator
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import GetUpdates, TelegramMethod
from aiogram.types import Chat, InlineKeyboardMarkup, Message, PhotoSize, Update, User

from tests.fakes.jumping_loop import LoopClock

BOT = User(id=42, is_bot=True, first_name="Bot", username="day_bot")
TOKEN = "42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing


class Chatroom:
    """The bot's last message there; presses: what its buttons say."""

    def __init__(self) -> None:
        self.message_id = 0
        self.presses: list[str] = []
        self.has_picture = False


class DayTelegram(BaseSession):
    """calls: by method. pictures: messages that became one. unanswered: chats in which the person
    spoke last.
    """

    def __init__(self, clock: LoopClock) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.pictures = 0
        self.rooms: dict[int, Chatroom] = {}
        self.unanswered: set[int] = set()
        self._clock = clock
        self._ids = itertools.count(1)
        self._updates: deque[dict[str, Any]] = deque()
        self._update_ids = itertools.count(1)
        self._news = asyncio.Event()

    def say(self, user: int, text: str) -> None:
        self.unanswered.add(user)
        self._feed("message", self._message(user, user, text=text))

    def press(self, user: int, data: str) -> None:
        shown = self._message(user, BOT.id, number=self.rooms[user].message_id, text="shown")
        query = {"id": str(next(self._ids)), "from": _person(user), "chat_instance": "1"}
        self._feed("callback_query", query | {"data": data, "message": shown})

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's signature
    ) -> Any:
        name = method.__api_method__
        self.calls[name] += 1
        if isinstance(method, GetUpdates):
            return await self._poll(method)
        if name == "getMe":
            return BOT
        if name.startswith(("send", "edit")) and name != "sendChatAction":
            if name.startswith("send"):
                self.unanswered.discard(method.chat_id)
            return self._shown(method, name).as_(bot)
        return True

    async def stream_content(
        self, url: str, *_rest: Any, **_more: Any
    ) -> AsyncGenerator[bytes, None]:
        raise OSError("no files here")
        yield b""

    async def _poll(self, method: GetUpdates) -> list[Update]:
        while self._updates and self._updates[0]["update_id"] < (method.offset or 0):
            self._updates.popleft()
        if not self._updates and method.timeout:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), method.timeout)
            except TimeoutError:
                return []
        return [Update.model_validate(each) for each in list(self._updates)[:100]]

    def _feed(self, kind: str, event: dict[str, Any]) -> None:
        self._updates.append({"update_id": next(self._update_ids), kind: event})
        self._news.set()

    def _shown(self, method: Any, name: str) -> Message:
        room = self.rooms.setdefault(method.chat_id, Chatroom())
        has_picture = name in {"sendPhoto", "editMessageMedia"}
        room.message_id = getattr(method, "message_id", None) or next(self._ids)
        room.presses = _presses(getattr(method, "reply_markup", None))
        room.has_picture = has_picture or (room.has_picture and name.startswith("edit"))
        self.pictures += has_picture
        photo = [
            PhotoSize(file_id=f"photo{next(self._ids)}", file_unique_id="p", width=256, height=256)
        ]
        return Message(
            message_id=room.message_id,
            date=self._clock.now(),
            chat=Chat(id=method.chat_id, type="private"),
            from_user=BOT,
            text=None if has_picture else "a",
            photo=photo if has_picture else None,
        )

    def _message(
        self, chat: int, sender: int, *, text: str, number: int | None = None
    ) -> dict[str, Any]:
        return {
            "message_id": number or next(self._ids),
            "date": int(self._clock.now().timestamp()),
            "chat": {"id": chat, "type": "private"},
            "from": _person(sender),
            "text": text,
        }


def _person(user: int) -> dict[str, Any]:
    language = "ru" if user % 3 == 0 else "en"
    bot = user == BOT.id
    return {"id": user, "is_bot": bot, "first_name": f"U{user}", "language_code": language}


def _presses(markup: Any) -> list[str]:
    rows = markup.inline_keyboard if isinstance(markup, InlineKeyboardMarkup) else []
    return [button.callback_data for row in rows for button in row if button.callback_data]
