"""What belongs to a chat: its settings, requests being put together in it, Telegram's limits for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from storage.records import Chat, Draft, NewDraft


class ChatStore(Protocol):
    async def remember(
        self, chat_id: int, *, kind: str, title: str | None = None, now: datetime
    ) -> Chat:
        """Insert (private: enabled, any other: off) or refresh the kind, and the title if known.

        Nobody else changes the chat until the transaction is over.
        """
        ...

    async def set_settings(self, chat_id: int, settings: Mapping[str, Any]) -> None:
        """In place of all that were there; of a chat that was remembered."""
        ...

    async def get(self, chat_id: int) -> Chat | None: ...

    async def set_enabled(self, chat_id: int, enabled: bool, *, kind: str, now: datetime) -> None:
        """Turn a chat on or off, also one never seen; turning off allows one more hint."""
        ...

    async def claim_hint(self, chat_id: int) -> bool:
        """True exactly once per time the chat is off: the caller may say how to turn it on."""
        ...

    async def claim_notice(self, chat_id: int, *, every: float, now: datetime) -> bool:
        """True at most once in `every` seconds a chat, whoever asks: room for one refusal."""
        ...

    async def migrate(self, old_id: int, new_id: int, *, now: datetime) -> None:
        """A group became a supergroup: its row and its unfinished jobs follow. Idempotent.

        Where the supergroup has settings of its own, they stay.
        """
        ...


class DraftStore(Protocol):
    """Requests still being put together; they outlive a restart."""

    async def create(self, new: NewDraft, *, now: datetime) -> Draft: ...

    async def get(self, draft_id: int) -> Draft | None: ...

    async def of_message(self, chat_id: int, message_id: int) -> Draft | None:
        """The one this message of the bot's belongs to; the newest where there are several."""
        ...

    async def newest(self, chat_id: int, user_id: int, kind: str) -> Draft | None:
        """What this person began last in this chat."""
        ...

    async def set_message(self, draft_id: int, message_id: int) -> bool:
        """False where there is no such draft (any more), as below."""
        ...

    async def set_data(self, draft_id: int, data: Mapping[str, Any]) -> bool:
        """In place of all that was there."""
        ...

    async def delete(self, draft_id: int) -> bool:
        """True exactly once: whoever gets it may act on the draft."""
        ...

    async def drop_older(self, moment: datetime, *, kind: str | None = None) -> int:
        """Forget what was begun before `moment`, all or of one kind; returns how many there were."""
        ...


class PaceStore(Protocol):
    """Telegram's limits, where several processes keep them together."""

    async def close(self, chat_id: int, *, until: datetime) -> None:
        """After a 429. The later moment counts."""
        ...

    async def closed(self, *, now: datetime) -> dict[int, datetime]:
        """The chats that are closed now, and until when."""
        ...

    async def claim_call(self, chat_id: int, *, spacing: timedelta, now: datetime) -> bool:
        """True for one process in `spacing`: it may make one call to this chat now."""
        ...

    async def forget(self, *, now: datetime) -> int:
        """What holds nobody up any more."""
        ...
