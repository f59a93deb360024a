"""What a failed call means for the message in the chat: aiogram's errors, sorted once.

The texts are Telegram's own, from the Bot API server; they are matched by their stable part.
"""

from dataclasses import dataclass
from enum import Enum, auto

from aiogram import exceptions

from bot.telegram.pace import ChatClosed

TELEGRAM_FAILURES = (exceptions.TelegramAPIError, exceptions.ClientDecodeError, ChatClosed)
"""Everything a call can raise: an HTML 502 is a ClientDecodeError, which is no TelegramAPIError."""


class Fate(Enum):
    DONE = auto()  # the message is already as wanted
    WAIT = auto()  # 429: not before `seconds`
    UNKNOWN = auto()  # 5xx, reset, timeout: it may have taken effect
    NO_MESSAGE = auto()  # the message to edit is gone
    NO_TEXT = auto()  # a photo stands there: it has a caption, and can't become text
    NO_CAPTION = auto()  # words stand there
    NO_TOPIC = auto()  # the forum topic is gone or closed
    NO_PHOTO = auto()  # Telegram won't take this picture as a photo
    MOVED = auto()  # the group became the supergroup `new_chat_id`
    UNREACHABLE = auto()  # blocked, kicked, no rights, no such chat
    REFUSED = auto()  # any other 400: our own mistake


@dataclass(frozen=True, slots=True)
class Judgement:
    fate: Fate
    seconds: float = 0.0
    new_chat_id: int = 0


BAD_REQUESTS = (
    ("message is not modified", Fate.DONE),
    ("message to edit not found", Fate.NO_MESSAGE),
    ("message can't be edited", Fate.NO_MESSAGE),
    ("message_id_invalid", Fate.NO_MESSAGE),
    ("message to delete not found", Fate.NO_MESSAGE),
    ("message to copy not found", Fate.NO_MESSAGE),
    ("there is no text in the message to edit", Fate.NO_TEXT),
    ("there is no caption in the message to edit", Fate.NO_CAPTION),
    ("message thread not found", Fate.NO_TOPIC),
    ("topic_closed", Fate.NO_TOPIC),
    ("topic_deleted", Fate.NO_TOPIC),
    ("photo_", Fate.NO_PHOTO),
    ("image_process_failed", Fate.NO_PHOTO),
    ("wrong type of the web page content", Fate.NO_PHOTO),
    ("too big for a photo", Fate.NO_PHOTO),
    ("too large", Fate.NO_PHOTO),
    ("chat not found", Fate.UNREACHABLE),
    ("not enough rights", Fate.UNREACHABLE),
    ("have no rights", Fate.UNREACHABLE),
    ("need administrator rights", Fate.UNREACHABLE),
    ("chat_write_forbidden", Fate.UNREACHABLE),
    ("chat_send_", Fate.UNREACHABLE),
    ("group chat was deactivated", Fate.UNREACHABLE),
    ("user is deactivated", Fate.UNREACHABLE),
)


def judge(error: Exception) -> Judgement:
    """Only for what is in TELEGRAM_FAILURES."""
    match error:
        case ChatClosed():
            return Judgement(Fate.WAIT, seconds=error.seconds)
        case exceptions.TelegramRetryAfter():
            return Judgement(Fate.WAIT, seconds=float(error.retry_after))
        case exceptions.TelegramMigrateToChat():
            return Judgement(Fate.MOVED, new_chat_id=error.migrate_to_chat_id)
        case exceptions.TelegramForbiddenError() | exceptions.TelegramUnauthorizedError():
            return Judgement(Fate.UNREACHABLE)
        case exceptions.TelegramEntityTooLarge():
            return Judgement(Fate.NO_PHOTO)
        case exceptions.TelegramBadRequest() | exceptions.TelegramNotFound():
            return Judgement(_fate_of_text(error.message))
        case _:
            return Judgement(Fate.UNKNOWN)


def _fate_of_text(message: str) -> Fate:
    folded = message.lower()
    return next((fate for part, fate in BAD_REQUESTS if part in folded), Fate.REFUSED)
