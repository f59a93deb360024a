"""What handlers say: replies in the right chat and topic, and refusals that don't flood a group."""

import asyncio
from dataclasses import dataclass, field
from html import escape

from aiogram import Bot
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardMarkup,
    MaybeInaccessibleMessageUnion,
    Message,
)

from bot.i18n import DEFAULT, _, language, use_locale
from bot.telegram.outbox import Outbox
from bot.telegram.pace import GROUP_SPACING, Pace
from bot.telegram.replies import reply_to
from bot.telegram.whispers import NotWhispered, Whispers, send_whisper
from bot.texts import everyday as texts
from bot.texts.measures import and_more
from bot.texts.results import IN_A_MOMENT
from providers.clock import Clock
from providers.waiting import first_of
from storage.base import Storage

NO_CHAT = 0
PATIENCE = 1.2  # seconds until a slow press is answered: people wait two at most
NOTICE_EVERY = 60.0  # seconds: one message of refusals a group
NOTICE_LINES = 8
NOTICE_NAMES = 24
NAME_SHOWN = 24  # characters of a name


@dataclass(slots=True)
class Notice:
    """One group's message of refusals; later ones are edited into it. Same words share a line."""

    opened_at: float
    language: str = DEFAULT
    message_id: int | None = None
    lines: dict[str, list[str]] = field(default_factory=dict)  # a refusal to whom it was said
    editing: bool = False

    def add(self, name: str, refusal: str) -> None:
        told = self.lines.setdefault(refusal, [])
        if name and name not in told:
            told.append(name)

    def text(self) -> str:
        """The lines are in their readers' languages; what joins them is in the first one's."""
        with use_locale(self.language):
            return self._text()

    def _text(self) -> str:
        told = list(self.lines.items())
        shown = [_line(names, refusal) for refusal, names in told[:NOTICE_LINES]]
        if rest := dict.fromkeys(name for _, names in told[NOTICE_LINES:] for name in names):
            shown.append(texts.more_refused(_names(list(rest))))
        return "\n".join(shown)


def _line(names: list[str], refusal: str) -> str:
    return f"{_names(names)}: {refusal}" if names else refusal


def _names(names: list[str]) -> str:
    shown = ", ".join(escape(name, quote=False) for name in names[:NOTICE_NAMES])
    more = len(names) - NOTICE_NAMES
    return and_more(shown, more) if more > 0 else shown


def _name_of(message: Message) -> str:
    return message.from_user.first_name[:NAME_SHOWN] if message.from_user else ""


