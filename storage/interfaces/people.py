"""What is known of people: who they are, what they may, what they did, and how they are forgotten."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from storage.records import ForgottenJobs, Invite, Job, JobState, User


class SanctionStore(Protocol):
    """What people are allowed and what is held against them; also of those never seen."""

    async def set_allowed(self, user_id: int, allowed: bool) -> None: ...

    async def ban(self, user_id: int, *, until: datetime | None, reason: str | None) -> None:
        """In place of an earlier ban. Without `until`: for good."""
        ...

    async def unban(self, user_id: int) -> None:
        """Nothing is held against them any more, strikes neither."""
        ...

    async def strike(self, user_id: int, *, counts_for: timedelta, now: datetime) -> int:
        """Count one more; returns how many there are. After `counts_for` without one all are gone."""
        ...

    async def block(self, user_id: int, *, until: datetime) -> None:
        """For their strikes."""
        ...

    async def claim_throttle_notice(self, user_id: int) -> bool:
        """True once in a minute in which requests were too many: the user may be told."""
        ...

    async def admins(self) -> list[int]:
        """Those with a role."""
        ...


class UserStore(SanctionStore, Protocol):
    async def remember(
        self,
        user_id: int,
        *,
        username: str | None,
        language: str | None,
        name: str | None = None,
        now: datetime,
    ) -> User:
        """Insert or refresh; one statement. What the caller doesn't know (None) is kept."""
        ...

    async def set_locale(self, user_id: int, locale: str | None) -> None:
        """The language chosen here, also by someone never seen; None follows Telegram's."""
        ...

    async def set_role(self, user_id: int, role: str | None) -> None:
        """Also of someone never seen."""
        ...

    async def set_preferences(self, user_id: int, preferences: Mapping[str, Any]) -> None:
        """In place of all that were there, also of someone never seen."""
        ...

    async def get(self, user_id: int) -> User | None: ...

    async def by_username(self, username: str) -> User | None:
        """In any case of letters; of several who had the name, whoever was seen last."""
        ...

    async def count_request(self, user_id: int, *, per_minute: int, now: datetime) -> None:
        """Count one request in the current minute. Raises Throttled when it is one too many.

        Creates the user where it was never seen.
        """
        ...


class PeopleStore(Protocol):
    """What a person did, for those who run the bot."""

    async def newest_jobs(self, user_id: int, *, limit: int) -> list[Job]: ...

    async def job_counts(self, user_id: int) -> dict[JobState, int]: ...

    async def spent(self, user_id: int, *, since: datetime) -> int:
        """Units captured at `since` or later, daily and extra ones."""
        ...


class InviteStore(Protocol):
    async def add(self, invite: Invite, *, now: datetime) -> None: ...

    async def use(self, token: str, user_id: int, *, now: datetime) -> Invite | None:
        """Take one of its uses; None where this person has used it before. Raises InviteInvalid;
        the transaction must then be given up.
        """
        ...

    async def revoke(self, token: str) -> bool:
        """False where nothing was left of it."""
        ...

    async def working(self, *, limit: int, now: datetime) -> list[Invite]:
        """Those that still let someone in, newest first."""
        ...


class ForgettingStore(Protocol):
    """People who asked to be forgotten. `key` and `nobody` (a user id that none has) stand for them."""

    async def lock(self, user_id: int) -> None:
        """First of all: what they ask for meanwhile waits until the transaction is over."""
        ...

    async def specs(self, user_id: int) -> list[dict[str, Any]]:
        """Of all their jobs."""
        ...

    async def forget(
        self, user_id: int, *, nobody: int, key: str, stub: dict[str, Any], now: datetime
    ) -> ForgottenJobs:
        """Nothing names them any more; the jobs, which must have ended, have the spec `stub` then.

        Their units must have been transferred to `nobody` before, in the same transaction. What is
        held against them is kept under `key`.
        """
        ...

    async def recall(self, user_id: int, *, nobody: int, key: str) -> bool:
        """What is held against them counts again; their units are the caller's to transfer.

        False where they were never forgotten, or have been back since.
        """
        ...

    async def unused(self, pictures: Iterable[str]) -> list[str]:
        """Those that neither an artifact nor any job's spec or draft names."""
        ...
