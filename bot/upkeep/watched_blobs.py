"""The pictures' store, with the owners told of what only they can mend: once, until it works again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from bot.texts import storage as texts_storage
from storage.base import BlobStore
from storage.errors import PictureDamaged, PicturesAway
from storage.records import StoredBlob

Tell = Callable[[Callable[[], str]], None]

log = structlog.get_logger(__name__)


class WatchedBlobs:
    def __init__(self, blobs: BlobStore, tell_owners: Tell) -> None:
        self._blobs = blobs
        self._tell_owners = tell_owners
        self._is_away = False
        self._damaged: set[str] = set()

    async def put(self, data: bytes) -> str:
        with self._watching():
            key = await self._blobs.put(data)
        self._is_away = False
        return key

    async def get(self, key: str) -> bytes:
        with self._watching():
            return await self._blobs.get(key)

    async def delete(self, key: str, *, put_before: datetime | None = None) -> None:
        with self._watching():
            await self._blobs.delete(key, put_before=put_before)

    async def page(self, *, after: str = "", limit: int) -> list[StoredBlob]:
        with self._watching():
            return await self._blobs.page(after=after, limit=limit)

    async def tidy(self, *, before: datetime) -> None:
        with self._watching():
            await self._blobs.tidy(before=before)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        try:
            yield
        except PicturesAway as error:
            if not self._is_away:
                self._is_away = True
                log.error("pictures away", reason=error.reason)  # noqa: TRY400 - the reason is all
                reason = error.reason
                self._tell_owners(lambda: texts_storage.away(reason))
            raise
        except PictureDamaged as error:
            if error.key not in self._damaged:
                log.error("picture damaged", picture=error.key)  # noqa: TRY400 - it says all
                if not self._damaged:
                    key = error.key
                    self._tell_owners(lambda: texts_storage.damaged(key))
                self._damaged.add(error.key)
            raise
