"""Inline and guest mode: what the owner switched on at BotFather, and the storage chat's door."""

from collections.abc import AsyncIterator

from aiogram import Bot
from aiogram.types import (
    ChatMemberAdministrator,
    ChatMemberBanned,
    ChatMemberLeft,
    ChatMemberRestricted,
    ResultChatMemberUnion,
)

from bot.doctor.findings import Finding, bad, good, note
from bot.telegram.errors import TELEGRAM_FAILURES

FEEDBACK = "and /setinlinefeedback 100%, which can't be looked up"


async def examine_inline(bot: Bot, storage_chat_id: int | None) -> AsyncIterator[Finding]:
    """Posts nothing."""
    me = await bot.me()
    if storage_chat_id is None:
        if me.supports_inline_queries:
            yield note("STORAGE_CHAT_ID", "is not set: inline mode shows old pictures only")
        return
    yield await _storage_chat(bot, storage_chat_id)
    if me.supports_inline_queries:
        yield good("inline mode", f"is on; it needs /setinline at BotFather {FEEDBACK}")
    else:
        yield note("inline mode", f"is off: send /setinline to BotFather {FEEDBACK}")
    if not me.supports_guest_queries:
        yield note("guest mode", "is off: it is switched on in the bot's settings at BotFather")


async def _storage_chat(bot: Bot, chat_id: int) -> Finding:
    try:
        chat = await bot.get_chat(chat_id)
        own = None if chat.type == "private" else await bot.get_chat_member(chat_id, bot.id)
    except TELEGRAM_FAILURES as error:
        return bad("STORAGE_CHAT_ID", f"{chat_id} can't be reached ({type(error).__name__})")
    if own is not None and not _may_post(own, in_channel=chat.type == "channel"):
        return bad("STORAGE_CHAT_ID", f"the bot may not send photos to {chat_id}; make it an admin")
    return good("STORAGE_CHAT_ID", f"{chat.title or chat.first_name}: the bot may post there")


def _may_post(own: ResultChatMemberUnion, *, in_channel: bool) -> bool:
    match own:
        case ChatMemberLeft() | ChatMemberBanned():
            return False
        case ChatMemberAdministrator() if in_channel:
            return bool(own.can_post_messages)
        case ChatMemberRestricted():
            return own.is_member and own.can_send_photos
        case _:
            return not in_channel
