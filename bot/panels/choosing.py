"""Keyboards of choices, the same for the guided keyboard and for /settings."""

from collections.abc import Callable, Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.texts import guided as texts
from bot.usecases.menu import RATIOS, Menu, token

Row = list[InlineKeyboardButton]
Carry = Callable[[str], CallbackData]
"""What a button carries, from the choice's short name."""

RATIOS_IN_A_ROW = 4
STYLES_IN_A_ROW = 3  # as in the picture above them
MOST_STYLES = 60  # Telegram takes 100 buttons


def ratio_rows(chosen: tuple[int, int] | None, carry: Carry) -> list[Row]:
    buttons = [
        button(
            marked("{}:{}".format(*ratio), is_chosen=ratio == chosen),
            carry("{}x{}".format(*ratio)),
        )
        for ratio in RATIOS
    ]
    return rows(buttons, RATIOS_IN_A_ROW)


def style_rows(menu: Menu, chosen: str | None, carry: Carry) -> list[Row]:
    buttons = [
        button(marked(texts.style_button(name), is_chosen=name == chosen), carry(token(name)))
        for name in menu.styles[:MOST_STYLES]
    ]
    return rows(buttons, STYLES_IN_A_ROW)


def model_rows(menu: Menu, chosen: str | None, carry: Carry) -> list[Row]:
    """The first leaves it to the bot."""
    anyone = texts.model_button(None, menu.cost_of(None))
    return [
        [button(marked(anyone, is_chosen=chosen is None), carry(""))],
        *(
            [
                button(
                    marked(texts.model_button(name, cost), is_chosen=name == chosen),
                    carry(token(name)),
                )
            ]
            for name, cost in menu.models.items()
        ),
    ]


def button(text: str, carried: CallbackData, style: str | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=carried.pack(), style=style)


def marked(text: str, *, is_chosen: bool) -> str:
    return texts.CHOSEN * is_chosen + text


def rows(buttons: Sequence[InlineKeyboardButton], length: int) -> list[Row]:
    return [list(buttons[start : start + length]) for start in range(0, len(buttons), length)]


def markup(*lines: Row) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[line for line in lines if line])
