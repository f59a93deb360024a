"""The guided keyboard's pages. A choice leads back to the first one."""

from functools import partial

from aiogram.types import InlineKeyboardMarkup

from bot.i18n import _
from bot.panels.callbacks import (
    GuidedClosed,
    GuidedCount,
    GuidedModel,
    GuidedRatio,
    GuidedStyle,
    GuidedTurned,
    GuidedWrite,
    Page,
)
from bot.panels.choosing import Row, button, marked, markup, model_rows, ratio_rows, style_rows
from bot.texts import guided as texts
from bot.usecases.guided import Guide
from bot.usecases.menu import Menu
from bot.usecases.preferences import MOST_PICTURES


def guided_keyboard(guide: Guide, menu: Menu, page: Page = Page.MAIN) -> InlineKeyboardMarkup:
    draft, chosen = guide.draft.id, guide.choices
    back = [button(_(texts.BACK), GuidedTurned(draft=draft, page=Page.MAIN))]
    match page:
        case Page.RATIO:
            carry = partial(_ratio, draft)
            return markup(*ratio_rows(chosen.ratio, carry), back)
        case Page.STYLE:
            lot = button(_(texts.RANDOM_STYLE), GuidedStyle(draft=draft))
            return markup(*style_rows(menu, chosen.style, partial(_style, draft)), [lot, *back])
        case Page.MODEL:
            return markup(*model_rows(menu, chosen.model, partial(_model, draft)), back)
        case Page.COUNT:
            return markup(_counts(draft, chosen.count), back)
        case _:
            return _main(guide, menu)


def _main(guide: Guide, menu: Menu) -> InlineKeyboardMarkup:
    draft, chosen = guide.draft.id, guide.choices

    def turning(label: str, page: Page) -> Row:
        return [button(label, GuidedTurned(draft=draft, page=page))]

    style = turning(_(texts.STYLE).format(style=texts.style_button(chosen.style)), Page.STYLE)
    shape = turning(_(texts.SHAPE).format(shape=texts.shape(chosen.ratio)), Page.RATIO)
    count = turning(_(texts.COUNT).format(count=chosen.count), Page.COUNT)
    model = turning(_(texts.MODEL).format(model=chosen.model or _(texts.ANY_MODEL)), Page.MODEL)
    return markup(
        style + shape,
        count + (model if len(menu.models) > 1 else []),
        [button(_(texts.WRITE), GuidedWrite(draft=draft), style="primary")],
        [button(_(texts.CLOSE), GuidedClosed(draft=draft))],
    )


def _counts(draft: int, chosen: int) -> Row:
    return [
        button(marked(str(count), is_chosen=count == chosen), GuidedCount(draft=draft, count=count))
        for count in range(1, MOST_PICTURES + 1)
    ]


def _ratio(draft: int, ratio: str) -> GuidedRatio:
    return GuidedRatio(draft=draft, ratio=ratio)


def _style(draft: int, style: str) -> GuidedStyle:
    return GuidedStyle(draft=draft, style=style)


def _model(draft: int, model: str) -> GuidedModel:
    return GuidedModel(draft=draft, model=model)
