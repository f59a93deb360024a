"""Each person's own language, in groups too; a chat has none."""

from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import LanguageChosen
from bot.i18n import _, use_locale
from bot.keyboards import language_keyboard
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import language as texts_language


async def language(message: Message, services: Services) -> None:
    services.answers.reply(message, _(texts_language.CHOOSE), language_keyboard())


async def chosen(query: CallbackQuery, callback_data: LanguageChosen, services: Services) -> None:
    person, wanted = query.from_user, callback_data.language
    await services.languages.choose(person.id, wanted)
    with use_locale(wanted or person.language_code):
        words = _(texts_language.CHOSEN)
    services.answers.toast(query, words)
    if query.message is not None and query.message.chat.type == "private":
        services.answers.replace(query.message, words)


def create_router() -> Router:
    router = Router(name="language")
    router.message.register(language, Command("language", ignore_case=True))
    router.callback_query.register(chosen, LanguageChosen.filter())
    return router
