"""In a private chat nobody is left without an answer; in a group the bot isn't being spoken to."""

from aiogram import F
from aiogram.types import Message

from bot.i18n import _
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import everyday as texts


async def not_understood(message: Message, services: Services) -> None:
    services.answers.reply(message, _(texts.NOT_UNDERSTOOD))


def create_router() -> Router:
    router = Router(name="fallback")
    router.message.register(not_understood, F.chat.type == "private", F.text)
    return router
