"""A typo mended: an edited /imagine that was refused before is a new try; one that was accepted is
left alone.
"""

from datetime import timedelta

from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.handlers.imagine import draw
from bot.services import Services
from bot.telegram.routing import Router

MENDED_WITHIN = timedelta(hours=1)


async def edited(message: Message, command: CommandObject, services: Services) -> None:
    mends = services.clock.now() - message.date <= MENDED_WITHIN
    if mends and not await services.imagine.knows(message.chat.id, message.message_id):
        await draw(message, command.args or "", services)


def create_router() -> Router:
    router = Router(name="edited")
    router.edited_message.register(edited, Command("imagine", ignore_case=True))
    return router
