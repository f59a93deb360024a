"""Which message an answer replies to, and who wrote it."""

from hashlib import sha256
from typing import TypedDict

from aiogram.types import MaybeInaccessibleMessageUnion, Message, ReplyParameters

from storage.records import Job


def reply_to(message_id: int) -> ReplyParameters | None:
    """None where the command stayed behind in a group that became a supergroup (id below 1)."""
    if message_id < 1:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


class Place(TypedDict):
    """Where an answer goes, as a send method's parameters have it."""

    message_thread_id: int | None
    reply_parameters: ReplyParameters | None


def place_of(message: MaybeInaccessibleMessageUnion) -> Place:
    """Of an answer to this message: its topic, as a reply."""
    if not isinstance(message, Message):
        return {"message_thread_id": None, "reply_parameters": None}
    return {
        "message_thread_id": message.message_thread_id if message.is_topic_message else None,
        "reply_parameters": reply_to(message.message_id),
    }


def answers_to(job: Job) -> ReplyParameters | None:
    return reply_to(job.reply_to or job.message_id)


def press_number(key: str) -> int:
    """In place of a message id, for a job asked for without a message: by a button, say.

    The same for the same key (a callback query's id), so that a press that comes twice makes one
    job. Below -2**62, where no message id, and no number of a job that moved, ever is.
    """
    return -(2**62) - (int.from_bytes(sha256(key.encode()).digest()[:8]) >> 3)


def author_id(message: Message) -> int:
    """A channel or an anonymous admin writes as a chat: its id, which no person has, pays."""
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else 0
