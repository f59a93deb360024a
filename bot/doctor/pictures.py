"""Where BLOB_URL says that pictures are; of DATA_DIR is told elsewhere."""

import secrets
from collections.abc import AsyncIterator

from bot.blobs import build_blobs, picture_folder
from bot.doctor.findings import Finding, bad, good, note
from bot.doctor.machine import look_at_folder
from bot.settings import Settings, WrongSetting
from providers.clock import SystemClock
from storage.base import BlobStore
from storage.errors import PictureMissing, PicturesAway


async def examine_pictures(settings: Settings) -> AsyncIterator[Finding]:
    """Asks no server."""
    if settings.blob_url is None:
        return
    try:
        build_blobs(settings)
    except WrongSetting as error:
        yield bad(error.name, error.problem)
        return
    if (folder := picture_folder(settings)) is not None:
        yield await look_at_folder(folder, "BLOB_URL")
    elif (settings.aws_endpoint_url or "").startswith("http:"):
        yield note("AWS_ENDPOINT_URL", "is plain http: on the way anyone can see the pictures")


async def examine_bucket(settings: Settings) -> AsyncIterator[Finding]:
    """A picture of our own is put, read and deleted again; nothing else is touched."""
    try:
        if settings.blob_url is None or picture_folder(settings) is not None:
            return
        blobs = build_blobs(settings)
    except WrongSetting:
        return  # told already
    clock = SystemClock()
    started = clock.monotonic()
    try:
        await _try_all(blobs)
    except (PicturesAway, PictureMissing) as error:
        yield bad("BLOB_URL", str(error))
        return
    took = clock.monotonic() - started
    words = f"a picture was written, read and deleted in {took * 1000:.0f} ms"
    yield good("BLOB_URL", f"{settings.blob_url}: {words}")


async def _try_all(blobs: BlobStore) -> None:
    """With bytes that are nobody's picture."""
    key = await blobs.put(secrets.token_bytes(1024))
    try:
        await blobs.get(key)
    finally:
        await blobs.delete(key)
