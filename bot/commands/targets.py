"""Whom an admin's command is about: an id, a @username, a mention, or the author of the message that
it replies to.
"""

import re
from typing import NamedTuple

from aiogram.filters import CommandObject
from aiogram.types import Message, MessageOriginUser

from bot.services import Services
from bot.telegram.replies import author_id
from bot.usecases.errors import BadOrder, PersonNotFound

# Telegram's ids, those of groups below zero, fit 52 bits.
_ID = re.compile(r"-?\d{1,16}", re.ASCII)


class Target(NamedTuple):
    """words: what else was typed."""

    id: int
    words: list[str]


async def find_target(message: Message, command: CommandObject, services: Services) -> Target:
    """Someone named counts; then whoever wrote the message replied to; then an id.

    Raises PersonNotFound, and BadOrder where nobody is named at all.
    """
    words = (command.args or "").split()
    if (mentioned := _mentioned(message, words)) is not None:
        return mentioned
    if words and words[0].startswith("@"):
        return Target(await services.people.show.named(words[0]), words[1:])
    if (author := _replied_to(message)) is not None:
        return Target(author, words)
    if words and _ID.fullmatch(words[0]) and int(words[0]):
        return Target(int(words[0]), words[1:])
    if message.reply_to_message is not None and _is_own(message.reply_to_message, message):
        raise PersonNotFound
    raise BadOrder(command.command.lower())


async def find_target_or_here(
    message: Message, command: CommandObject, services: Services
) -> Target:
    """Where nobody is named and nothing replied to, it is the group the command is written in."""
    in_group = message.chat.type != "private"
    if in_group and not command.args and message.reply_to_message is None:
        return Target(message.chat.id, [])
    return await find_target(message, command, services)


def _mentioned(message: Message, words: list[str]) -> Target | None:
    """Someone without a @username is mentioned by their name, which may be several words."""
    text = message.text or ""
    for entity in message.entities or ():
        if entity.type == "text_mention" and entity.user is not None:
            name = entity.extract_from(text).split()
            if words[: len(name)] == name:
                return Target(entity.user.id, words[len(name) :])
    return None


def _replied_to(message: Message) -> int | None:
    """The author; of what was forwarded, whoever wrote it first."""
    reply = message.reply_to_message
    if reply is None or reply.forum_topic_created is not None:
        return None  # in a forum everything "replies" to its topic's first message
    if isinstance(reply.forward_origin, MessageOriginUser):
        return reply.forward_origin.sender_user.id
    if reply.forward_origin is not None or _is_own(reply, message):
        return None
    return author_id(reply) or None


def _is_own(reply: Message, message: Message) -> bool:
    """The bot's."""
    bot = message.bot
    return bot is not None and reply.from_user is not None and reply.from_user.id == bot.id
