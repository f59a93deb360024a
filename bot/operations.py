"""What the admins' handlers work with, in one bundle, as `services.operations`."""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import Bot

from bot.broadcaster import Broadcaster
from bot.drain_report import DrainReport
from bot.panels.admin import Panel
from bot.panels.broadcast import BroadcastScreen
from bot.panels.screen import Screen
from bot.telegram.outbox import Outbox
from bot.usecases.broadcasts import Broadcasts
from bot.usecases.cancel_job import CancelJob
from bot.usecases.engines import Engines
from bot.usecases.inspect_job import AdminCancel, InspectJob, RetryJob
from bot.usecases.languages import Languages
from bot.usecases.overview import ShowOverview, ShowQueue
from bot.usecases.pauses import Pauses
from bot.usecases.payer import Payer
from bot.usecases.quotas import QuotaRules
from bot.usecases.statistics import ShowStatistics
from providers.clock import Clock
from providers.limits import Gates
from storage.base import Storage


@dataclass(frozen=True, slots=True)
class Operations:
    screen: Screen
    panel: Panel
    pauses: Pauses
    drain_report: DrainReport
    show_queue: ShowQueue
    inspect_job: InspectJob
    cancel: AdminCancel
    retry: RetryJob
    show_statistics: ShowStatistics
    broadcasts: Broadcasts
    broadcast_screen: BroadcastScreen
    broadcaster: Broadcaster


def build_operations(
    bot: Bot,
    storage: Storage,
    outbox: Outbox,
    *,
    engines: Engines,
    gates: Gates,
    pauses: Pauses,
    rules: QuotaRules,
    payer: Payer,
    cancel_job: CancelJob,
    languages: Languages,
    clock: Clock,
    results_wait: Callable[[], bool],
) -> Operations:
    broadcasts = Broadcasts(storage, clock)
    broadcast_screen = BroadcastScreen(bot, outbox, broadcasts, languages)
    show_queue = ShowQueue(storage, engines, gates, pauses, clock)
    show_overview = ShowOverview(storage, show_queue, pauses, rules, clock)
    inspect_job = InspectJob(storage)
    return Operations(
        screen=Screen(bot, outbox),
        panel=Panel(storage, show_overview, show_queue, inspect_job, rules.timezone),
        pauses=pauses,
        drain_report=DrainReport(bot, storage, outbox, clock, pauses=pauses, languages=languages),
        show_queue=show_queue,
        inspect_job=inspect_job,
        cancel=AdminCancel(storage, cancel_job, clock),
        retry=RetryJob(storage, payer, clock),
        show_statistics=ShowStatistics(storage, rules, clock),
        broadcasts=broadcasts,
        broadcast_screen=broadcast_screen,
        broadcaster=Broadcaster(bot, storage, broadcast_screen, clock, results_wait=results_wait),
    )
