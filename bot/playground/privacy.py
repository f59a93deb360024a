"""Privacy mode: in groups a plain member sees what is addressed to it, and no more.

https://core.telegram.org/bots/features#privacy-mode
"""

from bot.playground.entities import found_in
from bot.playground.records import Chat, Json, Message
from bot.playground.state import World


def bot_sees(world: World, chat: Chat, message: Message) -> bool:
    """Judged message by message, so of an album with a command as its caption the first alone."""
    if chat.kind == "private":
        return True
    if not chat.has(world.bot.id):
        return False
    if chat.kind == "channel":
        return True
    if not world.privacy_mode or chat.members[world.bot.id] == "administrator":
        return True
    replied = chat.messages.get(message.reply_to_message_id or 0)
    to_bot = message.via_bot or (replied is not None and replied.sender is world.bot)
    return bool(message.service) or to_bot or _addresses(world.bot.username, message.words)


def mentions(username: str, words: str) -> bool:
    """Whether the bot is named: that summons it where it is no member."""
    name = f"@{username.lower()}"
    return any(
        entity["type"] == "mention" and _slice(words, entity).lower() == name
        for entity in found_in(words)
    )


def _addresses(username: str, words: str) -> bool:
    name = f"@{username.lower()}"
    for entity in found_in(words):
        found = _slice(words, entity).lower()
        at = found.find("@")
        if entity["type"] in ("bot_command", "mention") and (at < 0 or found[at:] == name):
            return True
    return False


def _slice(words: str, entity: Json) -> str:
    units = words.encode("utf-16-le")
    start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
    return units[start:end].decode("utf-16-le")
