"""What the bot knows of a person, for those who run it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.usecases.errors import PersonNotFound
from bot.usecases.quotas import QuotaRules
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import Job, JobState, QuotaView, User

JOBS_SHOWN = 5
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Activity:
    """Units spent today, in the last seven days and ever; jobs newest first, and how many in all."""

    today: int
    week: int
    ever: int
    jobs: tuple[Job, ...]
    counts: Mapping[JobState, int]


@dataclass(frozen=True, slots=True)
class Person:
    """user: None where the bot has never seen them. quota: what they have at the moment `at`."""

    id: int
    user: User | None
    is_owner: bool
    quota: QuotaView
    at: datetime


class ShowPerson:
    def __init__(self, storage: Storage, rules: QuotaRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock

    async def __call__(self, user_id: int) -> Person:
        async with self._storage.reading() as view:
            return await self._person(user_id, view)

    async def activity(self, user_id: int) -> Activity:
        now = self._clock.now()
        async with self._storage.reading() as view:
            spent = view.people.spent
            return Activity(
                today=await spent(user_id, since=self._rules.began(now)),
                week=await spent(user_id, since=self._rules.began(now, days_ago=6)),
                ever=await spent(user_id, since=EPOCH),
                jobs=tuple(await view.people.newest_jobs(user_id, limit=JOBS_SHOWN)),
                counts=await view.people.job_counts(user_id),
            )

    async def named(self, username: str) -> int:
        """Whoever has this @username, or had it when last seen. Raises PersonNotFound."""
        async with self._storage.reading() as view:
            user = await view.users.by_username(username.removeprefix("@"))
        if user is None:
            raise PersonNotFound(username)
        return user.id

    async def admins(self) -> list[Person]:
        """The owners, then those with a role."""
        async with self._storage.reading() as view:
            named = await view.users.admins()
            ids = dict.fromkeys([*sorted(self._rules.owner_ids), *named])
            return [await self._person(user_id, view) for user_id in ids]

    async def _person(self, user_id: int, view: Stores) -> Person:
        now = self._clock.now()
        day = await self._rules.day_of(user_id, view, now)
        return Person(
            user_id,
            await view.users.get(user_id),
            user_id in self._rules.owner_ids,
            await view.quotas.view(user_id, day=day),
            now,
        )
