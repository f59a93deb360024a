"""A Telegram that takes everything, shows nobody anything and needs no network."""

import itertools
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.types import Chat, ChatMemberMember, Message, User

from bot.playground.entities import parse_html, utf16_length

NAME = User(id=42, is_bot=True, first_name="Bot", username="fuzzed_bot")
TOKEN = "42:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"  # noqa: S105 - opens nothing


LONGEST_TOAST = 200

Call = tuple[str, str]


class DeafTelegram(BaseSession):
    """Refuses no call but one whose markup Telegram couldn't read.

    calls: methods and their words, oldest first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self._ids = itertools.count(1_000_000)

    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None
    ) -> Any:
        name = method.__api_method__
        self.calls.append((name, words := getattr(method, "text", "") or ""))
        if name == "answerCallbackQuery":
            assert utf16_length(words) <= LONGEST_TOAST
        else:
            parse_html(words or getattr(method, "caption", None) or "")
        if name == "getMe":
            return NAME
        if name == "getChatMember":
            return ChatMemberMember(user=User(id=method.user_id, is_bot=False, first_name="A"))
        if name.startswith(("send", "edit")) and name != "sendChatAction":
            return self._message(getattr(method, "chat_id", None) or 1).as_(bot)
        return True

    def _message(self, chat_id: int) -> Message:
        chat = Chat(id=chat_id, type="private" if chat_id > 0 else "supergroup")
        return Message(message_id=next(self._ids), date=datetime.now(UTC), chat=chat, text="a")  # noqa: TID251 - nobody reads it

    async def stream_content(
        self, url: str, *_rest: Any, **_more: Any
    ) -> AsyncGenerator[bytes, None]:
        raise OSError("no files here")
        yield b""
