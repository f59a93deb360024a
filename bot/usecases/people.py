"""What owners and admins do about people. Each deed and its line in the audit log are stored at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.usecases.cancel_job import CancelJob, Cancellation
from bot.usecases.errors import NothingToCancel, Protected
from bot.usecases.quotas import QuotaRules
from bot.usecases.recall import recall
from bot.usecases.roles import ADMIN
from providers.clock import Clock
from storage.base import Storage, Stores


class ManagePeople:
    """actor: the admin's id. A person's id may be one never seen. That the actor may is known here."""

    def __init__(
        self, storage: Storage, rules: QuotaRules, cancel_job: CancelJob, clock: Clock
    ) -> None:
        self._storage = storage
        self._rules = rules
        self._cancel_job = cancel_job
        self._clock = clock

    async def grant(self, actor: int, person: int, units: int) -> int:
        """Extra units; fewer than none are taken back, as far as there are. Returns the change."""
        if units >= 0:
            async with self._deed(actor, "grant", person, units=units) as tx:
                await tx.quotas.grant(person, units, now=self._clock.now())
            return units
        async with self._deed(actor, "revoke", person, units=-units) as tx:
            return -await tx.quotas.revoke(person, -units, now=self._clock.now())

    async def limit(self, actor: int, person: int, limit: int | None) -> None:
        """Units a day; None: what the settings say, UNLIMITED: as many as they like."""
        async with self._deed(actor, "limit", person, limit=limit) as tx:
            await tx.quotas.set_limit(person, limit)

    async def reset(self, actor: int, person: int) -> int:
        """Today's use is forgiven; returns how many units it was."""
        now = self._clock.now()
        async with self._deed(actor, "reset", person) as tx:
            return await tx.quotas.reset(person, day=self._rules.day_at(now), now=now)

    async def ban(
        self, actor: int, person: int, *, lasts: timedelta | None, reason: str | None
    ) -> list[Cancellation]:
        """What they have queued or running is canceled and returned. Raises Protected."""
        until = self._clock.now() + lasts if lasts else None
        details = {"until": until.isoformat() if until else None, "reason": reason}
        async with self._deed(actor, "ban", person, **details) as tx:
            if await self._is_staff(tx, person):
                raise Protected
            await tx.users.ban(person, until=until, reason=reason)
        try:
            return await self._cancel_job.all_of(person)
        except NothingToCancel:
            return []

    async def unban(self, actor: int, person: int) -> None:
        """Strikes, and a pause for them, are forgiven too."""
        async with self._deed(actor, "unban", person) as tx:
            await tx.users.unban(person)

    async def allow(self, actor: int, person: int, *, allowed: bool) -> None:
        """Where access isn't open; a group's id stands for all of its members."""
        async with self._deed(actor, "allow" if allowed else "disallow", person) as tx:
            await tx.users.set_allowed(person, allowed)

    async def promote(self, owner: int, person: int) -> None:
        """An admin from now on, and banned no more."""
        async with self._deed(owner, "promote", person) as tx:
            await tx.users.set_role(person, ADMIN)
            await tx.users.unban(person)

    async def demote(self, owner: int, person: int) -> None:
        async with self._deed(owner, "demote", person) as tx:
            await tx.users.set_role(person, None)

    @asynccontextmanager
    async def _deed(
        self, actor: int, action: str, person: int, **details: Any
    ) -> AsyncIterator[Stores]:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await recall(tx, person, now)
            yield tx
            await tx.audit.add(actor, action, target_id=person, details=details, now=now)

    async def _is_staff(self, tx: Stores, person: int) -> bool:
        user = await tx.users.get(person)
        return person in self._rules.owner_ids or (user is not None and user.role is not None)
