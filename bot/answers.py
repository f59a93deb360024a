"""What handlers say: replies in the right chat and topic, and refusals that don't flood a group."""

from dataclasses import dataclass, field
from html import escape

from aiogram import Bot
from aiogram.types import CallbackQuery, Message

from bot.outbox import Outbox
from bot.pace import GROUP_SPACING, Pace
from bot.replies import reply_to
from providers.clock import Clock
from storage.base import Storage

NO_CHAT = 0
NOTICE_EVERY = 60.0  # seconds: one message of refusals a group
NOTICE_LINES = 8
NOTICE_NAMES = 24
NAME_SHOWN = 24  # characters of a name


@dataclass(slots=True)
class Notice:
    """One group's message of refusals; later ones are edited into it. Same words share a line."""

    opened_at: float
    message_id: int | None = None
    lines: dict[str, list[str]] = field(default_factory=dict)  # a refusal to whom it was said
    editing: bool = False

    def add(self, name: str, refusal: str) -> None:
        told = self.lines.setdefault(refusal, [])
        if name and name not in told:
            told.append(name)

    def text(self) -> str:
        told = list(self.lines.items())
        shown = [_line(names, refusal) for refusal, names in told[:NOTICE_LINES]]
        if rest := dict.fromkeys(name for _, names in told[NOTICE_LINES:] for name in names):
            shown.append(f"… and more for {_names(list(rest))}")
        return "\n".join(shown)


def _line(names: list[str], refusal: str) -> str:
    return f"{_names(names)}: {refusal}" if names else refusal


def _names(names: list[str]) -> str:
    more = f" and {len(names) - NOTICE_NAMES} more" if len(names) > NOTICE_NAMES else ""
    return ", ".join(escape(name, quote=False) for name in names[:NOTICE_NAMES]) + more


class Answers:
    def __init__(
        self, bot: Bot, outbox: Outbox, pace: Pace, storage: Storage, clock: Clock
    ) -> None:
        self._bot = bot
        self._outbox = outbox
        self._pace = pace
        self._storage = storage
        self._clock = clock
        self._notices: dict[int, Notice] = {}

    def reply(self, message: Message, text: str) -> None:
        self._outbox.put(message.chat.id, lambda: self._send(message, text))

    def toast(self, query: CallbackQuery, text: str, *, alert: bool = False) -> None:
        """Answer a button press: plain text of at most 200 characters.

        It must come within 15 seconds and is no message, so it waits for no chat.
        """
        self._outbox.put(
            NO_CHAT,
            lambda: self._bot.answer_callback_query(query.id, text=text, show_alert=alert),
            lane=query.id,
        )

    async def refuse(self, message: Message, text: str) -> None:
        """In a private chat a reply; in a group a line in at most one message a minute."""
        if message.chat.type == "private":
            self.reply(message, text)
            return
        name = message.from_user.first_name[:NAME_SHOWN] if message.from_user else ""
        chat_id = message.chat.id
        if self._open_notice(chat_id) is None and await self._may_notice(chat_id):
            opened = self._notices[chat_id] = Notice(self._clock.monotonic())
            opened.add(name, text)
            self._outbox.put(chat_id, lambda: self._send_notice(message, opened))
        elif notice := self._open_notice(chat_id):  # it may have been opened just now
            notice.add(name, text)
            self._edit_soon(chat_id, notice)

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

    async def _send(self, message: Message, text: str) -> Message:
        return await self._bot.send_message(
            message.chat.id,
            text,
            message_thread_id=message.message_thread_id if message.is_topic_message else None,
            reply_parameters=reply_to(message.message_id),
        )
