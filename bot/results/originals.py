"""The originals as files beside the picture, for who asked for that in /settings; in private only."""

from collections.abc import Sequence

import structlog
from aiogram import Bot
from aiogram.types import BufferedInputFile, InputMediaDocument

from bot.telegram.outbox import Outbox
from bot.telegram.replies import reply_to
from bot.usecases.preferences import preferences_of
from storage.base import BlobStore, Storage
from storage.errors import PictureMissing, PicturesAway
from storage.records import Artifact, Job

log = structlog.get_logger(__name__)


class Originals:
    def __init__(self, bot: Bot, outbox: Outbox, storage: Storage, blobs: BlobStore) -> None:
        self._bot = bot
        self._outbox = outbox
        self._storage = storage
        self._blobs = blobs

    async def follow(self, job: Job, artifacts: Sequence[Artifact], message_id: int) -> None:
        """After the result is shown in this message. Lost in a crash, they are a button away."""
        if job.chat_kind != "private" or not artifacts:
            return
        likes = await self._storage.read(lambda view: preferences_of(job.user_id, view))
        if likes.files:
            self._outbox.put(job.chat_id, lambda: self._send(job, artifacts, message_id))

    async def _send(self, job: Job, artifacts: Sequence[Artifact], message_id: int) -> None:
        try:
            files = [await self._file(artifact) for artifact in artifacts]
        except (PictureMissing, PicturesAway):  # deleted by its owner meanwhile, say
            log.info("original not sent", job=job.id)
            return
        reply = reply_to(message_id)
        if len(files) == 1:
            await self._bot.send_document(
                job.chat_id, files[0], message_thread_id=job.thread_id, reply_parameters=reply
            )
        else:
            await self._bot.send_media_group(
                job.chat_id,
                [InputMediaDocument(media=file) for file in files],
                message_thread_id=job.thread_id,
                reply_parameters=reply,
            )

    async def _file(self, artifact: Artifact) -> BufferedInputFile:
        suffix = artifact.media_type.removeprefix("image/")
        data = await self._blobs.get(artifact.sha256)
        return BufferedInputFile(data, f"picture-{artifact.sha256[:8]}.{suffix}")
