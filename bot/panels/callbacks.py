"""What the buttons of the guided keyboard, of /settings and of /history carry."""

from enum import StrEnum
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from bot.callbacks import JobId

DraftId = JobId


class Page(StrEnum):
    """One keyboard of several that take turns under one message."""

    MAIN = "main"
    RATIO = "ratio"
    STYLE = "style"
    MODEL = "model"
    COUNT = "count"
    LANGUAGE = "lang"


class GuidedTurned(CallbackData, prefix="gp"):
    draft: DraftId
    page: Page


class GuidedRatio(CallbackData, prefix="gr"):
    draft: DraftId
    ratio: str  # "16x9"


class GuidedStyle(CallbackData, prefix="gs"):
    """style: `menu.token` of it; nothing: any at all, by lot."""

    draft: DraftId
    style: str = ""


class GuidedModel(CallbackData, prefix="gm"):
    """model: `menu.token` of it; nothing: whichever can."""

    draft: DraftId
    model: str = ""


class GuidedCount(CallbackData, prefix="gn"):
    draft: DraftId
    count: Annotated[int, Field(ge=1, le=4)]


class GuidedWrite(CallbackData, prefix="gw"):
    draft: DraftId


class GuidedClosed(CallbackData, prefix="gx"):
    draft: DraftId


class SettingsTurned(CallbackData, prefix="sp"):
    page: Page


class SettingsRatio(CallbackData, prefix="sr"):
    """Nothing takes the choice back; likewise below."""

    ratio: str = ""


class SettingsStyle(CallbackData, prefix="ss"):
    style: str = ""


class SettingsModel(CallbackData, prefix="sm"):
    model: str = ""


class SettingsLanguage(CallbackData, prefix="sl"):
    """Nothing follows Telegram's again."""

    language: str = ""


class SettingsFiles(CallbackData, prefix="sf"):
    wanted: bool


class PanelClosed(CallbackData, prefix="px"):
    """The message is a private chat's, and nothing is kept of it."""


class HistoryTurned(CallbackData, prefix="hp"):
    """To what is next older than the job `before`, or next newer than `after`; 0: the newest."""

    before: Annotated[int, Field(ge=0, lt=2**63)] = 0
    after: Annotated[int, Field(ge=0, lt=2**63)] = 0


class HistoryOpened(CallbackData, prefix="ho"):
    job_id: JobId
