"""Everything a handler may need, in one bundle the dispatcher hands over as `services`."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.admins import Admins
from bot.answers import Answers
from bot.inline_messages import InlineMessages
from bot.operations import Operations
from bot.panels.guided import GuidedPanel
from bot.panels.history import HistoryPanel
from bot.panels.panels import Panels
from bot.people import People
from bot.results.access import ResultAccess
from bot.results.keyboards import ResultKeyboards
from bot.results.messages import ResultMessages
from bot.results.resend import Resend
from bot.status import StatusBoard
from bot.telegram.files import TelegramFiles
from bot.usecases.cancel_job import CancelJob
from bot.usecases.chat_settings import EditChatSettings
from bot.usecases.chats import Chats
from bot.usecases.engines import Engines
from bot.usecases.guided import Guided
from bot.usecases.imagine import Imagine
from bot.usecases.languages import Languages
from bot.usecases.menu import Menu
from bot.usecases.moderation import ShowVerdicts
from bot.usecases.orders import Orders
from bot.usecases.payer import ShowPool
from bot.usecases.preferences import Prefer
from bot.usecases.probe_providers import ProbeProviders
from bot.usecases.questions import Questions
from bot.usecases.quotas import ShowQuota
from bot.usecases.results import Results
from bot.usecases.roles import Roles
from bot.usecases.show_history import ShowHistory
from bot.usecases.suggest import Suggest
from bot.usecases.traces import Traces
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
    inline: InlineMessages
    suggest: Suggest
    menu: Menu
    panels: Panels
    guided: Guided
    guided_panel: GuidedPanel
    prefer: Prefer
    show_history: ShowHistory
    history_panel: HistoryPanel
    resend: Resend
    cancel_job: CancelJob
    access: ResultAccess
    keyboards: ResultKeyboards
    orders: Orders
    questions: Questions
    result_messages: ResultMessages
    results: Results
    show_quota: ShowQuota
    show_pool: ShowPool
    show_verdicts: ShowVerdicts
    chats: Chats
    chat_settings: EditChatSettings
    languages: Languages
    roles: Roles
    people: People
    probe_providers: ProbeProviders
    operations: Operations
    traces: Traces
    timezone: ZoneInfo
    clock: Clock
