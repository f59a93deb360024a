"""Messages with buttons that a person works through: one is sent, edited in place, and taken away."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    ForceReply,
    FSInputFile,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)

from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.outbox import Outbox
from bot.telegram.replies import place_of

Then = Callable[[Message], Awaitable[object]]

NO_PICTURES_HERE = frozenset({Fate.NO_PHOTO, Fate.UNREACHABLE, Fate.REFUSED})
"""After these words alone may still be taken: no right to send photos, say."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The picture above the words: a file of ours, or bytes made for this one message.

    covered: under a spoiler.
    """

    content: Path | bytes
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What a panel shows. text: Telegram HTML; with a sheet it is a caption."""

    text: str
    keyboard: InlineKeyboardMarkup
    sheet: Sheet | None = None


async def nothing(_: Message) -> None:
    pass


class Panels:
    def __init__(self, bot: Bot, outbox: Outbox) -> None:
        self._bot = bot
        self._outbox = outbox
        self._file_ids: dict[Path, str] = {}  # of what was sent before

    def open(self, message: Message, screen: Screen, then: Then = nothing) -> None:
        """In reply to a command. `then` is told of the message."""

        async def send() -> None:
            await then(await self._send(message, screen))

        self._outbox.put(message.chat.id, send)

    def change(self, query: CallbackQuery, screen: Screen) -> None:
        """In the message whose button was pressed. Without a sheet it keeps the one it has."""
        message = query.message
        if message is None:
            return
        chat_id, message_id = message.chat.id, message.message_id
        is_picture = isinstance(message, Message) and message.text is None

        async def edit() -> None:
            await self._edit(chat_id, message_id, screen, is_picture=is_picture)

        self._outbox.put(chat_id, edit, lane=_lane(message_id), repeatable=True)

    def ask(self, chat_id: int, thread_id: int | None, text: str, hint: str, then: Then) -> None:
        """A question that opens the reply box of those mentioned in it."""

        async def send() -> None:
            reply = ForceReply(selective=True, input_field_placeholder=hint)
            await then(
                await self._bot.send_message(
                    chat_id, text, message_thread_id=thread_id, reply_markup=reply
                )
            )

        self._outbox.put(chat_id, send)

    def take_away(self, chat_id: int, message_id: int) -> None:
        async def delete() -> None:
            try:
                await self._bot.delete_message(chat_id, message_id)
            except TELEGRAM_FAILURES as error:
                if judge(error).fate is not Fate.REFUSED:
                    raise
                # Older than 48 hours: it stays, without its buttons.
                await self._bot.edit_message_reply_markup(chat_id=chat_id, message_id=message_id)

        self._outbox.put(chat_id, delete, lane=_lane(message_id), repeatable=True)

    def drop(self, query: CallbackQuery) -> None:
        """Take away the message whose button was pressed."""
        if query.message is not None:
            self.take_away(query.message.chat.id, query.message.message_id)

    async def _send(self, message: Message, screen: Screen) -> Message:
        if screen.sheet is None:
            return await self._send_words(message, screen)
        try:
            return await self._send_sheet(message, screen, screen.sheet)
        except TELEGRAM_FAILURES as error:
            if judge(error).fate not in NO_PICTURES_HERE:
                raise
            return await self._send_words(message, screen)

    async def _send_words(self, message: Message, screen: Screen) -> Message:
        return await self._bot.send_message(
            message.chat.id, screen.text, reply_markup=screen.keyboard, **place_of(message)
        )

    async def _send_sheet(self, message: Message, screen: Screen, sheet: Sheet) -> Message:
        sent = await self._bot.send_photo(
            message.chat.id,
            self._file(sheet),
            caption=screen.text,
            has_spoiler=sheet.covered or None,
            reply_markup=screen.keyboard,
            **place_of(message),
        )
        if sent.photo and isinstance(sheet.content, Path):
            self._file_ids[sheet.content] = sent.photo[-1].file_id
        return sent

    async def _edit(
        self, chat_id: int, message_id: int, screen: Screen, *, is_picture: bool
    ) -> None:
        if not is_picture:
            await self._bot.edit_message_text(
                screen.text, reply_markup=screen.keyboard, chat_id=chat_id, message_id=message_id
            )
        elif screen.sheet is None:
            await self._bot.edit_message_caption(
                caption=screen.text,
                reply_markup=screen.keyboard,
                chat_id=chat_id,
                message_id=message_id,
            )
        else:
            media = InputMediaPhoto(
                media=self._file(screen.sheet),
                caption=screen.text,
                has_spoiler=screen.sheet.covered or None,
            )
            await self._bot.edit_message_media(
                media, reply_markup=screen.keyboard, chat_id=chat_id, message_id=message_id
            )

    def _file(self, sheet: Sheet) -> str | FSInputFile | BufferedInputFile:
        if isinstance(sheet.content, bytes):
            return BufferedInputFile(sheet.content, "sheet.jpg")
        return self._file_ids.get(sheet.content) or FSInputFile(sheet.content)


def _lane(message_id: int) -> str:
    return f"panel {message_id}"
