"""What a button under a result makes the bot send or change, other than drawing."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MediaUnion,
    User,
)

from bot.i18n import _, use_locale
from bot.pictures.encoding import blank
from bot.results.access import Press, ShownMessage
from bot.results.keyboards import ResultKeyboards
from bot.results.media import Picture, ResultMedia
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.outbox import Outbox
from bot.telegram.replies import reply_to
from bot.texts import everyday as texts
from bot.texts import results as texts_results
from bot.usecases.errors import FileIsCovered, ResultGone
from bot.usecases.outcomes import is_covered
from bot.usecases.questions import Question, Questions
from bot.usecases.results import Result
from storage.base import BlobStore
from storage.errors import PictureMissing

MOST_QUOTED = 3000  # characters of a prompt within other words; a message has 4096


class ResultMessages:
    """Each sends by the outbox and returns at once, but for what may be refused: files are read
    before that is known.
    """

    def __init__(
        self,
        bot: Bot,
        outbox: Outbox,
        blobs: BlobStore,
        keyboards: ResultKeyboards,
        questions: Questions,
        *,
        cover_unchecked: bool,
    ) -> None:
        self._bot = bot
        self._outbox = outbox
        self._media = ResultMedia(blobs)
        self._keyboards = keyboards
        self._questions = questions
        self._cover_unchecked = cover_unchecked

    def turn(self, shown: ShownMessage, keyboard: InlineKeyboardMarkup | None) -> None:
        """Another keyboard under the same result."""
        self._outbox.put(
            shown.chat.id,
            lambda: self._bot.edit_message_reply_markup(
                chat_id=shown.chat.id, message_id=shown.message_id, reply_markup=keyboard
            ),
            lane="keyboard",
            repeatable=True,
        )

    async def send_files(self, press: Press) -> None:
        """The pictures as they were made. Raises ResultGone, FileIsCovered."""
        result = press.result
        if self._covers(result) and result.job.chat_kind != "private":
            raise FileIsCovered
        try:
            files = [await self._media.document([each]) for each in result.pictures(press.number)]
        except PictureMissing:
            raise ResultGone from None
        if len(files) == 1:
            self._put(press, partial(self._bot.send_document, document=_upload(files[0])))
            return
        album: list[MediaUnion] = [InputMediaDocument(media=_upload(file)) for file in files]
        self._put(press, partial(self._bot.send_media_group, media=album))

    async def send_alone(self, press: Press) -> None:
        """One of several pictures, in full size and with its own buttons. Raises ResultGone."""
        result, number = press.result, press.number
        artifact = result.picture(number)
        try:
            picture = await self._media.photo([artifact])
        except PictureMissing:
            raise ResultGone from None
        seeds = [] if artifact.seed is None else [artifact.seed]
        with use_locale(result.job.language):
            caption = texts.caption(result.job, result.spec, seeds=seeds, seconds=result.seconds)
        send = (
            partial(self._bot.send_document, document=_upload(picture))
            if picture.as_document
            else partial(
                self._bot.send_photo,
                photo=_upload(picture),
                has_spoiler=self._covers(result) or None,
            )
        )
        keyboard = self._keyboards.of(result, number)
        self._put(press, partial(send, caption=caption, reply_markup=keyboard))

    def send_prompt(self, press: Press) -> None:
        text = texts_results.prompt_to_copy(press.result.spec.wish.prompt)
        self._put(press, partial(self._bot.send_message, text=text))

    async def ask_for_words(self, press: Press, asked: User) -> None:
        result = press.result
        question = Question(asked.id, result.job.id, press.number, press.shown.message_id)
        question_id = await self._questions.open(result, question)
        quoted = result.spec.wish.prompt[:MOST_QUOTED]
        send = partial(
            self._bot.send_message,
            text=texts_results.question(asked.first_name, asked.id, quoted),
            reply_markup=ForceReply(
                selective=True, input_field_placeholder=_(texts_results.QUESTION_HINT)
            ),
        )

        async def ask(**where: Any) -> None:
            sent = await send(**where)
            await self._questions.sent(question_id, sent.message_id)

        self._put(press, ask)

    def take_away(self, press: Press) -> None:
        """Telegram lets bots delete what they sent within 48 hours; what is older can only be
        changed, into an empty picture with a word.
        """
        shown = press.shown
        with use_locale(press.result.job.language):
            words = _(texts_results.PLACEHOLDER)
        self._outbox.put(
            shown.chat.id, lambda: self._take_away(shown, words), lane="keyboard", repeatable=True
        )

    async def _take_away(self, shown: ShownMessage, words: str) -> None:
        try:
            await self._bot.delete_message(shown.chat.id, shown.message_id)
        except TELEGRAM_FAILURES as error:
            if judge(error).fate is not Fate.REFUSED:
                raise
            media = InputMediaPhoto(media=BufferedInputFile(blank(), "deleted.jpg"), caption=words)
            await self._bot.edit_message_media(
                media, chat_id=shown.chat.id, message_id=shown.message_id
            )

    def _put(self, press: Press, send: Callable[..., Awaitable[object]]) -> None:
        """As a reply to the message with the button, in its topic."""
        shown = press.shown
        where = {
            "chat_id": shown.chat.id,
            "message_thread_id": press.result.job.thread_id,
            "reply_parameters": reply_to(shown.message_id),
        }
        self._outbox.put(shown.chat.id, lambda: send(**where))

    def _covers(self, result: Result) -> bool:
        return is_covered(result.job, unchecked=self._cover_unchecked)


def _upload(picture: Picture) -> BufferedInputFile:
    return BufferedInputFile(picture.data, picture.filename)
