"""What is kept for how long: jobs that ended long ago are emptied, pictures nobody needs deleted.

A picture is needed while a job or a draft names it. One put within the last day stays anyway:
whoever put it may be about to say what for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.usecases.emptied import STUB
from providers.clock import Clock
from storage.base import BlobStore, Storage
from storage.records import Place

BATCH = 100  # jobs emptied in one transaction: others write in between
PAGE = 500
YOUNG = timedelta(days=1)
FEW = 100
"""Orphans are few: what was stored just before a crash. More than these, and more than `SHARE` of all
pictures, is another database than the pictures' own, and nothing of that is deleted.
"""
SHARE = 0.1
EMPTIED = "emptied_up_to"  # what the place of the last emptied job is kept under

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """strangers: pictures that nothing names and that were let be, too many to be true."""

    emptied: int = 0
    deleted: int = 0
    strangers: int = 0


@dataclass(frozen=True, slots=True)
class _Needs:
    """The pictures that requests came with, up to a job."""

    pictures: Collection[str]
    up_to: int


class Retention:
    def __init__(
        self, storage: Storage, blobs: BlobStore, clock: Clock, *, keep: timedelta | None
    ) -> None:
        """keep: how long an ended job keeps words and pictures; None: for good."""
        self._storage = storage
        self._blobs = blobs
        self._clock = clock
        self._keep = keep

    async def __call__(self) -> Swept:
        """Raises DatabaseAway, PicturesAway; what was done by then is done."""
        emptied, dropped = await self._empty_old_jobs()
        needs = await self._needs()
        before = self._clock.now() - YOUNG
        total, spare = await self._spare(needs, before)
        orphans = spare - dropped
        too_many = len(orphans) > max(FEW, total * SHARE)
        doomed = spare & dropped if too_many else spare
        for key in sorted(doomed):
            await self._blobs.delete(key, put_before=before)
        await self._blobs.tidy(before=before)
        return Swept(emptied, len(doomed), len(orphans) if too_many else 0)

    async def _empty_old_jobs(self) -> tuple[int, set[str]]:
        """How many, and the pictures they had."""
        count, dropped = 0, set[str]()
        if self._keep is None:
            return count, dropped
        before = self._clock.now() - self._keep
        while True:
            async with self._storage.transaction() as tx:
                after = _place(await tx.controls.get(EMPTIED))
                emptied = await tx.retention.empty_ended(
                    before=before, after=after, stub=STUB.dump(), limit=BATCH
                )
                if emptied.last is None:
                    return count, dropped
                value = {"at": emptied.last.at.isoformat(), "id": emptied.last.id}
                await tx.controls.set(EMPTIED, value, by=None, now=self._clock.now())
            count += emptied.count
            dropped |= emptied.pictures

    async def _needs(self) -> _Needs:
        pictures, last = set[str](), 0
        while True:
            async with self._storage.reading() as view:
                page = await view.retention.given(after=last, limit=PAGE)
            if page.last is None:
                return _Needs(pictures, last)
            pictures |= page.pictures
            last = page.last

    async def _spare(self, needs: _Needs, before: datetime) -> tuple[int, set[str]]:
        """How many pictures there are, and those of them that are old and that nobody needs."""
        total, spare, last = 0, set[str](), ""
        while page := await self._blobs.page(after=last, limit=PAGE):
            total += len(page)
            last = page[-1].key
            old = [blob.key for blob in page if blob.put_at < before]
            unnamed = [key for key in old if key not in needs.pictures]
            async with self._storage.reading() as view:
                spare |= set(unnamed) - await view.retention.needed(unnamed, after=needs.up_to)
        return total, spare


def _place(value: Any) -> Place | None:
    return Place(datetime.fromisoformat(value["at"]), value["id"]) if value else None
