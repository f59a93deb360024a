"""Invite links: each lets so many people in, and brings each of them extra units once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from bot.usecases.entry import AccessMode, EntryRules, Visitor, refuse_banned, remember
from bot.usecases.errors import InvitesOff, NoAccess
from bot.usecases.guesses import Guesses
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import Invite

LISTED = 20
TOKEN_BYTES = 12  # 16 characters: with its prefix well within a deep link's 64


@dataclass(frozen=True, slots=True)
class Offer:
    """What a new link brings. lasts: None until it is used up."""

    units: int = 0
    uses: int = 1
    lasts: timedelta | None = timedelta(days=7)


class Invites:
    def __init__(self, storage: Storage, rules: EntryRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock
        self._guesses = Guesses(clock)

    async def make(self, actor: int, offer: Offer) -> Invite:
        """Raises InvitesOff where links let nobody in."""
        if self._rules.access is AccessMode.LIST:
            raise InvitesOff
        now = self._clock.now()
        until = now + offer.lasts if offer.lasts else None
        invite = Invite(token_urlsafe(TOKEN_BYTES), offer.units, offer.uses, until, actor)
        details = {"units": offer.units, "uses": offer.uses}
        async with self._storage.transaction() as tx:
            await tx.invites.add(invite, now=now)
            await tx.audit.add(actor, "invite", details=details, now=now)
        return invite

    async def working(self) -> list[Invite]:
        async with self._storage.reading() as view:
            return await view.invites.working(limit=LISTED, now=self._clock.now())

    async def revoke(self, actor: int, token: str) -> None:
        """Nobody comes in by it any more; whoever did stays in."""
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            if await tx.invites.revoke(token):
                await tx.audit.add(actor, "invite_revoked", now=now)

    async def use(self, token: str, visitor: Visitor) -> Invite | None:
        """None where they came by it before. Raises InviteInvalid, TooManyGuesses, NoAccess, Banned."""
        with self._guesses.counted(visitor.user_id):
            return await self._use(token, visitor)

    async def _use(self, token: str, visitor: Visitor) -> Invite | None:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            user = await remember(tx, visitor, now)
            refuse_banned(user, now)
            if self._rules.access is AccessMode.LIST and not user.allowed:
                raise NoAccess(user.id)
            invite = await tx.invites.use(token, user.id, now=now)
            if invite is not None:
                await self._let_in(tx, user.id, invite, now)
        return invite

    async def _let_in(self, tx: Stores, user_id: int, invite: Invite, now: datetime) -> None:
        await tx.users.set_allowed(user_id, True)
        if invite.units:
            await tx.quotas.grant(user_id, invite.units, now=now)
        details = {"units": invite.units}
        await tx.audit.add(user_id, "invite_used", target_id=user_id, details=details, now=now)
