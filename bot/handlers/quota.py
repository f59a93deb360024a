from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot import texts
from bot.replies import author_id
from bot.services import Services


async def quota(message: Message, services: Services) -> None:
    view = await services.show_quota(author_id(message))
    services.answers.reply(message, texts.quota(view, services.timezone, services.clock.now()))


def create_router() -> Router:
    router = Router(name="quota")
    router.message.register(quota, Command("quota", ignore_case=True))
    return router
