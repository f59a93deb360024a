"""One of a person's pictures again, as a message of its own."""

from functools import partial
from typing import Any

from aiogram import Bot
from aiogram.types import BufferedInputFile, MaybeInaccessibleMessageUnion, Message

from bot.i18n import use_locale
from bot.pictures.encoding import UnreadablePicture
from bot.results.keyboards import ResultKeyboards
from bot.results.media import Picture, ResultMedia
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.outbox import Outbox
from bot.telegram.replies import place_of
from bot.texts import everyday as texts
from bot.usecases.outcomes import is_covered
from bot.usecases.results import Result
from bot.usecases.show_history import ShowHistory
from storage.base import BlobStore
from storage.errors import PictureMissing

Asked = MaybeInaccessibleMessageUnion  # a command, or the message whose button was pressed


class Resend:
    """cover_unchecked: a picture nobody could check is shown under a spoiler, here as elsewhere."""

    def __init__(
        self,
        bot: Bot,
        outbox: Outbox,
        history: ShowHistory,
        blobs: BlobStore,
        keyboards: ResultKeyboards,
        *,
        cover_unchecked: bool,
    ) -> None:
        self._bot = bot
        self._outbox = outbox
        self._history = history
        self._media = ResultMedia(blobs)
        self._keyboards = keyboards
        self._cover_unchecked = cover_unchecked

    def __call__(self, asked: Asked, result: Result, missing: str) -> None:
        """As it was delivered; `missing` is said where its bytes are lost."""
        shown = self._shown(asked, result)

        async def send() -> None:
            try:
                await self._send(asked, result, shown)
            except (PictureMissing, UnreadablePicture):
                await self._bot.send_message(asked.chat.id, missing, **place_of(asked))

        self._outbox.put(asked.chat.id, send)

    def covers(self, result: Result) -> bool:
        return is_covered(result.job, unchecked=self._cover_unchecked)

    def _shown(self, asked: Asked, result: Result) -> dict[str, Any]:
        """The words and the buttons below it, which work only in the chat it was drawn in."""
        seeds = [each.seed for each in result.artifacts if each.seed is not None]
        with use_locale(result.job.language):
            caption = texts.caption(result.job, result.spec, seeds=seeds, seconds=result.seconds)
        is_at_home = result.job.chat_id == asked.chat.id
        keyboard = self._keyboards.of(result) if is_at_home else None
        return {"caption": caption, "reply_markup": keyboard, **place_of(asked)}

    async def _send(self, asked: Asked, result: Result, shown: dict[str, Any]) -> None:
        """By the id it is known by, else by its bytes; as a file where Telegram takes no photo."""
        send = partial(
            self._bot.send_photo, asked.chat.id, has_spoiler=self.covers(result) or None, **shown
        )
        known = None if result.is_grid else result.artifacts[0].file_id
        try:
            if known is not None:
                await send(photo=known)
                return
        except TELEGRAM_FAILURES as error:
            if judge(error).fate is not Fate.REFUSED:  # it doesn't know the id any more
                raise
        picture = await self._media.photo(result.artifacts)
        try:
            if not picture.as_document:
                await self._note(result, await send(photo=_upload(picture)))
                return
        except TELEGRAM_FAILURES as error:
            if self.covers(result) or judge(error).fate is not Fate.NO_PHOTO:
                raise  # a document can't be covered
            picture = await self._media.document(result.artifacts)
        await self._bot.send_document(asked.chat.id, _upload(picture), **shown)

    async def _note(self, result: Result, sent: Message) -> None:
        if sent.photo and not result.is_grid:
            await self._history.sent_as(result.artifacts[0], sent.photo[-1].file_id)


def _upload(picture: Picture) -> BufferedInputFile:
    return BufferedInputFile(picture.data, picture.filename)
