"""A person's own settings, in private: one message, changed by its buttons."""

from typing import Any

from aiogram import F
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message, User

from bot.i18n import LANGUAGES, _, spoken, use_locale
from bot.panels.callbacks import (
    Page,
    SettingsFiles,
    SettingsLanguage,
    SettingsModel,
    SettingsRatio,
    SettingsStyle,
    SettingsTurned,
)
from bot.panels.panels import Screen
from bot.panels.settings import settings_screen
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import settings as texts
from bot.usecases.errors import NotOnTheMenu


async def settings(message: Message, services: Services) -> None:
    if message.from_user is not None:
        services.panels.open(message, await _screen(message.from_user, services))


async def not_here(message: Message, services: Services) -> None:
    await services.answers.refuse(message, _(texts.PRIVATE_ONLY))


async def turned(query: CallbackQuery, callback_data: SettingsTurned, services: Services) -> None:
    screen = await _screen(query.from_user, services, callback_data.page)
    services.panels.change(query, screen)
    services.answers.toast(query, "")


async def ratio(query: CallbackQuery, callback_data: SettingsRatio, services: Services) -> None:
    wanted = callback_data.ratio
    await _choose(query, services, ratio=services.menu.ratio(wanted) if wanted else None)


async def style(query: CallbackQuery, callback_data: SettingsStyle, services: Services) -> None:
    wanted = callback_data.style
    await _choose(query, services, style=services.menu.style(wanted) if wanted else None)


async def model(query: CallbackQuery, callback_data: SettingsModel, services: Services) -> None:
    wanted = callback_data.model
    await _choose(query, services, model=services.menu.model(wanted) if wanted else None)


async def files(query: CallbackQuery, callback_data: SettingsFiles, services: Services) -> None:
    await services.prefer.files(query.from_user.id, wanted=callback_data.wanted)
    await _show(query, services)


async def language(
    query: CallbackQuery, callback_data: SettingsLanguage, services: Services
) -> None:
    wanted = callback_data.language or None
    if wanted not in (None, *LANGUAGES):
        raise NotOnTheMenu
    await services.languages.choose(query.from_user.id, wanted)
    with use_locale(wanted or spoken(query.from_user.language_code)):
        await _show(query, services)


async def _choose(query: CallbackQuery, services: Services, **chosen: Any) -> None:
    await services.prefer.always(query.from_user.id, **chosen)
    await _show(query, services)


async def _show(query: CallbackQuery, services: Services) -> None:
    services.panels.change(query, await _screen(query.from_user, services))
    services.answers.toast(query, "")


async def _screen(person: User, services: Services, page: Page = Page.MAIN) -> Screen:
    preferences = await services.prefer.of(person.id)
    chosen = await services.languages.of(person.id)
    return settings_screen(preferences, services.menu, chosen, page)


def create_router() -> Router:
    router = Router(name="settings")
    command = Command("settings", ignore_case=True)
    router.message.register(settings, command, F.chat.type == "private")
    router.message.register(not_here, command)
    router.callback_query.filter(F.message.chat.type == "private")
    pressed = router.callback_query.register
    pressed(turned, SettingsTurned.filter())
    pressed(ratio, SettingsRatio.filter())
    pressed(style, SettingsStyle.filter())
    pressed(model, SettingsModel.filter())
    pressed(language, SettingsLanguage.filter())
    pressed(files, SettingsFiles.filter())
    return router
