"""Groups: off until someone entitled turns them on; a hint once, not at every command."""

from providers.clock import Clock
from storage.base import Storage


class Chats:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def is_enabled(self, chat_id: int) -> bool:
        async with self._storage.reading() as view:
            chat = await view.chats.get(chat_id)
        return chat is not None and chat.enabled

    async def turn(self, chat_id: int, kind: str, *, on: bool) -> None:
        async with self._storage.transaction() as tx:
            await tx.chats.set_enabled(chat_id, on, kind=kind, now=self._clock.now())

    async def may_hint(self, chat_id: int, kind: str) -> bool:
        """True once for as long as the chat stays off."""
        async with self._storage.transaction() as tx:
            await tx.chats.remember(chat_id, kind=kind, now=self._clock.now())
            return await tx.chats.claim_hint(chat_id)

    async def migrate(self, old_id: int, new_id: int) -> None:
        async with self._storage.transaction() as tx:
            await tx.chats.migrate(old_id, new_id, now=self._clock.now())
