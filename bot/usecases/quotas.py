"""The quota's calendar, and what a user has left."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from providers.clock import Clock
from storage.base import Storage
from storage.records import QuotaDay, QuotaView


@dataclass(frozen=True, slots=True)
class QuotaRules:
    """daily_limit: units a user gets a day. A day begins at midnight in `timezone`."""

    daily_limit: int
    timezone: ZoneInfo

    def day_at(self, now: datetime) -> QuotaDay:
        today = now.astimezone(self.timezone).date()
        midnight = datetime.combine(today + timedelta(days=1), time.min, self.timezone)
        return QuotaDay(today, midnight.astimezone(UTC), self.daily_limit)


class ShowQuota:
    def __init__(self, storage: Storage, rules: QuotaRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock

    async def __call__(self, user_id: int) -> QuotaView:
        day = self._rules.day_at(self._clock.now())
        async with self._storage.reading() as view:
            return await view.quotas.view(user_id, day=day)
