"""A button of an older version, or data that a client made up: answered, like every press."""

from aiogram.types import CallbackQuery

from bot.i18n import _
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts.results import UNKNOWN_BUTTON


async def unknown(query: CallbackQuery, services: Services) -> None:
    services.answers.toast(query, _(UNKNOWN_BUTTON), alert=True)


def create_router() -> Router:
    router = Router(name="unknown buttons")
    router.callback_query.register(unknown)
    return router
