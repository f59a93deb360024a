"""What nearly every part needs: the outside world, its pace, and the rules."""

from dataclasses import dataclass
from functools import cached_property

from aiogram import Bot

from bot.admins import Admins
from bot.duties import Duties
from bot.monitoring.build import Monitoring, build_monitoring
from bot.settings import Settings
from bot.telegram.gate import Gate
from bot.telegram.outbox import Outbox
from bot.telegram.pace import Pace
from bot.upkeep.alerts import Alerts
from bot.upkeep.watched_blobs import WatchedBlobs
from bot.usecases.clock_jumps import ClockJumps
from bot.usecases.engines import Engines
from bot.usecases.entry import AccessMode, Entry, EntryRules
from bot.usecases.languages import Languages
from bot.usecases.moderation import Moderation, Tally
from bot.usecases.pauses import Pauses
from bot.usecases.payer import Payer
from bot.usecases.quotas import QuotaRules
from bot.usecases.strikes import Strikes
from bot.usecases.traces import Tell, Traces
from providers.clock import Clock
from providers.limits import Gates
from storage.base import BlobStore, Storage


@dataclass(frozen=True)
class Basis:
    """Each part is made once, when it is first asked for. stored: the pictures, unwatched.

    tell_traces: None where nobody wants traces.
    """

    settings: Settings
    bot: Bot
    storage: Storage
    stored: BlobStore
    engines: Engines
    moderation: Moderation
    clock: Clock
    duties: Duties
    tell_traces: Tell | None = None

    @property
    def cover_unchecked(self) -> bool:
        return self.settings.unchecked_pictures == "spoiler"

    @cached_property
    def pace(self) -> Pace:
        pace = Pace(self.clock.monotonic)
        self.bot.session.middleware(Gate(pace))
        return pace

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.pace, self.clock)

    @cached_property
    def languages(self) -> Languages:
        return Languages(self.storage, self.clock)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self.bot, self.outbox, self.languages, self.settings.admin_ids)

    @cached_property
    def blobs(self) -> BlobStore:
        return WatchedBlobs(self.stored, self.alerts.tell)

    @cached_property
    def admins(self) -> Admins:
        return Admins(self.bot, self.settings.admin_ids, self.clock)

    @cached_property
    def gates(self) -> Gates:
        return Gates(
            self.engines.providers,
            self.clock,
            rates=self.settings.provider_rates,
            preferred=self.settings.provider_order,
            on_trouble=self.alerts,
        )

    @cached_property
    def jumps(self) -> ClockJumps:
        return ClockJumps(self.storage, self.clock)

    @cached_property
    def pauses(self) -> Pauses:
        return Pauses(self.storage, self.gates, self.clock)

    @cached_property
    def monitoring(self) -> Monitoring:
        return build_monitoring(
            self.settings,
            self.bot,
            self.storage,
            gates=self.gates,
            pauses=self.pauses,
            clock=self.clock,
            duties=self.duties,
        )

    @cached_property
    def traces(self) -> Traces:
        return Traces(self.clock, self.tell_traces)

    @cached_property
    def rules(self) -> QuotaRules:
        settings = self.settings
        return QuotaRules(
            settings.daily_quota, settings.timezone, settings.admin_daily_quota, settings.admin_ids
        )

    @cached_property
    def payer(self) -> Payer:
        return Payer(self.rules, chat_daily_quota=self.settings.chat_daily_quota)

    @cached_property
    def tally(self) -> Tally:
        return Tally(self.rules, self.clock)

    @cached_property
    def strikes(self) -> Strikes:
        settings = self.settings
        return Strikes(settings.strikes_before_pause, settings.strike_pause, settings.admin_ids)

    @cached_property
    def entry_rules(self) -> EntryRules:
        settings = self.settings
        return EntryRules(
            AccessMode(settings.access),
            settings.allowed_users | settings.allowed_chats,
            settings.admin_ids,
        )

    @cached_property
    def entry(self) -> Entry:
        return Entry(self.storage, self.entry_rules, self.clock)
