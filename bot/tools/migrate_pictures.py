"""`python -m bot migrate-pictures`: from one store to another. What is there is left alone, on both sides."""

import asyncio
import sys

from bot.blobs import build_blobs, default_folder, keys_of
from bot.settings import Settings, WrongSetting
from storage.base import BlobStore
from storage.errors import PictureMissing, PicturesAway

AT_ONCE = 8


async def move_pictures(settings: Settings, source: str | None, target: str | None) -> None:
    """Raises WrongSetting."""
    target = target or settings.blob_url
    if target is None:
        raise WrongSetting("BLOB_URL", "is not set: where are the pictures to go?")
    source = source or default_folder(settings).path.as_uri()
    stores = build_blobs(settings, source), build_blobs(settings, target)
    try:
        copied, lost = await copy_pictures(*stores)
    except* PicturesAway as away:
        problem = f"{away.exceptions[0]}; what was copied by now stays"
        raise WrongSetting("BLOB_URL", problem) from None
    else:
        sys.stderr.write(f"{copied} pictures copied, {lost} damaged and left out.\n")


async def copy_pictures(source: BlobStore, target: BlobStore) -> tuple[int, int]:
    """Those that aren't there yet. Returns how many, and how many were damaged. Raises
    PicturesAway, alone or in a group.
    """
    waiting = sorted(await keys_of(source) - await keys_of(target))
    copied = 0
    for first in range(0, len(waiting), AT_ONCE):
        async with asyncio.TaskGroup() as group:
            keys = waiting[first : first + AT_ONCE]
            copies = [group.create_task(_copy(key, source, target)) for key in keys]
        copied += sum(copy.result() for copy in copies)
    return copied, len(waiting) - copied


async def _copy(key: str, source: BlobStore, target: BlobStore) -> bool:
    try:
        await target.put(await source.get(key))
    except PictureMissing:
        return False
    return True
