"""/stats: the last days as a chart, in words where there can be none."""

from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks_operations import Deed, DeedWanted
from bot.filters import from_admin
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import statistics as texts_statistics

USUAL_DAYS = 7
IN_WORDS = "text"


async def stats(message: Message, command: CommandObject, services: Services) -> None:
    words = (command.args or "").lower().split()
    in_words = IN_WORDS in words
    days = _days([word for word in words if word != IN_WORDS])
    if days is None:
        services.answers.reply(message, texts_statistics.usage())
        return
    seen = await services.operations.show_statistics(days)
    if in_words:
        services.answers.reply(message, texts_statistics.statistics(seen))
    else:
        services.operations.screen.draw(message, seen)


async def press_stats(query: CallbackQuery, services: Services) -> None:
    services.answers.toast(query, "")
    seen = await services.operations.show_statistics(USUAL_DAYS)
    if query.message is not None:
        services.operations.screen.draw(query.message, seen)


def _days(words: list[str]) -> int | None:
    """None where they say nothing that can be shown."""
    if not words:
        return USUAL_DAYS
    if len(words) > 1 or not words[0].isdecimal() or len(words[0]) > len("90"):
        return None
    days = int(words[0])
    return days if 1 <= days <= texts_statistics.MOST_DAYS else None


def create_router() -> Router:
    router = Router(name="stats")
    router.message.register(stats, from_admin, Command("stats", ignore_case=True))
    router.callback_query.register(press_stats, from_admin, DeedWanted.filter(F.deed == Deed.STATS))
    return router
