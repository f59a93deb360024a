"""What the last days were like: jobs by outcome and provider, times, units, and who spent most."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.usecases.quotas import QuotaRules
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import User
from storage.summaries import EndedCount, Spender

SHARES = (0.5, 0.95)
TOP = 5


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from acceptance to the picture: half took no longer than p50, 95 % than p95."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """times: None on a day without a picture."""

    day: date
    ended: tuple[EndedCount, ...]
    times: Times | None


@dataclass(frozen=True, slots=True)
class ProviderStatistics:
    name: str
    jobs: int
    units: int
    times: Times | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """days: without a gap, today last. people: those who spent most, most first."""

    days: tuple[DayStatistics, ...]
    providers: tuple[ProviderStatistics, ...]
    times: Times | None
    people: tuple[tuple[Spender, User | None], ...]

    @property
    def ended(self) -> list[EndedCount]:
        return [each for day in self.days for each in day.ended]


class ShowStatistics:
    """A day is one of QUOTA_TIMEZONE, however many hours its clocks make it have."""

    def __init__(self, storage: Storage, rules: QuotaRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock

    async def __call__(self, days: int) -> Statistics:
        """Of the last `days`, today included."""
        today = self._rules.day_at(self._clock.now()).day
        dates = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
        async with self._storage.reading() as view:
            each_day = [await self._day(view, day) for day in dates]
            span = self._midnight(dates[0]), self._midnight(today + timedelta(days=1))
            people = await view.statistics.spenders(*span, limit=TOP)
            names = {each.provider for day in each_day for each in day.ended}
            return Statistics(
                days=tuple(each_day),
                providers=tuple(
                    [await _provider(view, name, each_day, *span) for name in sorted(names)]
                ),
                times=await _times(view, *span),
                people=tuple([(each, await view.users.get(each.user_id)) for each in people]),
            )

    async def _day(self, view: Stores, day: date) -> DayStatistics:
        span = self._midnight(day), self._midnight(day + timedelta(days=1))
        ended = await view.statistics.ended(*span)
        return DayStatistics(day, tuple(ended), await _times(view, *span) if ended else None)

    def _midnight(self, day: date) -> datetime:
        zone: ZoneInfo = self._rules.timezone
        return datetime.combine(day, time.min, zone).astimezone(UTC)


async def _provider(
    view: Stores, name: str, days: list[DayStatistics], since: datetime, until: datetime
) -> ProviderStatistics:
    mine = [each for day in days for each in day.ended if each.provider == name]
    return ProviderStatistics(
        name=name,
        jobs=sum(each.jobs for each in mine),
        units=sum(each.units for each in mine),
        times=await _times(view, since, until, name),
    )


async def _times(
    view: Stores, since: datetime, until: datetime, provider: str | None = None
) -> Times | None:
    found = await view.statistics.seconds_to_picture(since, until, SHARES, provider=provider)
    return Times(*found) if found else None
