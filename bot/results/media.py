"""From a job's stored pictures to the one file its message shows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.pictures.encoding import as_photo, grid
from storage.base import BlobStore
from storage.records import Artifact


@dataclass(frozen=True, slots=True)
class Picture:
    """What goes into the message."""

    data: bytes
    filename: str
    as_document: bool


class ResultMedia:
    """Several pictures become one sheet. Raises PictureMissing, UnreadablePicture."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def photo(self, artifacts: Sequence[Artifact]) -> Picture:
        """A JPEG within Telegram's limits, or a document where there can't be one."""
        photo = await asyncio.to_thread(as_photo, await self._whole(artifacts))
        if photo is None:
            return await self.document(artifacts)
        return Picture(photo, "picture.jpg", as_document=False)

    async def document(self, artifacts: Sequence[Artifact]) -> Picture:
        """The picture's own bytes, in full quality."""
        first = artifacts[0]
        suffix = first.media_type.removeprefix("image/") if len(artifacts) == 1 else "jpeg"
        name = f"picture-{first.sha256[:8]}.{suffix}"
        return Picture(await self._whole(artifacts), name, as_document=True)

    async def _whole(self, artifacts: Sequence[Artifact]) -> bytes:
        data = [await self._blobs.get(artifact.sha256) for artifact in artifacts]
        return data[0] if len(data) == 1 else await asyncio.to_thread(grid, data)
