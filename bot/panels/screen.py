"""An admin's message with buttons: opened once, then edited in place."""

from dataclasses import dataclass

from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InaccessibleMessage,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)

from bot.charts.process import draw_chart
from bot.i18n import _
from bot.telegram.errors import TELEGRAM_FAILURES
from bot.telegram.outbox import Outbox
from bot.telegram.replies import reply_to
from bot.texts import statistics as texts_statistics
from bot.texts.operations import CLOSED
from bot.usecases.statistics import Statistics

Rows = list[list[InlineKeyboardButton]]


@dataclass(frozen=True, slots=True)
class Shown:
    text: str
    rows: Rows

    @property
    def keyboard(self) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(inline_keyboard=self.rows)


class Screen:
    def __init__(self, bot: Bot, outbox: Outbox) -> None:
        self._bot = bot
        self._outbox = outbox

    def open(self, message: Message, shown: Shown) -> None:
        self._outbox.put(
            message.chat.id,
            lambda: self._bot.send_message(
                message.chat.id,
                shown.text,
                reply_markup=shown.keyboard,
                reply_parameters=reply_to(message.message_id),
            ),
        )

    def turn(self, query: CallbackQuery, shown: Shown) -> None:
        """The message whose button was pressed shows this now."""
        if (message := query.message) is None:
            return
        self._outbox.put(
            message.chat.id,
            lambda: self._bot.edit_message_text(
                shown.text,
                chat_id=message.chat.id,
                message_id=message.message_id,
                reply_markup=shown.keyboard,
            ),
            repeatable=True,
        )

    def draw(self, message: Message | InaccessibleMessage, seen: Statistics) -> None:
        """Below this message, as a picture; in words where it can't be drawn or isn't taken."""
        chart, words = texts_statistics.chart(seen), texts_statistics.statistics(seen)
        excuse, heading = _(texts_statistics.NO_CHART), texts_statistics.title(len(seen.days))
        chat_id, answered = message.chat.id, reply_to(message.message_id)

        async def send() -> None:
            png = await draw_chart(chart)
            if png is None:
                text = f"{words}\n\n{excuse}"
                await self._bot.send_message(chat_id, text, reply_parameters=answered)
                return
            file = BufferedInputFile(png, "statistics.png")
            await self._bot.send_photo(chat_id, file, caption=heading, reply_parameters=answered)

        self._outbox.put(chat_id, send, lane="chart")

    def close(self, query: CallbackQuery) -> None:
        if (message := query.message) is not None:
            chat_id, message_id, closed = message.chat.id, message.message_id, _(CLOSED)
            self._outbox.put(chat_id, lambda: self._close(chat_id, message_id, closed))

    async def _close(self, chat_id: int, message_id: int, closed: str) -> None:
        """What is older than 48 hours can't be deleted, but edited."""
        try:
            await self._bot.delete_message(chat_id, message_id)
        except TELEGRAM_FAILURES:
            await self._bot.edit_message_text(closed, chat_id=chat_id, message_id=message_id)
