"""The message of /chatsettings: what is chosen, and buttons that edit it in place.

A page lists one setting's values; the first page lists the settings. All state is in storage: a
button says the words that could be typed instead.
"""

from collections.abc import Mapping, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import ChatSettingPressed
from bot.commands.chat_words import OFF, Here
from bot.panels.panels import Screen
from bot.texts import chat_settings as texts
from bot.usecases.chat_settings import Nsfw

CLOSE = "close"
NAMES_SHOWN = 40  # styles or models; others can be typed
A_ROW = 2
VALUES: Mapping[str, Sequence[str]] = {
    "enabled": ("on", OFF),
    "who": ("everyone", "admins"),
    "cooldown": (OFF, "10", "30", "60", "300"),
    "quiet": (OFF, "22-8", "23-7", "0-8"),
    "delete": (OFF, "5", "30", "60", "1440"),
    "ratio": (OFF, "1:1", "2:3", "3:2", "3:4", "4:3", "9:16", "16:9", "21:9"),
    "topics": ("all", "here"),
}


def panel(words: Mapping[str, str], here: Here, page: str = "") -> Screen:
    """words: every setting's value, by its name."""
    if page not in words:
        buttons = [_button(texts.setting(name, value), name) for name, value in words.items()]
        return Screen(texts.overview(words), _keyboard(buttons, _button(texts.close(), CLOSE)))
    chosen = words[page]
    buttons = [
        _button(texts.choice(page, value, chosen=value == chosen), page, value)
        for value in _values(page, here)
        if _fits(page, value)
    ]
    return Screen(texts.page(page, chosen), _keyboard(buttons, _button(texts.back(), "")))


def _values(page: str, here: Here) -> Sequence[str]:
    match page:
        case "style":
            return (OFF, *sorted(here.styles)[:NAMES_SHOWN])
        case "model":
            return (OFF, *list(here.models)[:NAMES_SHOWN])
        case "nsfw":
            return [each for each in Nsfw if each.at_most(here.nsfw_allowed) is each]
        case _:
            return VALUES[page]


def _button(text: str, name: str, value: str | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(
        text=text, callback_data=ChatSettingPressed(name=name, value=value).pack()
    )


def _fits(name: str, value: str) -> bool:
    """Telegram's limit for what a button carries."""
    try:
        ChatSettingPressed(name=name, value=value).pack()
    except ValueError:
        return False
    return True


def _keyboard(
    buttons: Sequence[InlineKeyboardButton], last: InlineKeyboardButton
) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[*_rows(buttons), [last]])


def _rows(buttons: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    return [list(buttons[first : first + A_ROW]) for first in range(0, len(buttons), A_ROW)]
