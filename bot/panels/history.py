"""A person's pictures as they are shown: a numbered sheet, and a button for each."""

import asyncio
from collections.abc import Sequence

from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.i18n import _
from bot.panels.callbacks import HistoryOpened, HistoryTurned, PanelClosed
from bot.panels.choosing import Row, button, markup, rows
from bot.panels.panels import Panels, Screen, Sheet
from bot.pictures.contact_sheet import COLUMNS, contact_sheet
from bot.results.resend import Resend
from bot.texts import history as words
from bot.usecases.show_history import HistoryPage
from storage.base import BlobStore
from storage.errors import PictureMissing
from storage.records import Artifact


class HistoryPanel:
    def __init__(self, panels: Panels, resend: Resend, blobs: BlobStore) -> None:
        self._panels = panels
        self._resend = resend
        self._blobs = blobs

    async def open(self, message: Message, page: HistoryPage, text: str) -> None:
        self._panels.open(message, await self._screen(page, text))

    async def turn(self, query: CallbackQuery, page: HistoryPage, text: str) -> None:
        self._panels.change(query, await self._screen(page, text))

    async def _screen(self, page: HistoryPage, text: str) -> Screen:
        firsts = [await self._bytes(each.artifacts) for each in page.results]
        sheet = await asyncio.to_thread(contact_sheet, firsts)
        covered = any(self._resend.covers(each) for each in page.results)
        return Screen(text, history_keyboard(page), Sheet(sheet, covered=covered))

    async def _bytes(self, artifacts: Sequence[Artifact]) -> bytes | None:
        """Of the first picture; None where it isn't kept."""
        try:
            return await self._blobs.get(artifacts[0].sha256) if artifacts else None
        except PictureMissing:
            return None


def history_keyboard(page: HistoryPage) -> InlineKeyboardMarkup:
    numbers = [
        button(str(number), HistoryOpened(job_id=result.job.id))
        for number, result in enumerate(page.results, 1)
    ]
    return markup(*rows(numbers, COLUMNS), _turning(page), [button(_(words.CLOSE), PanelClosed())])


def _turning(page: HistoryPage) -> Row:
    first, last = page.results[0].job.id, page.results[-1].job.id
    turns = []
    if page.has_newer:
        turns.append(button(_(words.NEWER), HistoryTurned(after=first)))
    if page.has_older:
        turns.append(button(_(words.OLDER), HistoryTurned(before=last)))
    return turns
