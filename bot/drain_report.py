"""How far a drain is, in the chat of the admin who asked for it, until everything is finished.

The message to edit is kept in storage: any process may go on with it, after a restart too.
"""

from contextlib import suppress

from aiogram import Bot
from aiogram.types import InaccessibleMessage, Message

from bot.i18n import _, use_locale
from bot.telegram.outbox import Outbox
from bot.telegram.replies import reply_to
from bot.texts.operations import DRAINED, draining
from bot.usecases.languages import Languages
from bot.usecases.pauses import Pauses
from providers.clock import Clock
from storage.base import Storage
from storage.errors import DatabaseAway

REPORT = "drain_report"
LOOK_EVERY = 2.0  # seconds


class DrainReport:
    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        outbox: Outbox,
        clock: Clock,
        *,
        pauses: Pauses,
        languages: Languages,
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._outbox = outbox
        self._pauses = pauses
        self._languages = languages
        self._clock = clock
        self._shown = ""

    async def open(self, message: Message | InaccessibleMessage) -> None:
        """Below this message, whether the admin wrote it or it is the panel."""
        text = await self._text()
        self._outbox.put(message.chat.id, lambda: self._send(message, text))

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            with suppress(DatabaseAway):  # others say so; the next look is soon
                await self._look()

    async def _send(self, message: Message | InaccessibleMessage, text: str) -> None:
        sent = await self._bot.send_message(
            message.chat.id, text, reply_parameters=reply_to(message.message_id)
        )
        where = [sent.chat.id, sent.message_id]
        async with self._storage.transaction() as tx:
            await tx.controls.set(REPORT, where, by=None, now=self._clock.now())

    async def _text(self) -> str:
        state = await self._pauses.look()
        async with self._storage.reading() as view:
            return draining(state, await view.statistics.queue(people=0))

    async def _look(self) -> None:
        async with self._storage.reading() as view:
            where = await view.controls.get(REPORT)
            summary = await view.statistics.queue(people=0)
        if where is None:
            return
        chat_id, message_id = where
        state = await self._pauses.look()
        with use_locale(await self._languages.of(chat_id)):
            self._edit(chat_id, message_id, draining(state, summary))
            finished = not (summary.waiting or summary.running or summary.undelivered)
            if state.draining and not finished:
                return
            if await self._forget() and state.draining:
                drained = _(DRAINED)
                self._outbox.put(chat_id, lambda: self._bot.send_message(chat_id, drained))

    async def _forget(self) -> bool:
        """True for one process alone."""
        async with self._storage.transaction() as tx:
            return await tx.controls.clear(REPORT)

    def _edit(self, chat_id: int, message_id: int, text: str) -> None:
        if text == self._shown:
            return
        self._shown = text
        self._outbox.put(
            chat_id,
            lambda: self._bot.edit_message_text(text, chat_id=chat_id, message_id=message_id),
            repeatable=True,
        )
