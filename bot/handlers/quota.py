from aiogram.filters import Command
from aiogram.types import Message

from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.texts import groups as texts_groups


async def quota(message: Message, services: Services) -> None:
    view = await services.show_quota(author_id(message))
    own = texts.quota(view, services.timezone, services.clock.now())
    pool = texts_groups.pool(await services.show_pool(message.chat.id))
    services.answers.reply(message, own + pool)


def create_router() -> Router:
    router = Router(name="quota")
    router.message.register(quota, Command("quota", ignore_case=True))
    return router
