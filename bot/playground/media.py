"""Files a request brings or names: uploads, `attach://` parts and file ids."""

from typing import Any

from bot.playground.errors import bad_request
from bot.playground.params import Request, Upload
from bot.playground.pictures import photograph, thumbnail
from bot.playground.records import StoredFile
from bot.playground.state import World

ATTACHED = "attach://"
WRONG_ID = "wrong remote file identifier specified: can't unserialize it"


async def photo_of(world: World, request: Request, name: str, value: Any) -> StoredFile:
    """The picture `value` stands for, stored; `name` is the parameter it came in.

    Raises:
        ApiError: 400, where Telegram would not take it as a photo.
    """
    upload = _upload(request, name, value)
    if upload:
        return world.store_photo(await photograph(upload.content))
    known = _known(world, value)
    if known.file_id not in world.photos:
        raise bad_request("can't use file of type Document as Photo")
    return world.photos[known.file_id]


async def document_of(world: World, request: Request, name: str, value: Any) -> StoredFile:
    upload = _upload(request, name, value)
    if upload:
        if not upload.content:
            raise bad_request("file must be non-empty")
        shown = await thumbnail(upload.content)
        return world.store_document(upload.content, upload.name, shown)
    known = _known(world, value)
    if known.file_id in world.photos:
        raise bad_request("can't use file of type Photo as Document")
    return known


def _upload(request: Request, name: str, value: Any) -> Upload | None:
    part = name
    if isinstance(value, str) and value.startswith(ATTACHED):
        part = value.removeprefix(ATTACHED)
        if part not in request.uploads:
            raise bad_request(f"file {part} is not attached")
    return request.uploads.get(part)


def _known(world: World, value: Any) -> StoredFile:
    if not value:
        raise bad_request("there is no file in the request")
    if str(value).startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the playground fetches nothing
    known = world.files.get(str(value))
    if known is None:
        raise bad_request(WRONG_ID)
    return known
