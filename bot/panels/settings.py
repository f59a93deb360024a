"""A person's settings as they are shown: what is chosen, and a page of buttons for each of it."""

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import LANGUAGES, _
from bot.panels.callbacks import (
    Page,
    PanelClosed,
    SettingsFiles,
    SettingsLanguage,
    SettingsModel,
    SettingsRatio,
    SettingsStyle,
    SettingsTurned,
)
from bot.panels.choosing import Row, button, marked, markup, model_rows, ratio_rows, style_rows
from bot.panels.panels import Screen
from bot.texts import guided as texts_guided
from bot.texts import settings as texts
from bot.usecases.menu import Menu
from bot.usecases.preferences import Preferences


def settings_screen(
    preferences: Preferences, menu: Menu, language: str | None, page: Page = Page.MAIN
) -> Screen:
    """language: the one chosen here; None follows Telegram's."""
    known = preferences.model_copy(update={"always": menu.known(preferences.always)})
    keyboard = _keyboard(known, menu, language, page)
    return Screen(texts.page(known, menu, language), keyboard)


def _keyboard(
    preferences: Preferences, menu: Menu, language: str | None, page: Page
) -> InlineKeyboardMarkup:
    always = preferences.always
    back = [button(_(texts_guided.BACK), SettingsTurned(page=Page.MAIN))]
    match page:
        case Page.RATIO:
            free = _free(SettingsRatio(), is_chosen=always.ratio is None)
            return markup(*ratio_rows(always.ratio, _ratio), free, back)
        case Page.STYLE:
            free = _free(SettingsStyle(), is_chosen=always.style is None)
            return markup(*style_rows(menu, always.style, _style), free, back)
        case Page.MODEL:
            return markup(*model_rows(menu, always.model, _model), back)
        case Page.LANGUAGE:
            return markup(*_languages(language), back)
        case _:
            return _main(preferences, menu, language)


def _main(preferences: Preferences, menu: Menu, language: str | None) -> InlineKeyboardMarkup:
    always, files = preferences.always, preferences.files
    style = [_turning(texts.style(always.style), Page.STYLE)]
    shape = [_turning(texts.shape(always.ratio), Page.RATIO)]
    model = [_turning(texts.model(always.model), Page.MODEL)] if len(menu.models) > 1 else []
    return markup(
        style + shape,
        [*model, _turning(texts.speaks(language), Page.LANGUAGE)],
        [button(texts.files(wanted=files), SettingsFiles(wanted=not files))],
        [button(_(texts_guided.CLOSE), PanelClosed())],
    )


def _languages(chosen: str | None) -> list[Row]:
    return [
        [
            button(
                marked(texts.name_of(language), is_chosen=language == chosen),
                SettingsLanguage(language=language or ""),
            )
        ]
        for language in (None, *LANGUAGES)
    ]


def _turning(label: str, page: Page) -> InlineKeyboardButton:
    return button(label, SettingsTurned(page=page))


def _free(carried: CallbackData, *, is_chosen: bool) -> Row:
    return [button(marked(_(texts.NO_PREFERENCE), is_chosen=is_chosen), carried)]


def _ratio(ratio: str) -> SettingsRatio:
    return SettingsRatio(ratio=ratio)


def _style(style: str) -> SettingsStyle:
    return SettingsStyle(style=style)


def _model(model: str) -> SettingsModel:
    return SettingsModel(model=model)
