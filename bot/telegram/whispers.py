"""Messages in a group that one person alone sees (the Bot API calls them ephemeral).

A bot that is an admin may send them to any member; another one only as a reply to an ephemeral
command, or after a pressed button, within 15 seconds. Where Telegram says no the chat is left alone
for a while; a server that doesn't know them yet would show them to everyone, and is never asked
again.
"""

from collections import deque
from collections.abc import Awaitable, Callable

from aiogram import Bot
from aiogram.types import EphemeralMessageParameters, InlineKeyboardMarkup, Message, ReplyParameters

from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.replies import reply_to

LET_BE = 600.0  # seconds: a chat where it is not possible is not tried again so soon
MANY_CHATS = 1000
A_MINUTE = 60.0
MOST_A_MINUTE = 6  # a chat: they count like other messages, and pictures come first


class Whispers:
    """`manages` says whether a user is an admin of a chat; `monotonic` gives seconds."""

    def __init__(
        self,
        bot: Bot,
        manages: Callable[[int, int], Awaitable[bool]],
        monotonic: Callable[[], float],
    ) -> None:
        self._bot = bot
        self._manages = manages
        self._monotonic = monotonic
        self._refused_until: dict[int, float] = {}
        self._sent: dict[int, deque[float]] = {}
        self._known_here = True  # to this Bot API server

    def may(self, message: Message) -> bool:
        """Whether its sender may be whispered to now: nobody who writes as a chat has ears."""
        if message.ephemeral_message_id is not None:
            return True
        is_person = message.sender_chat is None and message.from_user is not None
        return self._known_here and is_person and self._has_room(message.chat.id)

    async def send(self, message: Message, text: str) -> Message | None:
        """The message where everyone saw it after all; None where one person did.

        Raises NotWhispered where it can't be, and Telegram's 429 as it is.
        """
        chat_id = message.chat.id
        if not self.may(message):  # others were whispered to while this one waited
            raise NotWhispered
        if message.ephemeral_message_id is None and not await self._manages(self._bot.id, chat_id):
            self._let_be(chat_id)
            raise NotWhispered
        self._sent.setdefault(chat_id, deque()).append(self._monotonic())
        try:
            sent = await send_whisper(self._bot, message, text)
        except TELEGRAM_FAILURES as error:
            if judge(error).fate is Fate.WAIT:
                raise
            self._let_be(chat_id)
            raise NotWhispered from error
        if sent.ephemeral_message_id is None:
            self._known_here = False
            return sent
        return None

    def _let_be(self, chat_id: int) -> None:
        if len(self._refused_until) > MANY_CHATS:
            self._refused_until.clear()
        self._refused_until[chat_id] = self._monotonic() + LET_BE

    def _has_room(self, chat_id: int) -> bool:
        now = self._monotonic()
        sent = self._sent.get(chat_id, deque())
        while sent and sent[0] <= now - A_MINUTE:
            sent.popleft()
        if not sent:
            self._sent.pop(chat_id, None)
        return len(sent) < MOST_A_MINUTE and self._refused_until.get(chat_id, 0.0) <= now


class NotWhispered(Exception):
    pass


async def send_whisper(
    bot: Bot, message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None
) -> Message:
    """To the message's sender alone, as a reply."""
    assert message.from_user is not None  # noqa: S101 - a person
    return await bot.send_message(
        message.chat.id,
        text,
        message_thread_id=message.message_thread_id if message.is_topic_message else None,
        reply_parameters=_reply(message),
        reply_markup=keyboard,
        ephemeral_message_parameters=EphemeralMessageParameters(
            receiver_user_id=message.from_user.id
        ),
    )


def _reply(message: Message) -> ReplyParameters | None:
    if message.ephemeral_message_id is not None:
        return ReplyParameters(ephemeral_message_id=message.ephemeral_message_id)
    return reply_to(message.message_id)
