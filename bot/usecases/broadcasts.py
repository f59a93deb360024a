"""A message of an admin's to everybody: looked at first, then started, and maybe stopped."""

from bot.usecases.errors import AlreadyEnded
from providers.clock import Clock
from storage.base import Storage
from storage.records import Broadcast, BroadcastState


class Broadcasts:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def draft(self, *, by: int, chat_id: int, message_id: int) -> tuple[Broadcast, int]:
        """With how many people it would go to."""
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            made = await tx.broadcasts.add(by, chat_id=chat_id, message_id=message_id, now=now)
            return made, await tx.broadcasts.audience(made.id)

    async def start(self, broadcast_id: int, *, by: int, status_message_id: int) -> None:
        """Raises AlreadyEnded: it was started or dropped before."""
        async with self._storage.transaction() as tx:
            if not await tx.broadcasts.start(broadcast_id, status_message_id=status_message_id):
                raise AlreadyEnded
            people = await tx.broadcasts.audience(broadcast_id)
            await tx.audit.add(
                by,
                "broadcast",
                target_id=broadcast_id,
                details={"people": people},
                now=self._clock.now(),
            )

    async def stop(self, broadcast_id: int, *, by: int) -> None:
        """Before its start or on its way. Raises AlreadyEnded."""
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            if not await tx.broadcasts.end(broadcast_id, BroadcastState.STOPPED, now=now):
                raise AlreadyEnded
            await tx.audit.add(by, "stop_broadcast", target_id=broadcast_id, now=now)

    async def look(self, broadcast_id: int) -> tuple[Broadcast, int]:
        """As it stands, and how many it has still to go to. Raises AlreadyEnded: there is none."""
        async with self._storage.reading() as view:
            found = await view.broadcasts.get(broadcast_id)
            if found is None:
                raise AlreadyEnded
            return found, await view.broadcasts.audience(broadcast_id)
