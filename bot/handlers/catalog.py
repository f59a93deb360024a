from aiogram.filters import Command
from aiogram.types import Message

from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import everyday as texts


async def styles(message: Message, services: Services) -> None:
    services.answers.reply(message, texts.styles(sorted(services.engines.styles)))


async def models(message: Message, services: Services) -> None:
    services.answers.reply(message, texts.models(services.engines.offers))


def create_router() -> Router:
    router = Router(name="catalog")
    router.message.register(styles, Command("styles", ignore_case=True))
    router.message.register(models, Command("models", ignore_case=True))
    return router
