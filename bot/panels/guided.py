"""The guided keyboard as it is shown: a sheet of styles, what is chosen, and the buttons."""

from dataclasses import replace
from pathlib import Path

from aiogram.types import CallbackQuery, Message, User

from bot.i18n import _
from bot.panels.callbacks import Page
from bot.panels.guided_keyboards import guided_keyboard
from bot.panels.panels import Panels, Screen, Sheet
from bot.texts import guided as texts
from bot.usecases.guided import Guide, Guided
from bot.usecases.menu import Menu

STYLES_SHEET = Sheet(Path(__file__).parents[1] / "gallery" / "styles.jpg")
"""Drawn by `python -m docs.style_gallery`."""


class GuidedPanel:
    def __init__(self, panels: Panels, guided: Guided, menu: Menu) -> None:
        self._panels = panels
        self._guided = guided
        self._menu = menu

    def open(self, message: Message, guide: Guide) -> None:
        screen = replace(self._screen(guide), sheet=STYLES_SHEET)
        self._panels.open(
            message, screen, lambda sent: self._guided.shown(guide.draft.id, sent.message_id)
        )

    def show(self, query: CallbackQuery, guide: Guide, page: Page = Page.MAIN) -> None:
        self._panels.change(query, self._screen(guide, page))

    def ask(self, guide: Guide, person: User) -> None:
        """For the words, in place of the question asked before."""
        draft = guide.draft
        if guide.state.question_id is not None:
            self._panels.take_away(draft.chat_id, guide.state.question_id)
        self._panels.ask(
            draft.chat_id,
            draft.thread_id,
            texts.question(person.first_name, person.id),
            _(texts.HINT),
            lambda sent: self._guided.asked(draft.id, sent.message_id),
        )

    def take_away(self, guide: Guide | None) -> None:
        """The keyboard and its question."""
        if guide is not None:
            for message_id in guide.message_ids:
                self._panels.take_away(guide.draft.chat_id, message_id)

    def finish(self, guide: Guide) -> None:
        """The words came: the question stays, for they reply to it."""
        if guide.draft.message_id is not None:
            self._panels.take_away(guide.draft.chat_id, guide.draft.message_id)

    def _screen(self, guide: Guide, page: Page = Page.MAIN) -> Screen:
        text = texts.guide(guide, self._menu, is_private=guide.draft.chat_id > 0)
        if page is Page.STYLE:
            text += "\n" + _(texts.STYLES_DIFFER)
        return Screen(text, guided_keyboard(guide, self._menu, page))
