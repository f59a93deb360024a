"""Which message an answer replies to, and who wrote it."""

from aiogram.types import Message, ReplyParameters


def reply_to(message_id: int) -> ReplyParameters | None:
    """None where the command stayed behind in a group that became a supergroup (id below 1)."""
    if message_id < 1:
        return None
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


def author_id(message: Message) -> int:
    """A channel or an anonymous admin writes as a chat: its id, which no person has, pays."""
    if message.sender_chat is not None:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else 0
