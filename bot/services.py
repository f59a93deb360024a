"""Everything a handler may need, in one bundle the dispatcher hands over as `services`."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.admins import Admins
from bot.answers import Answers
from bot.status import StatusBoard
from bot.telegram_files import TelegramFiles
from bot.usecases.cancel_job import CancelJob
from bot.usecases.chats import Chats
from bot.usecases.engines import Engines
from bot.usecases.imagine import Imagine
from bot.usecases.moderation import ShowVerdicts
from bot.usecases.probe_providers import ProbeProviders
from bot.usecases.quotas import ShowQuota
from bot.worker import Worker
from providers.clock import Clock


@dataclass(frozen=True, slots=True)
class Services:
    answers: Answers
    admins: Admins
    board: StatusBoard
    files: TelegramFiles
    worker: Worker
    engines: Engines
    imagine: Imagine
    cancel_job: CancelJob
    show_quota: ShowQuota
    show_verdicts: ShowVerdicts
    chats: Chats
    probe_providers: ProbeProviders
    timezone: ZoneInfo
    clock: Clock
