"""The buttons under a result. They speak the language of whoever asked for it."""

from collections.abc import Sequence

from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import _, use_locale
from bot.results.callbacks import (
    Action,
    Pressed,
    RatioPressed,
    ResultPressed,
    StylePressed,
    StylesTurned,
    short_name,
)
from bot.telegram.shortening import utf16_length
from bot.texts import results as texts
from bot.usecases.engines import Engines
from bot.usecases.orders import Orders
from bot.usecases.results import Result
from providers.styles import STYLES, find_style, style_key
from storage.records import JobState

RATIOS = ((1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (9, 16), (16, 9), (21, 9))
RATIOS_IN_A_ROW = 4
STYLES_IN_A_ROW = 3
STYLES_ON_A_PAGE = 15
MOST_COPIED = 256  # characters of a CopyTextButton; UTF-16 units are never fewer
CHOSEN = "✓ "
TO_TRY_AGAIN = frozenset({JobState.FAILED, JobState.CANCELED})

Row = list[InlineKeyboardButton]


class ResultKeyboards:
    def __init__(self, engines: Engines, orders: Orders) -> None:
        self._engines = engines
        self._orders = orders

    def of(self, result: Result, number: int = 0) -> InlineKeyboardMarkup | None:
        """The first one. `number`: of the one picture this message shows, out of several."""
        with use_locale(result.job.language):
            if result.job.state is not JobState.SUCCEEDED:
                return _markup(_after_no_picture(result))
            if result.is_grid and not number:
                return _markup(*self._choose_one(result), *self._whole(result, number))
            return _markup(*self._single(result, number))

    def ratios(self, result: Result, number: int) -> InlineKeyboardMarkup:
        chosen = result.spec.wish.aspect_ratio
        buttons = [
            _button(
                f"{CHOSEN * ((width, height) == chosen)}{width}:{height}",
                RatioPressed(job_id=result.job.id, number=number, width=width, height=height),
            )
            for width, height in RATIOS
        ]
        with use_locale(result.job.language):
            return _markup(*_rows(buttons, RATIOS_IN_A_ROW), [_back(result, number)])

    def styles(self, result: Result, number: int, page: int = 0) -> InlineKeyboardMarkup:
        names = style_names(self._engines)
        pages = -(-len(names) // STYLES_ON_A_PAGE)
        page = min(page, pages - 1)
        shown = names[page * STYLES_ON_A_PAGE :][:STYLES_ON_A_PAGE]
        chosen = style_key(result.spec.wish.style or "default")
        buttons = [
            _button(
                CHOSEN * (style_key(name) == chosen) + _title(name),
                StylePressed(job_id=result.job.id, number=number, style=short_name(name)),
            )
            for name in shown
        ]
        with use_locale(result.job.language):
            turning = _turning(result, number, page, pages)
            return _markup(*_rows(buttons, STYLES_IN_A_ROW), [*turning, _back(result, number)])

    def delete(self, result: Result, number: int) -> InlineKeyboardMarkup:
        """Asks whether it is meant, in place of all other buttons."""
        with use_locale(result.job.language):
            yes = _action(_(texts.DELETE_NOW), Action.DELETE_NOW, result, number, style="danger")
            return _markup([yes, _action(_(texts.NO), Action.BACK, result, number)])

    def _choose_one(self, result: Result) -> list[Row]:
        numbers = range(1, len(result.artifacts) + 1)
        alone = [_numbered("U", Action.ALONE, result, number) for number in numbers]
        if not self._orders.can_vary(result):
            return [alone]
        return [alone, [_numbered("V", Action.VARY, result, number) for number in numbers]]

    def _whole(self, result: Result, number: int) -> list[Row]:
        return [
            [
                _action(_(texts.AGAIN), Action.AGAIN, result, number),
                _action(_(texts.RATIO), Action.RATIO, result, number),
                _action(_(texts.STYLE), Action.STYLE, result, number),
            ],
            *_about(result, number),
        ]

    def _single(self, result: Result, number: int) -> list[Row]:
        again = [_action(_(texts.AGAIN), Action.AGAIN, result, number)]
        if self._orders.can_vary(result):
            again.append(_action(_(texts.VARY), Action.VARY, result, number))
        if self._orders.can_enlarge(result, number):
            again.append(_action(_(texts.HD), Action.LARGER, result, number))
        shape = [
            _action(_(texts.RATIO), Action.RATIO, result, number),
            _action(_(texts.STYLE), Action.STYLE, result, number),
        ]
        return [again, shape, *_about(result, number)]


def style_names(engines: Engines) -> list[str]:
    """All that can be chosen now, each once, the bot's own first."""
    own = [style.name for style in STYLES]
    known = {style_key(name) for name in own}
    return own + sorted(name for name in engines.styles if style_key(name) not in known)


def _about(result: Result, number: int) -> list[Row]:
    copying = [_copy_prompt(result, number)]
    if (seed := result.seed(number)) is not None:
        copying.append(_copy(_(texts.COPY_SEED), str(seed)))
    return [
        [_action(_(texts.EDIT), Action.EDIT, result, number), *copying],
        [
            _action(_(texts.FILE), Action.FILE, result, number),
            _action(_(texts.DELETE), Action.DELETE, result, number),
        ],
    ]


def _after_no_picture(result: Result) -> Row:
    """Another try where it may help, other words where it surely doesn't without them."""
    if result.job.state in TO_TRY_AGAIN:
        return [
            _action(_(texts.AGAIN), Action.AGAIN, result, 0),
            _action(_(texts.EDIT), Action.EDIT, result, 0),
        ]
    return [_action(_(texts.EDIT), Action.EDIT, result, 0)]


def _turning(result: Result, number: int, page: int, pages: int) -> Row:
    """To the pages before and after this one, where there are any."""
    return [
        _button(arrow, StylesTurned(job_id=result.job.id, number=number, page=to))
        for arrow, to in (("←", page - 1), ("→", page + 1))
        if 0 <= to < pages
    ]


def _copy_prompt(result: Result, number: int) -> InlineKeyboardButton:
    prompt = result.spec.wish.prompt
    if utf16_length(prompt) > MOST_COPIED:
        return _action(_(texts.COPY_PROMPT), Action.PROMPT, result, number)
    return _copy(_(texts.COPY_PROMPT), prompt)


def _copy(label: str, text: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=label, copy_text=CopyTextButton(text=text))


def _back(result: Result, number: int) -> InlineKeyboardButton:
    return _action(_(texts.BACK), Action.BACK, result, number)


def _action(
    label: str, action: Action, result: Result, number: int, style: str | None = None
) -> InlineKeyboardButton:
    pressed = ResultPressed(action=action, job_id=result.job.id, number=number)
    return _button(label, pressed, style)


def _numbered(letter: str, action: Action, result: Result, number: int) -> InlineKeyboardButton:
    pressed = ResultPressed(action=action, job_id=result.job.id, number=number)
    return _button(f"{letter}{number}", pressed)


def _button(text: str, pressed: Pressed, style: str | None = None) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=pressed.pack(), style=style)


def _title(name: str) -> str:
    style = find_style(name)
    return style.title if style else name


def _rows(buttons: Sequence[InlineKeyboardButton], length: int) -> list[Row]:
    return [list(buttons[start : start + length]) for start in range(0, len(buttons), length)]


def _markup(*rows: Row) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=list(rows))
