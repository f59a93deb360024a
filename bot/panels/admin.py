"""The pages of /admin and /job with their buttons, which carry all they need: they work for ever."""

from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton

from bot.callbacks_operations import (
    Deed,
    DeedWanted,
    JobDeed,
    JobDeedWanted,
    Page,
    PageWanted,
)
from bot.i18n import _
from bot.panels.screen import Rows, Shown
from bot.texts import inspection as texts_inspection
from bot.texts import operations as texts_operations
from bot.usecases.inspect_job import RETRIED, InspectJob
from bot.usecases.overview import ProviderState, ShowOverview, ShowQueue
from bot.usecases.pauses import PauseState
from storage.base import Storage

AUDIT_LINES = 12


class Panel:
    def __init__(
        self,
        storage: Storage,
        show_overview: ShowOverview,
        show_queue: ShowQueue,
        inspect_job: InspectJob,
        timezone: ZoneInfo,
    ) -> None:
        self._storage = storage
        self._show_overview = show_overview
        self._show_queue = show_queue
        self._inspect_job = inspect_job
        self._timezone = timezone

    async def page(self, page: Page) -> Shown:
        match page:
            case Page.HOME:
                return await self._home()
            case Page.QUEUE:
                return await self.queue()
            case Page.PROVIDERS:
                return await self._providers()
            case Page.AUDIT:
                return await self._audit()

    async def queue(self) -> Shown:
        text = texts_operations.queue(await self._show_queue())
        return Shown(text, [_below(Page.QUEUE)])

    async def job(self, job_id: int) -> Shown:
        """Raises NoSuchJob."""
        view = await self._inspect_job(job_id)
        row = [_job_button(_("Refresh"), JobDeed.SHOW, job_id)]
        if view.job.finished_at is None:
            row.append(_job_button(_("Cancel"), JobDeed.CANCEL, job_id, style="danger"))
        if view.job.state in RETRIED:
            row.append(_job_button(_("Retry"), JobDeed.RETRY, job_id))
        return Shown(texts_inspection.job(view, self._timezone), [row])

    async def _home(self) -> Shown:
        view = await self._show_overview()
        rows: Rows = [
            [_page_button(_("Queue"), Page.QUEUE), _page_button(_("Providers"), Page.PROVIDERS)],
            [_deed_button(_("Stats"), Deed.STATS), _page_button(_("Audit"), Page.AUDIT)],
            _brakes(view.queue.pauses),
            [_page_button(_("Refresh"), Page.HOME), _deed_button(_("Close"), Deed.CLOSE)],
        ]
        return Shown(texts_operations.overview(view), rows)

    async def _providers(self) -> Shown:
        view = await self._show_queue()
        rows = [[_toggle(each)] for each in view.providers if not each.is_gone]
        return Shown(texts_operations.providers(view), [*rows, _below(Page.PROVIDERS)])

    async def _audit(self) -> Shown:
        async with self._storage.reading() as view:
            lines = await view.audit.newest(limit=AUDIT_LINES)
        return Shown(texts_operations.audit(lines, self._timezone), [_below(Page.AUDIT)])


def _brakes(state: PauseState) -> list[InlineKeyboardButton]:
    row = []
    if not state.everything:
        row.append(_deed_button(_("Pause"), Deed.PAUSE))
    if not state.draining:
        row.append(_deed_button(_("Drain"), Deed.DRAIN))
    if state != PauseState():
        row.append(_deed_button(_("Resume"), Deed.RESUME))
    return row


def _toggle(each: ProviderState) -> InlineKeyboardButton:
    if each.paused:
        return _deed_button(_("Resume {name}").format(name=each.name), Deed.RESUME, each.name)
    return _deed_button(_("Pause {name}").format(name=each.name), Deed.PAUSE, each.name)


def _below(page: Page) -> list[InlineKeyboardButton]:
    return [_page_button(_("Back"), Page.HOME), _page_button(_("Refresh"), page)]


def _page_button(text: str, page: Page) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=text, callback_data=PageWanted(page=page).pack())


def _deed_button(text: str, deed: Deed, provider: str = "") -> InlineKeyboardButton:
    wanted = DeedWanted(deed=deed, provider=provider)
    return InlineKeyboardButton(text=text, callback_data=wanted.pack())


def _job_button(
    text: str, deed: JobDeed, job_id: int, style: str | None = None
) -> InlineKeyboardButton:
    wanted = JobDeedWanted(deed=deed, job_id=job_id)
    return InlineKeyboardButton(text=text, callback_data=wanted.pack(), style=style)
