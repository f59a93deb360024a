from aiogram.filters import Command, CommandStart
from aiogram.types import Message

from bot.filters import from_admin, from_owner
from bot.i18n import _
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.texts import people as texts_people
from bot.texts import providers as texts_providers


async def start(message: Message, services: Services) -> None:
    services.answers.reply(message, _(texts.START))


async def show_help(message: Message, services: Services) -> None:
    more = [_(texts_people.HELP)] if await from_admin(message, services) else []
    if await from_owner(message, services):
        more += [_(texts_people.OWNER_HELP), _(texts_providers.OWNER_HELP)]
    services.answers.reply(message, texts.how_to(*more))


def create_router() -> Router:
    router = Router(name="start")
    router.message.register(start, CommandStart(ignore_case=True))
    router.message.register(show_help, Command("help", ignore_case=True))
    return router
