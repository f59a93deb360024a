"""Messages known by an inline_message_id alone: results of inline mode, and what a summoned guest said.

The bot need not be in their chat, of which it learns nothing: they are edited, nothing is sent beside
them, and their edits keep to the pace of a group.
"""

from collections import OrderedDict
from collections.abc import Sequence

import structlog
from aiogram import Bot
from aiogram.types import (
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InlineQueryResultUnion,
    InputTextMessageContent,
)

from bot.answers import NO_CHAT
from bot.telegram.errors import TELEGRAM_FAILURES
from bot.telegram.outbox import Outbox
from storage.records import Job

CACHE_SECONDS = 5  # by Telegram: someone who types and deletes a letter isn't asked for again
GUESTS_REMEMBERED = 1000

log = structlog.get_logger(__name__)


def pace_key(job: Job) -> int:
    """In whose pace a job's edits count: its chat's, or an inline message's own. That is negative,
    as a group's is, since it may be in one.
    """
    return job.chat_id if job.inline_message_id is None else job.message_id


class InlineMessages:
    """`can_draw`: there is a storage chat, without which no new picture gets into such a message."""

    def __init__(self, bot: Bot, outbox: Outbox, *, can_draw: bool) -> None:
        self._bot = bot
        self._outbox = outbox
        self.can_draw = can_draw
        self._said_as_guest: OrderedDict[str, str] = OrderedDict()  # by the query's id

    def suggest(
        self,
        query: InlineQuery,
        results: Sequence[InlineQueryResultUnion],
        button: InlineQueryResultsButton | None = None,
    ) -> None:
        self._outbox.put(
            NO_CHAT,
            lambda: self._bot.answer_inline_query(
                query.id,
                results=list(results),
                cache_time=CACHE_SECONDS,
                is_personal=True,
                button=button,
            ),
            lane=query.id,
        )

    def say(self, inline_message_id: str, text: str) -> None:
        """In place of what the message shows; for those that have no job."""
        self._outbox.put(
            NO_CHAT,
            lambda: self._bot.edit_message_text(text, inline_message_id=inline_message_id),
            lane=inline_message_id,
            repeatable=True,
        )

    async def enter(
        self, guest_query_id: str, text: str, keyboard: InlineKeyboardMarkup
    ) -> str | None:
        """Say something where the bot was summoned; the id of that message.

        None: it couldn't be said, or was said already (the update came twice).
        """
        try:
            sent = await self._bot.answer_guest_query(
                guest_query_id, result=_article(text, keyboard)
            )
        except TELEGRAM_FAILURES as error:
            log.info("guest query not answered", error=type(error).__name__)
            return None
        self._said_as_guest[guest_query_id] = sent.inline_message_id
        if len(self._said_as_guest) > GUESTS_REMEMBERED:
            self._said_as_guest.popitem(last=False)
        return sent.inline_message_id

    def say_as_guest(self, guest_query_id: str, text: str) -> None:
        """The one message a guest may send, or in place of what it said already."""
        said = self._said_as_guest.get(guest_query_id)
        if said is not None:
            self.say(said, text)
            return
        self._outbox.put(
            NO_CHAT,
            lambda: self._bot.answer_guest_query(guest_query_id, result=_article(text)),
            lane=guest_query_id,
        )


def _article(text: str, keyboard: InlineKeyboardMarkup | None = None) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        id="said",
        title="…",  # required, and shown to nobody: what is sent is the text
        input_message_content=InputTextMessageContent(message_text=text),
        reply_markup=keyboard,
    )
