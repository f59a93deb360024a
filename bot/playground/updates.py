"""The bot's mailbox: pending updates, as `getUpdates` and webhooks see them.

An update stays until it is confirmed: by a later offset, or by the webhook's 200.
https://core.telegram.org/bots/api#getting-updates
"""

import asyncio
from collections.abc import Sequence

from bot.playground.errors import conflict
from bot.playground.records import Json

OPT_IN = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
SECOND_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


class Updates:
    def __init__(self, first_id: int = 100_001) -> None:
        self.pending: dict[int, Json] = {}
        self._next_id = first_id
        self._allowed: tuple[str, ...] = ()
        self._arrived = asyncio.Event()
        self._poll = 0
        self._ended_by = ""

    @property
    def allowed(self) -> list[str]:
        return list(self._allowed)

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Which kinds arrive from now on; None leaves the choice as it was, empty is the default."""
        if kinds is not None:
            self._allowed = tuple(kinds)

    def add(self, kind: str, payload: Json) -> int | None:
        """Queue an update and return its id, or None where the bot did not ask for this kind."""
        wanted = kind in self._allowed if self._allowed else kind not in OPT_IN
        if not wanted:
            return None
        update_id = self._next_id
        self._next_id += 1
        self.pending[update_id] = {"update_id": update_id, kind: payload}
        self.wake()
        return update_id

    def confirm(self, update_id: int) -> None:
        self.pending.pop(update_id, None)

    def clear(self) -> None:
        self.pending.clear()

    def interrupt(self, by: str) -> None:
        """The poll in progress, if any, ends with a conflict."""
        self._poll += 1
        self._ended_by = by
        self.wake()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Up to `limit` updates from `offset` on, waiting for the first as long as `seconds`.

        Raises:
            ApiError: 409, when another poll began meanwhile.
        """
        self.interrupt(SECOND_POLLER)
        mine = self._poll
        self._confirm_before(offset)
        try:
            async with asyncio.timeout(seconds):
                while not self.pending and mine == self._poll:
                    await self.arrival()
        except TimeoutError:
            pass
        if mine != self._poll:
            raise conflict(self._ended_by)
        return list(self.pending.values())[:limit]

    async def arrival(self) -> None:
        """Returns at the next update or interruption."""
        await self._arrived.wait()

    def _confirm_before(self, offset: int) -> None:
        if offset < 0:
            offset = max(self.pending, default=0) + offset + 1
        for update_id in [known for known in self.pending if known < offset]:
            del self.pending[update_id]

    def wake(self) -> None:
        self._arrived.set()
        self._arrived = asyncio.Event()
