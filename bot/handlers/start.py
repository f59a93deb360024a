from aiogram import Router
from aiogram.filters import Command, CommandStart
from aiogram.types import Message

from bot import texts
from bot.services import Services


async def start(message: Message, services: Services) -> None:
    services.answers.reply(message, texts.START)


async def show_help(message: Message, services: Services) -> None:
    services.answers.reply(message, texts.HELP)


def create_router() -> Router:
    router = Router(name="start")
    router.message.register(start, CommandStart(ignore_case=True))
    router.message.register(show_help, Command("help", ignore_case=True))
    return router
