"""The quota's calendar and rules, and what a user has left."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import UNLIMITED, QuotaDay, QuotaView

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuotaRules:
    """daily_limit: units a user gets a day; admin_limit: an owner or an admin named in the chat.

    A day begins at midnight in `timezone`, at the moment clocks skip at where they skip midnight,
    and at the first midnight where clocks go back behind it: no day ever comes again.
    """

    daily_limit: int
    timezone: ZoneInfo
    admin_limit: int = UNLIMITED
    owner_ids: frozenset[int] = frozenset()

    def day_at(self, now: datetime) -> QuotaDay:
        """For anyone without a role."""
        today = self._today(now)
        return QuotaDay(today, self._beginning(today + ONE_DAY), self.daily_limit)

    async def day_of(self, user_id: int, view: Stores, now: datetime) -> QuotaDay:
        day = self.day_at(now)
        if user_id in self.owner_ids:
            return replace(day, daily_limit=self.admin_limit)
        user = await view.users.get(user_id)
        return replace(day, daily_limit=self.admin_limit) if user and user.role else day

    def began(self, now: datetime, *, days_ago: int = 0) -> datetime:
        """When the day at `now` began, or one before it."""
        return self._beginning(self._today(now) - days_ago * ONE_DAY)

    def _today(self, now: datetime) -> date:
        local = now.astimezone(self.timezone).date()
        return local + ONE_DAY if self._beginning(local + ONE_DAY) <= now else local

    def _beginning(self, day: date) -> datetime:
        """Of two midnights the first (fold 0); a skipped one is the moment it is skipped at."""
        return datetime.combine(day, time.min, self.timezone).astimezone(UTC)


class ShowQuota:
    def __init__(self, storage: Storage, rules: QuotaRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock

    async def __call__(self, user_id: int) -> QuotaView:
        async with self._storage.reading() as view:
            day = await self._rules.day_of(user_id, view, self._clock.now())
            return await view.quotas.view(user_id, day=day)