class Answers:
    def __init__(
        self,
        bot: Bot,
        outbox: Outbox,
        pace: Pace,
        storage: Storage,
        clock: Clock,
        *,
        whispers: Whispers,
    ) -> None:
        self._whispers = whispers
        self._bot = bot
        self._outbox = outbox
        self._pace = pace
        self._storage = storage
        self._clock = clock
        self._notices: dict[int, Notice] = {}
        self._unanswered: dict[str, asyncio.Event] = {}  # presses, by the query's id

    def reply(
        self, message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> None:
        self._outbox.put(message.chat.id, lambda: self._send(message, text, keyboard))

    def replace(self, message: MaybeInaccessibleMessageUnion, text: str) -> None:
        """In place of a message of ours, and of its buttons."""
        chat_id, message_id = message.chat.id, message.message_id
        self._outbox.put(
            chat_id,
            lambda: self._bot.edit_message_text(text, chat_id=chat_id, message_id=message_id),
            repeatable=True,
        )

    def expect(self, query: CallbackQuery) -> None:
        """A press has come: should its handler take long, it is answered before that is done."""
        self._unanswered[query.id] = asyncio.Event()
        self._outbox.put(NO_CHAT, lambda: self._answer_slow(query), lane=f"slow {query.id}")

    def settle(self, query: CallbackQuery) -> None:
        """Its handler is done: a press without an answer gets a silent one."""
        if query.id in self._unanswered:
            self.toast(query, "")

    def toast(self, query: CallbackQuery, text: str, *, alert: bool = False) -> None:
        """Answer a button press: plain text of at most 200 characters.

        It must come within 15 seconds and is no message, so it waits for no chat. A press is
        answered once: an alert that comes too late for it is said in the chat.
        """
        if (waiting := self._unanswered.pop(query.id, None)) is None:
            if alert and isinstance(query.message, Message):
                asked = query.message.model_copy(update={"from_user": query.from_user})
                self._outbox.put(NO_CHAT, lambda: self.refuse(asked, escape(text, quote=False)))
            return
        waiting.set()
        self._outbox.put(
            NO_CHAT,
            lambda: self._bot.answer_callback_query(query.id, text=text, show_alert=alert),
            lane=query.id,
        )

    async def _answer_slow(self, query: CallbackQuery) -> None:
        if waiting := self._unanswered.get(query.id):
            await first_of(waiting.wait(), self._clock.sleep(PATIENCE))
        if query.id in self._unanswered:
            self.toast(query, _(IN_A_MOMENT))

    async def refuse(self, message: Message, text: str) -> None:
        """In a private chat a reply; in a group for its asker alone, or where that isn't possible a
        line in at most one message a minute.
        """
        chat_id, spoken = message.chat.id, language()
        if message.chat.type == "private":
            self.reply(message, text)
        elif self._whispers.may(message):
            self._outbox.put(chat_id, lambda: self._whisper(message, text, spoken), lane="whisper")
        else:
            await self._tell_all(message, text, spoken)

    async def _whisper(self, message: Message, text: str, spoken: str) -> None:
        try:
            seen = await self._whispers.send(message, text)
        except NotWhispered:
            await self._tell_all(message, text, spoken)
            return
        if seen is not None and await self._may_notice(message.chat.id):
            # Everyone saw it: later refusals go into the same message.
            self._open(message, text, spoken).message_id = seen.message_id

    async def _tell_all(self, message: Message, text: str, spoken: str) -> None:
        chat_id = message.chat.id
        if self._open_notice(chat_id) is None and await self._may_notice(chat_id):
            opened = self._open(message, text, spoken)
            self._outbox.put(chat_id, lambda: self._send_notice(message, opened))
        elif notice := self._open_notice(chat_id):  # it may have been opened just now
            notice.add(_name_of(message), text)
            self._edit_soon(chat_id, notice)

    def _open(self, message: Message, text: str, spoken: str) -> Notice:
        notice = self._notices[message.chat.id] = Notice(self._clock.monotonic(), spoken)
        notice.add(_name_of(message), text)
        return notice

    def _open_notice(self, chat_id: int) -> Notice | None:
        notice = self._notices.get(chat_id)
        if notice and self._clock.monotonic() - notice.opened_at < NOTICE_EVERY:
            return notice
        return None

    async def _may_notice(self, chat_id: int) -> bool:
        async with self._storage.transaction() as tx:
            return await tx.chats.claim_notice(chat_id, every=NOTICE_EVERY, now=self._clock.now())

    def _edit_soon(self, chat_id: int, notice: Notice) -> None:
        if not notice.editing:
            notice.editing = True
            self._outbox.put(
                chat_id, lambda: self._edit_notice(chat_id, notice), lane="notice", repeatable=True
            )

    async def _edit_notice(self, chat_id: int, notice: Notice) -> None:
        if notice.editing:
            await self._clock.sleep(GROUP_SPACING)
            while wait := self._pace.edit_in(chat_id):
                await self._clock.sleep(wait)
        notice.editing = False
        if notice.message_id is not None:
            self._pace.edited(chat_id)
            await self._bot.edit_message_text(
                notice.text(), chat_id=chat_id, message_id=notice.message_id
            )

    async def _send_notice(self, message: Message, notice: Notice) -> None:
        notice.message_id = (await self._send(message, notice.text())).message_id

    async def _send(
        self, message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None
    ) -> Message:
        if message.ephemeral_message_id is not None:  # as was the command
            return await send_whisper(self._bot, message, text, keyboard)
        return await self._bot.send_message(
            message.chat.id,
            text,
            message_thread_id=message.message_thread_id if message.is_topic_message else None,
            reply_parameters=reply_to(message.message_id),
            reply_markup=keyboard,
        )
