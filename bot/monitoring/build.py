"""What watches the bot, in one bundle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiogram import Bot

from bot.duties import Duties
from bot.monitoring.calls import Calls
from bot.monitoring.meters import Meters
from bot.monitoring.readiness import Readiness
from bot.monitoring.scrape import Scrape
from bot.settings import Settings
from bot.usecases.pauses import Pauses
from providers.clock import Clock
from providers.limits import Gates
from storage.base import Storage

if TYPE_CHECKING:
    from aiohttp.web import RouteDef


@dataclass(frozen=True, slots=True)
class Monitoring:
    meters: Meters
    readiness: Readiness
    scrape: Scrape
    is_served: bool

    def routes(self) -> "Sequence[RouteDef]":
        """Empty where the settings want no pages."""
        if not self.is_served:
            return []
        from bot.monitoring.pages import monitoring_routes  # noqa: PLC0415 - a web server's weight

        return monitoring_routes(self.readiness, self.scrape)


def build_monitoring(
    settings: Settings,
    bot: Bot,
    storage: Storage,
    *,
    gates: Gates,
    pauses: Pauses,
    clock: Clock,
    duties: Duties,
) -> Monitoring:
    """After all else that looks at the bot's calls: it counts what really goes out."""
    meters = Meters(gates, clock)
    calls = Calls(meters)
    bot.session.middleware(calls)
    polls_in_turn = storage.shared and settings.webhook_url is None
    return Monitoring(
        meters,
        Readiness(storage, calls if duties.edge else None, may_stand_by=polls_in_turn),
        Scrape(meters, storage, gates, pauses),
        is_served=settings.monitoring,
    )
