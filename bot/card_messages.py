"""What a card shows, sent to its chat and edited there. What Telegram answers is the caller's to judge."""

from aiogram import Bot
from aiogram.types import BufferedInputFile, InputMediaPhoto

from bot.cards import Card
from bot.inline_messages import pace_key
from bot.keyboards import cancel_keyboard
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.pace import Pace
from bot.telegram.replies import answers_to
from bot.turns import EDIT_TIME
from bot.usecases.outage import waits_out
from providers.clock import Clock
from storage.base import Storage
from storage.records import Job

NO_PICTURES_HERE = frozenset({Fate.NO_PHOTO, Fate.UNREACHABLE, Fate.REFUSED})
"""After these for a preview, words may still be taken: no right to send photos, say."""


class CardMessages:
    """cover_previews: under a spoiler. Each raises TELEGRAM_FAILURES."""

    def __init__(
        self, bot: Bot, storage: Storage, pace: Pace, clock: Clock, *, cover_previews: bool
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._pace = pace
        self._clock = clock
        self._cover_previews = cover_previews

    async def send(self, card: Card, text: str) -> None:
        job = card.job
        self._pace.sent(job.chat_id)
        sent = await self._bot.send_message(
            job.chat_id,
            text,
            message_thread_id=job.thread_id,
            reply_parameters=answers_to(job),
            reply_markup=cancel_keyboard(job.id),
            request_timeout=EDIT_TIME,
        )
        card.message_id = sent.message_id
        await self._note_message(job, sent.message_id)

    @waits_out
    async def _note_message(self, job: Job, message_id: int) -> None:
        await self._storage.write(lambda tx: tx.jobs.set_status_message(job.id, message_id))

    async def edit_words(self, card: Card, text: str) -> None:
        self._pace.edited(pace_key(card.job))
        chat_id, message_id = card.job.chat_id, card.message_id
        keyboard = None if card.stopping else cancel_keyboard(card.job.id)
        if card.job.inline_message_id is not None:
            await self._bot.edit_message_text(
                text,
                inline_message_id=card.job.inline_message_id,
                reply_markup=keyboard,
                request_timeout=EDIT_TIME,
            )
        elif card.is_photo:
            await self._bot.edit_message_caption(
                chat_id=chat_id,
                message_id=message_id,
                caption=text,
                reply_markup=keyboard,
                request_timeout=EDIT_TIME,
            )
        else:
            await self._bot.edit_message_text(
                text,
                chat_id=chat_id,
                message_id=message_id,
                reply_markup=keyboard,
                request_timeout=EDIT_TIME,
            )

    async def edit_media(self, card: Card, text: str) -> bool:
        """False where Telegram takes no picture here."""
        assert card.preview is not None  # noqa: S101 - it is due
        self._pace.edited(card.job.chat_id, media=True)
        file, card.preview = BufferedInputFile(card.preview, "preview.jpg"), None
        try:
            await self._bot.edit_message_media(
                InputMediaPhoto(media=file, caption=text, has_spoiler=self._cover_previews or None),
                chat_id=card.job.chat_id,
                message_id=card.message_id,
                reply_markup=cancel_keyboard(card.job.id),
                request_timeout=EDIT_TIME,
            )
        except TELEGRAM_FAILURES as error:
            if judge(error).fate not in NO_PICTURES_HERE:
                raise
            card.words_only = True
            return False
        card.is_photo = True
        return True
