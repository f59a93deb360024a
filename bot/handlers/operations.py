"""The panel, the queue and what is paused, for admins in their private chats."""

from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks_operations import (
    Deed,
    DeedWanted,
    Page,
    PageWanted,
)
from bot.filters import from_admin
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import operations as texts_operations


async def admin(message: Message, services: Services) -> None:
    services.operations.screen.open(message, await services.operations.panel.page(Page.HOME))


async def queue(message: Message, services: Services) -> None:
    services.operations.screen.open(message, await services.operations.panel.page(Page.QUEUE))


async def pause(message: Message, command: CommandObject, services: Services) -> None:
    await services.operations.pauses.pause(_provider(command), by=author_id(message))
    await _answer(message, services)


async def resume(message: Message, command: CommandObject, services: Services) -> None:
    await services.operations.pauses.resume(_provider(command), by=author_id(message))
    services.worker.ring()
    await _answer(message, services)


async def drain(message: Message, services: Services) -> None:
    await services.operations.pauses.drain(by=author_id(message))
    await services.operations.drain_report.open(message)


async def turn_page(query: CallbackQuery, callback_data: PageWanted, services: Services) -> None:
    services.answers.toast(query, "")
    services.operations.screen.turn(query, await services.operations.panel.page(callback_data.page))


async def press_pause(query: CallbackQuery, callback_data: DeedWanted, services: Services) -> None:
    provider = callback_data.provider or None
    await services.operations.pauses.pause(provider, by=query.from_user.id)
    await _show(query, services, Page.PROVIDERS if provider else Page.HOME)


async def press_resume(query: CallbackQuery, callback_data: DeedWanted, services: Services) -> None:
    provider = callback_data.provider or None
    await services.operations.pauses.resume(provider, by=query.from_user.id)
    services.worker.ring()
    await _show(query, services, Page.PROVIDERS if provider else Page.HOME)


async def press_drain(query: CallbackQuery, services: Services) -> None:
    await services.operations.pauses.drain(by=query.from_user.id)
    await _show(query, services, Page.HOME)
    if query.message is not None:
        await services.operations.drain_report.open(query.message)


async def press_close(query: CallbackQuery, services: Services) -> None:
    services.answers.toast(query, "")
    services.operations.screen.close(query)


async def _answer(message: Message, services: Services) -> None:
    view = await services.operations.show_queue()
    services.answers.reply(message, texts_operations.state(view))


async def _show(query: CallbackQuery, services: Services, page: Page) -> None:
    services.answers.toast(query, "")
    services.operations.screen.turn(query, await services.operations.panel.page(page))


def _provider(command: CommandObject) -> str | None:
    """None: everything."""
    return (command.args or "").strip().lower() or None


def create_router() -> Router:
    router = Router(name="operations")
    for handler in (admin, queue, pause, resume, drain):
        router.message.register(handler, from_admin, Command(handler.__name__, ignore_case=True))
    router.callback_query.register(turn_page, from_admin, PageWanted.filter())
    for deed, press in (
        (Deed.PAUSE, press_pause),
        (Deed.RESUME, press_resume),
        (Deed.DRAIN, press_drain),
        (Deed.CLOSE, press_close),
    ):
        router.callback_query.register(press, from_admin, DeedWanted.filter(F.deed == deed))
    return router
