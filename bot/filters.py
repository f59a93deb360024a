"""Whom a handler is for; what passes no filter is answered as if there were no such command."""

from aiogram.types import CallbackQuery, Message

from bot.services import Services
from bot.telegram.replies import author_id


async def from_admin(event: Message | CallbackQuery, services: Services) -> bool:
    """An owner, or an admin named in the chat; in private only, as for owners."""
    message = event.message if isinstance(event, CallbackQuery) else event
    if message is None or message.chat.type != "private":
        return False
    user_id = event.from_user.id if isinstance(event, CallbackQuery) else author_id(event)
    return await services.roles.is_admin(user_id)


async def from_owner(message: Message, services: Services) -> bool:
    """In private only: what the owner asks is nobody else's to read."""
    return message.chat.type == "private" and services.admins.is_owner(author_id(message))


async def from_admin_replying(message: Message, services: Services) -> bool:
    """As from_admin, and in a group where the command replies to a person's message."""
    if message.chat.type != "private" and message.reply_to_message is None:
        return False
    return await from_admin_anywhere(message, services)


async def from_admin_anywhere(message: Message, services: Services) -> bool:
    """Answered in private; one who writes as a chat has no private chat."""
    return message.sender_chat is None and await services.roles.is_admin(author_id(message))


async def from_owner_replying(message: Message, services: Services) -> bool:
    """As from_admin_replying, for owners."""
    named = message.chat.type == "private" or message.reply_to_message is not None
    return named and message.sender_chat is None and services.roles.is_owner(author_id(message))
