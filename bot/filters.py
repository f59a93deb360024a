"""Whom a handler is for; what passes no filter is answered as if there were no such command."""

from aiogram.types import Message

from bot.replies import author_id
from bot.services import Services


async def from_owner(message: Message, services: Services) -> bool:
    """In private only: what the owner asks is nobody else's to read."""
    return message.chat.type == "private" and services.admins.is_owner(author_id(message))
