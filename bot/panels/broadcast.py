"""The messages its author sees of a broadcast: the preview, and how it goes."""

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.callbacks_operations import BroadcastDeed, BroadcastWanted
from bot.i18n import _, use_locale
from bot.telegram.outbox import Outbox
from bot.telegram.replies import reply_to
from bot.texts import broadcast as texts_broadcast
from bot.usecases.broadcasts import Broadcasts
from bot.usecases.languages import Languages
from storage.records import Broadcast, BroadcastState


class BroadcastScreen:
    def __init__(
        self, bot: Bot, outbox: Outbox, broadcasts: Broadcasts, languages: Languages
    ) -> None:
        self._bot = bot
        self._outbox = outbox
        self._broadcasts = broadcasts
        self._languages = languages

    def preview(self, message: Message, it: Broadcast, people: int) -> None:
        """As everybody would get it, and the question below it."""
        question, sorry = texts_broadcast.question(people), _(texts_broadcast.CANT_COPY)
        send = _button(_(texts_broadcast.SEND), BroadcastDeed.SEND, it.id, "success")
        drop = _button(_(texts_broadcast.CANCEL), BroadcastDeed.STOP, it.id)
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[send, drop]])
        chat_id = message.chat.id

        async def show() -> None:
            try:
                copy = await self._bot.copy_message(chat_id, it.chat_id, it.message_id)
            except TelegramBadRequest:
                await self._bot.send_message(chat_id, sorry)
                return
            answered = reply_to(copy.message_id)
            await self._bot.send_message(
                chat_id, question, reply_markup=keyboard, reply_parameters=answered
            )

        self._outbox.put(chat_id, show)

    async def report(self, broadcast_id: int, *, gone: bool = False) -> None:
        """How it goes, in the message where it was started."""
        it, left = await self._broadcasts.look(broadcast_id)
        if it.status_message_id is None:
            return
        with use_locale(await self._languages.of(it.actor_id)):
            text = texts_broadcast.report(it, left)
            if gone:
                text += "\n" + _(texts_broadcast.GONE)
            self._edit(it, it.status_message_id, text)

    def dropped(self, it: Broadcast, message_id: int) -> None:
        """It was never started."""
        self._edit(it, message_id, _(texts_broadcast.HEADINGS[BroadcastState.PREVIEW]))

    def _edit(self, it: Broadcast, message_id: int, text: str) -> None:
        stop = _button(_(texts_broadcast.STOP), BroadcastDeed.STOP, it.id, "danger")
        running = it.state is BroadcastState.RUNNING
        keyboard = InlineKeyboardMarkup(inline_keyboard=[[stop]]) if running else None
        self._outbox.put(
            it.chat_id,
            lambda: self._bot.edit_message_text(
                text, chat_id=it.chat_id, message_id=message_id, reply_markup=keyboard
            ),
            lane="broadcast",
            repeatable=True,
        )


def _button(
    words: str, deed: BroadcastDeed, broadcast_id: int, style: str | None = None
) -> InlineKeyboardButton:
    wanted = BroadcastWanted(deed=deed, broadcast_id=broadcast_id)
    return InlineKeyboardButton(text=words, callback_data=wanted.pack(), style=style)
