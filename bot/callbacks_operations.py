"""What the admins' buttons carry."""

from enum import StrEnum

from aiogram.filters.callback_data import CallbackData

from bot.callbacks import JobId


class Page(StrEnum):
    HOME = "home"
    QUEUE = "queue"
    PROVIDERS = "providers"
    AUDIT = "audit"


class Deed(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    DRAIN = "drain"
    STATS = "stats"
    CLOSE = "close"


class JobDeed(StrEnum):
    SHOW = "show"
    CANCEL = "cancel"
    RETRY = "retry"


class PageWanted(CallbackData, prefix="page"):
    page: Page


class DeedWanted(CallbackData, prefix="deed"):
    """provider: the one to pause or resume; none for everything."""

    deed: Deed
    provider: str = ""


class JobDeedWanted(CallbackData, prefix="adminjob"):
    deed: JobDeed
    job_id: JobId


class BroadcastDeed(StrEnum):
    SEND = "send"
    STOP = "stop"


class BroadcastWanted(CallbackData, prefix="broadcast"):
    deed: BroadcastDeed
    broadcast_id: JobId
