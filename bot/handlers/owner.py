from aiogram.filters import Command
from aiogram.types import Message

from bot.filters import from_owner
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import providers as texts_providers


async def providers(message: Message, services: Services) -> None:
    reports = await services.probe_providers()
    services.answers.reply(message, texts_providers.providers(reports))


def create_router() -> Router:
    router = Router(name="owner")
    router.message.filter(from_owner)
    router.message.register(providers, Command("providers", ignore_case=True))
    return router
