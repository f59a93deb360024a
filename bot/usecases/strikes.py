"""Censored requests count against whoever makes them: after a few comes a pause, then longer ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.usecases.errors import Strike
from storage.base import Stores

COUNTS_FOR = timedelta(days=1)  # a day without one, and all are forgotten
LONGEST_PAUSE = timedelta(days=1)
MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Strikes:
    """before_pause: how many there may be; with that many comes a pause of `first_pause`, and each
    further one doubles it. 0: nobody is ever paused. Owners and admins of the bot never are.
    """

    before_pause: int
    first_pause: timedelta
    owner_ids: frozenset[int] = frozenset()

    async def count(self, tx: Stores, user_id: int, now: datetime) -> Strike | None:
        """One more, in the transaction that stores what it is for. None: it doesn't matter."""
        if self.before_pause == 0 or await self._is_staff(tx, user_id):
            return None
        strikes = await tx.users.strike(user_id, counts_for=COUNTS_FOR, now=now)
        strike = self.after(strikes)
        if strike.left == 0:
            await tx.users.block(user_id, until=now + timedelta(seconds=strike.pause))
        return strike

    def after(self, strikes: int) -> Strike:
        further = strikes - self.before_pause
        doubled = self.first_pause * 2 ** min(max(further, 0), MOST_DOUBLINGS)
        return Strike(max(-further, 0), min(doubled, LONGEST_PAUSE).total_seconds())

    async def _is_staff(self, tx: Stores, user_id: int) -> bool:
        if user_id in self.owner_ids:
            return True
        user = await tx.users.get(user_id)
        return user is not None and user.role is not None
