"""How an outcome looks in its chat: the status message becomes the picture, or words.

Only where there is no message to edit is a new one sent, as a line of text first: if its answer is
lost, a second line may show, but never a second picture. What Telegram answers is the caller's to
judge: any of these raises TELEGRAM_FAILURES.
"""

from collections.abc import Sequence

from aiogram import Bot
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)

from bot.i18n import _
from bot.results.keyboards import ResultKeyboards
from bot.results.media import Picture, ResultMedia
from bot.results.originals import Originals
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.replies import answers_to
from bot.texts import everyday as texts
from bot.usecases.outage import waits_out
from bot.usecases.outcomes import is_covered
from bot.usecases.results import Result
from bot.usecases.spec import JobSpec
from providers.clock import Clock
from storage.base import BlobStore, Storage
from storage.records import Artifact, Job, JobState


class OutcomeMessages:
    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        blobs: BlobStore,
        clock: Clock,
        *,
        keyboards: ResultKeyboards,
        originals: Originals,
        cover_unchecked: bool = False,
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._media = ResultMedia(blobs)
        self._clock = clock
        self._keyboards = keyboards
        self._originals = originals
        self._cover_unchecked = cover_unchecked

    async def show(self, job: Job, message_id: int) -> None:
        spec = JobSpec.load(job.spec)
        if job.state is JobState.SUCCEEDED:
            await self._show_pictures(job, spec, message_id)
        else:
            await self._bot.edit_message_text(
                texts.ended(job, spec),
                chat_id=job.chat_id,
                message_id=message_id,
                reply_markup=self._keyboards.of(Result(job, spec, ())),
            )

    async def begin(self, job: Job) -> int:
        """Send a line in place of the status message there isn't (any more); its id is on record."""
        sent = await self._send_line(job)
        await self._note_message(job, sent.message_id)
        return sent.message_id

    @waits_out
    async def _note_message(self, job: Job, message_id: int) -> None:
        async with self._storage.transaction() as tx:
            await tx.jobs.set_status_message(job.id, message_id)

    async def _send_line(self, job: Job) -> Message:
        try:
            return await self._reply(job, job.thread_id)
        except TELEGRAM_FAILURES as error:
            if judge(error).fate is not Fate.NO_TOPIC:
                raise
            return await self._reply(job, None)

    async def _reply(self, job: Job, thread_id: int | None) -> Message:
        return await self._bot.send_message(
            job.chat_id,
            _(texts.READY_SOON),
            message_thread_id=thread_id,
            reply_parameters=answers_to(job),
        )

    async def _show_pictures(self, job: Job, spec: JobSpec, message_id: int) -> None:
        artifacts = await self._storage.read(lambda view: view.artifacts.of_job(job.id))
        result = Result(job, spec, tuple(artifacts))
        caption = texts.caption(
            job,
            spec,
            seeds=[artifact.seed for artifact in artifacts if artifact.seed is not None],
            seconds=result.seconds,
        )
        keyboard = self._keyboards.of(result)
        picture = await self._media.photo(artifacts)
        try:
            shown = await self._put(job, message_id, picture, caption, keyboard)
        except TELEGRAM_FAILURES as error:
            if picture.as_document or self._covers(job) or judge(error).fate is not Fate.NO_PHOTO:
                raise  # a document can't be covered, so a covered picture doesn't become one
            document = await self._media.document(artifacts)
            await self._put(job, message_id, document, caption, keyboard)
            return  # the file itself
        await self._keep_file_id(artifacts, shown)
        if not picture.as_document and not self._covers(job):
            await self._originals.follow(job, artifacts, message_id)

    async def _keep_file_id(self, artifacts: Sequence[Artifact], shown: Message | bool) -> None:
        """So that inline mode has the picture at once. A sheet of several is none of them."""
        if len(artifacts) == 1 and isinstance(shown, Message) and shown.photo:
            picture, file_id = artifacts[0], shown.photo[-1].file_id
            await self._storage.write(lambda tx: tx.artifacts.set_file_id(picture.id, file_id))

    async def _put(
        self,
        job: Job,
        message_id: int,
        picture: Picture,
        caption: str,
        keyboard: InlineKeyboardMarkup | None,
    ) -> Message | bool:
        file = BufferedInputFile(picture.data, picture.filename)
        media = (
            InputMediaDocument(media=file, caption=caption)
            if picture.as_document
            else InputMediaPhoto(media=file, caption=caption, has_spoiler=self._covers(job) or None)
        )
        return await self._bot.edit_message_media(
            media, chat_id=job.chat_id, message_id=message_id, reply_markup=keyboard
        )

    def _covers(self, job: Job) -> bool:
        return is_covered(job, unchecked=self._cover_unchecked)

    async def say(self, job: Job, message_id: int, text: str) -> None:
        await self._bot.edit_message_text(text, chat_id=job.chat_id, message_id=message_id)

    async def take_away(self, job: Job, message_id: int) -> None:
        await self._bot.delete_message(job.chat_id, message_id)
