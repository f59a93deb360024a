"""Groups: off until someone entitled turns them on; a hint once, not at every command."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.usecases.errors import ChatNotAllowed
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import Chat


class Chats:
    """allowed: the groups that can be on, and are from the first (ALLOWED_CHATS); empty: any."""

    def __init__(self, storage: Storage, clock: Clock, *, allowed: Collection[int] = ()) -> None:
        self._storage = storage
        self._clock = clock
        self._allowed = frozenset(allowed)

    def is_allowed(self, chat_id: int) -> bool:
        return not self._allowed or chat_id in self._allowed

    async def is_enabled(self, chat_id: int, kind: str, title: str | None = None) -> bool:
        """Whether a group is on, which is remembered by its title."""
        async with self._storage.reading() as view:
            chat = await view.chats.get(chat_id)
        if chat is None or (title is not None and chat.title != title):
            new = chat is None and chat_id in self._allowed
            chat = await self._remember(chat_id, kind, title, on=new)
        return chat.enabled and self.is_allowed(chat_id)

    async def is_off(self, chat_id: int) -> bool:
        """Turned off, or never turned on; a group nobody remembers may have moved (its old buttons
        still work).
        """
        async with self._storage.reading() as view:
            chat = await view.chats.get(chat_id)
        if chat_id < 0 and not self.is_allowed(chat_id):  # Telegram's groups have negative ids
            return True
        return chat is not None and not chat.enabled

    async def turn(self, chat_id: int, kind: str, *, on: bool, by: int) -> None:
        """Raises ChatNotAllowed."""
        if on and not self.is_allowed(chat_id):
            raise ChatNotAllowed(chat_id)
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.chats.set_enabled(chat_id, on, kind=kind, now=now)
            await tx.audit.add(by, "enable" if on else "disable", target_id=chat_id, now=now)

    async def reach(self, user_id: int, *, can: bool) -> None:
        """Whether this person's private chat takes what the bot sends without being asked."""
        async with self._storage.transaction() as tx:
            await tx.chats.set_enabled(user_id, can, kind="private", now=self._clock.now())

    async def may_hint(self, chat_id: int, kind: str) -> bool:
        """True once for as long as the chat stays off."""
        async with self._storage.transaction() as tx:
            await tx.chats.remember(chat_id, kind=kind, now=self._clock.now())
            return await tx.chats.claim_hint(chat_id)

    async def migrate(self, old_id: int, new_id: int) -> None:
        async with self._storage.transaction() as tx:
            await migrate(tx, old_id, new_id, self._clock.now())

    async def _remember(self, chat_id: int, kind: str, title: str | None, *, on: bool) -> Chat:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            chat = await tx.chats.remember(chat_id, kind=kind, title=title, now=now)
            if not on:
                return chat
            await tx.chats.set_enabled(chat_id, True, kind=kind, now=now)
        return replace(chat, enabled=True)


async def migrate(tx: Stores, old_id: int, new_id: int, now: datetime) -> None:
    """A group became a supergroup: its settings, jobs and shared units follow. Idempotent."""
    await tx.chats.migrate(old_id, new_id, now=now)
    await tx.quotas.transfer(old_id, new_id, now=now)
