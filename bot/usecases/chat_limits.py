"""How much a group shares a day, as admins set it."""

from dataclasses import dataclass

from bot.usecases.payer import Payer
from providers.clock import Clock
from storage.base import Storage
from storage.records import QuotaView


@dataclass(frozen=True, slots=True)
class Shared:
    """title: None where the bot has never seen the group. view: None where it shares nothing."""

    chat_id: int
    title: str | None
    view: QuotaView | None


class LimitChat:
    def __init__(self, storage: Storage, payer: Payer, clock: Clock) -> None:
        self._storage = storage
        self._payer = payer
        self._clock = clock

    async def __call__(self, actor: int, chat_id: int, limit: int | None) -> Shared:
        """Units a day for all in a chat, also one never seen; None: what the settings say."""
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.quotas.set_limit(chat_id, limit)
            details = {"limit": limit}
            await tx.audit.add(actor, "chatlimit", target_id=chat_id, details=details, now=now)
            chat = await tx.chats.get(chat_id)
            view = await self._payer.pool(tx, chat_id, now)
        return Shared(chat_id, chat.title if chat else None, view)
