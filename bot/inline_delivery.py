"""Gets a job's outcome into its inline message: words by an edit, a picture by its file_id.

No new file can be uploaded into such a message. So a picture is sent to the storage chat first, which
gives it a file_id; that is on record before the edit, so after a crash the edit alone is repeated.
Where the answer to that sending was lost it is sent again: a stray picture may stay in the storage
chat, never a second one in the message. It goes there without a word of who asked for what.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from aiogram import Bot
from aiogram.types import BufferedInputFile, InputMediaPhoto, Message

from bot.i18n import _, use_locale
from bot.inline_messages import pace_key
from bot.pictures.encoding import UnreadablePicture
from bot.results.media import ResultMedia
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, Judgement, judge
from bot.telegram.pace import Pace, backoff
from bot.texts import everyday as texts
from bot.texts import inline as texts_inline
from bot.usecases.outcomes import is_covered
from bot.usecases.results import Result
from bot.usecases.spec import JobSpec
from storage.base import BlobStore, Storage
from storage.errors import DatabaseAway, PictureMissing, PicturesAway
from storage.records import Artifact, Job, JobState

LONGEST_PAUSE = 60.0  # seconds between tries while Telegram is down
CRASHES = 3  # tries that may fail for a reason nobody knows

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    delivered: bool


@dataclass(frozen=True, slots=True)
class Later:
    seconds: float


class NotStored(Exception):
    """The storage chat didn't take the picture."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.fate.name)
        self.judgement = judgement


class InlineDelivery:
    """`tell_owners` takes what only they can mend."""

    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        blobs: BlobStore,
        pace: Pace,
        *,
        storage_chat_id: int | None,
        tell_owners: Callable[[Callable[[], str]], None],
        cover_unchecked: bool,
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._media = ResultMedia(blobs)
        self._pace = pace
        self._storage_chat_id = storage_chat_id
        self._tell_owners = tell_owners
        self._owners_know = False
        self._cover_unchecked = cover_unchecked

    async def __call__(self, job: Job) -> Ended | Later:
        with use_locale(job.language):
            try:
                return await self._try(job)
            except TELEGRAM_FAILURES as error:
                return self._after_failure(job, judge(error))

    async def _try(self, job: Job) -> Ended | Later:
        if closed_for := self._pace.closed_for(pace_key(job)):
            return Later(closed_for)
        try:
            await self._show(job)
        except (*TELEGRAM_FAILURES, DatabaseAway):
            raise
        except PicturesAway:
            return Later(backoff(job.delivery_attempts, LONGEST_PAUSE))
        except NotStored as error:
            return await self._after_refusal(job, error.judgement)
        except Exception as error:  # noqa: BLE001 - logged there, and must not stop the others
            return await self._after_crash(job, error)
        return Ended(delivered=True)

    async def _show(self, job: Job) -> None:
        spec = JobSpec.load(job.spec)
        if job.state is not JobState.SUCCEEDED:
            await self._say(job, texts.ended(job, spec))
            return
        async with self._storage.reading() as view:
            artifacts = await view.artifacts.of_job(job.id)
        file_id = artifacts[0].file_id or await self._upload(job, artifacts)
        caption = texts.caption(
            job,
            spec,
            seeds=[artifact.seed for artifact in artifacts if artifact.seed is not None],
            seconds=Result(job, spec, tuple(artifacts)).seconds,
        )
        await self._bot.edit_message_media(
            InputMediaPhoto(media=file_id, caption=caption, has_spoiler=self._covers(job) or None),
            inline_message_id=job.inline_message_id,
        )

    async def _upload(self, job: Job, artifacts: Sequence[Artifact]) -> str:
        """Raises NotStored, PictureMissing, UnreadablePicture."""
        picture = await self._media.photo(artifacts)
        if picture.as_document:
            raise NotStored(Judgement(Fate.NO_PHOTO))
        try:
            sent = await self._send(BufferedInputFile(picture.data, picture.filename), job)
        except TELEGRAM_FAILURES as error:
            raise NotStored(judge(error)) from error
        assert sent.photo  # noqa: S101 - a photo was sent
        async with self._storage.transaction() as tx:
            await tx.artifacts.set_file_id(artifacts[0].id, sent.photo[-1].file_id)
        self._owners_know = False
        return sent.photo[-1].file_id

    async def _send(self, file: BufferedInputFile, job: Job) -> Message:
        if self._storage_chat_id is None:  # it was set when the job was accepted
            raise NotStored(Judgement(Fate.UNREACHABLE))
        return await self._bot.send_photo(
            self._storage_chat_id,
            file,
            disable_notification=True,
            has_spoiler=self._covers(job) or None,
        )

    def _covers(self, job: Job) -> bool:
        return is_covered(job, unchecked=self._cover_unchecked)

    async def _say(self, job: Job, text: str) -> None:
        await self._bot.edit_message_text(text, inline_message_id=job.inline_message_id)

    async def _after_refusal(self, job: Job, judgement: Judgement) -> Ended | Later:
        """Of the storage chat. The picture stays in its owner's history whatever becomes of this."""
        log.warning("inline picture not stored", fate=judgement.fate.name)
        match judgement.fate:
            case Fate.WAIT:
                if self._storage_chat_id is not None:
                    self._pace.close(self._storage_chat_id, judgement.seconds)
                return Later(judgement.seconds)
            case Fate.UNKNOWN:
                return Later(backoff(job.delivery_attempts, LONGEST_PAUSE))
            case Fate.MOVED:
                self._storage_chat_id = judgement.new_chat_id
                self._alert(partial(texts_inline.storage_moved, judgement.new_chat_id))
                return Later(0.0)
            case Fate.NO_PHOTO:
                await self._say(job, _(texts_inline.NO_PHOTO_HERE))
            case _:
                self._alert(partial(texts_inline.storage_refuses, self._storage_chat_id))
                await self._say(job, _(texts_inline.CANT_STORE))
        return Ended(delivered=True)

    def _alert(self, words: Callable[[], str]) -> None:
        """Once, until a picture is stored again."""
        if not self._owners_know:
            self._owners_know = True
            self._tell_owners(words)

    def _after_failure(self, job: Job, judgement: Judgement) -> Ended | Later:
        """Of an edit. A message that is gone leaves the picture in the history."""
        log.info("inline delivery failed", fate=judgement.fate.name, attempt=job.delivery_attempts)
        match judgement.fate:
            case Fate.DONE:
                return Ended(delivered=True)
            case Fate.WAIT:
                self._pace.close(pace_key(job), judgement.seconds)
                return Later(judgement.seconds)
            case Fate.UNKNOWN:
                return Later(backoff(job.delivery_attempts, LONGEST_PAUSE))
            case _:
                return Ended(delivered=False)

    async def _after_crash(self, job: Job, error: Exception) -> Ended | Later:
        """Damaged for good: say so in words. Anything else may pass, and is tried again first."""
        reference = secrets.token_hex(4)
        log.error("inline delivery crashed", reference=reference, exc_info=error)
        lost = isinstance(error, PictureMissing | UnreadablePicture)
        if not lost and job.delivery_attempts < CRASHES:
            return Later(backoff(job.delivery_attempts, LONGEST_PAUSE))
        await self._say(job, texts.picture_lost(reference) if lost else texts.unexpected(reference))
        return Ended(delivered=True)
