from aiogram import Router
from aiogram.filters import Command, CommandStart
from aiogram.types import Message

from bot import texts, texts_providers
from bot.filters import from_owner
from bot.services import Services


async def start(message: Message, services: Services) -> None:
    services.answers.reply(message, texts.START)


async def show_help(message: Message, services: Services) -> None:
    more = texts_providers.OWNER_HELP if await from_owner(message, services) else ""
    services.answers.reply(message, texts.HELP + more)


def create_router() -> Router:
    router = Router(name="start")
    router.message.register(start, CommandStart(ignore_case=True))
    router.message.register(show_help, Command("help", ignore_case=True))
    return router
