"""What admins are told, which is nobody else's to read: in private, wherever they asked."""

from aiogram import Bot
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.telegram.outbox import Outbox
from bot.telegram.replies import author_id, reply_to


class Desk:
    def __init__(self, bot: Bot, outbox: Outbox) -> None:
        self._bot = bot
        self._outbox = outbox

    def tell(
        self, message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """In a private chat a reply. To who asked in a group and never wrote to the bot in private
        nothing can be said.
        """
        chat_id, reply = message.chat.id, reply_to(message.message_id)
        if message.chat.type != "private":
            chat_id, reply = author_id(message), None
        self._outbox.put(
            chat_id,
            lambda: self._bot.send_message(
                chat_id, text, reply_parameters=reply, reply_markup=keyboard
            ),
        )

    def turn(
        self, query: CallbackQuery, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        """The message whose button was pressed says this now."""
        if (message := query.message) is not None:
            self._outbox.put(
                message.chat.id,
                lambda: self._bot.edit_message_text(
                    text,
                    chat_id=message.chat.id,
                    message_id=message.message_id,
                    reply_markup=keyboard,
                ),
                repeatable=True,
            )

    def take_away(self, chat_id: int, message_id: int) -> None:
        self._outbox.put(
            chat_id, lambda: self._bot.delete_message(chat_id, message_id), repeatable=True
        )
