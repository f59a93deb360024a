"""Which pictures a message brings: with it, with the rest of its album, in the message it replies to."""

from collections.abc import Iterable, Sequence

from aiogram.types import Document, Message, PhotoSize

from bot.pictures.given import MAX_SIDE
from bot.telegram.files import TelegramFile, TelegramFiles
from bot.usecases.errors import PictureRefused, PictureTrouble
from bot.usecases.given import Given
from bot.usecases.inputs import PictureSource

MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/webp"})


def given_with(
    message: Message, album: Sequence[Message], files: TelegramFiles
) -> Given[PictureSource]:
    """`album`: every message of the command's own album, itself included; may be empty.

    Raises PictureRefused for a file of another kind.
    """
    replied = [message.reply_to_message] if message.reply_to_message else []
    attached = tuple(_pictures(album or [message], files))
    if message.caption and not attached:  # a caption of something: a video, say
        raise PictureRefused(PictureTrouble.NOT_A_PICTURE)
    return Given(
        replied=tuple(_pictures(replied, files)),
        attached=attached,
        lone_of_album=message.media_group_id is not None and len(attached) == 1,
    )


def _pictures(messages: Iterable[Message], files: TelegramFiles) -> Iterable[TelegramFile]:
    for message in messages:
        if message.photo:
            size = _best(message.photo)
            yield TelegramFile(files, size.file_id, size.file_size)
        elif message.document and _is_picture(message.document):
            yield TelegramFile(files, message.document.file_id, message.document.file_size)


def _best(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """The largest that isn't larger than needed."""
    fitting = [size for size in sizes if max(size.width, size.height) <= MAX_SIDE]
    if fitting:
        return max(fitting, key=lambda size: size.width * size.height)
    return min(sizes, key=lambda size: size.width * size.height)


def _is_picture(document: Document) -> bool:
    """Raises PictureRefused for a kind of picture nobody here can read (GIF, HEIC, SVG, ...)."""
    media_type = (document.mime_type or "").lower()
    if media_type.startswith("image/") and media_type not in MEDIA_TYPES:
        raise PictureRefused(PictureTrouble.NOT_A_PICTURE)
    return media_type in MEDIA_TYPES
