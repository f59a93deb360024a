"""One's own pictures: in private all of them, in a group one at a time and only what was drawn there."""

import re

from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.i18n import _
from bot.panels.callbacks import HistoryOpened, HistoryTurned, PanelClosed
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import history as texts
from bot.usecases.errors import KeyboardGone, NoSuchPicture

SHOW_ONE = re.compile(r"show_\d+")  # as the page writes it, for people to press
LONGEST_ID = 18  # digits; what is longer no database numbers


async def history(message: Message, services: Services) -> None:
    page = await services.show_history(author_id(message))
    if not page.results:
        services.answers.reply(message, _(texts.EMPTY))
        return
    await services.history_panel.open(message, page, texts.page(page, services.timezone))


async def not_here(message: Message, services: Services) -> None:
    await services.answers.refuse(message, _(texts.PRIVATE_ONLY))


async def turned(query: CallbackQuery, callback_data: HistoryTurned, services: Services) -> None:
    before, after = callback_data.before or None, callback_data.after or None
    page = await services.show_history(query.from_user.id, before=before, after=after)
    if not page.results:  # all of it was forgotten meanwhile
        raise KeyboardGone
    await services.history_panel.turn(query, page, texts.page(page, services.timezone))
    services.answers.toast(query, "")


async def opened(query: CallbackQuery, callback_data: HistoryOpened, services: Services) -> None:
    result = await services.show_history.one(query.from_user.id, callback_data.job_id)
    if query.message is not None:
        services.resend(query.message, result, _(texts.NO_SUCH_PICTURE))
    services.answers.toast(query, "")


async def show(message: Message, command: CommandObject, services: Services) -> None:
    wanted = (command.args or command.command.partition("_")[2]).strip().lstrip("#")
    if not wanted.isascii() or not wanted.isdecimal():
        await services.answers.refuse(message, _(texts.SHOW_WHICH))
        return
    if len(wanted) > LONGEST_ID:
        raise NoSuchPicture
    chat_id = None if message.chat.type == "private" else message.chat.id
    result = await services.show_history.one(author_id(message), int(wanted), chat_id=chat_id)
    services.resend(message, result, _(texts.NO_SUCH_PICTURE))


async def closed(query: CallbackQuery, services: Services) -> None:
    services.panels.drop(query)
    services.answers.toast(query, "")


def create_router() -> Router:
    router = Router(name="history")
    is_private = F.chat.type == "private"
    of_private = F.message.chat.type == "private"
    router.message.register(history, Command("history", ignore_case=True), is_private)
    router.message.register(not_here, Command("history", ignore_case=True))
    router.message.register(show, Command("show", SHOW_ONE, ignore_case=True))
    router.callback_query.register(turned, HistoryTurned.filter(), of_private)
    router.callback_query.register(opened, HistoryOpened.filter(), of_private)
    router.callback_query.register(closed, PanelClosed.filter(), of_private)
    return router
