"""Who may use the bot: not the banned, and where it isn't open to everyone, those on its list."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.usecases.asker import Asker
from bot.usecases.errors import Banned, NoAccess, Paused
from bot.usecases.recall import recall
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import User

NOTICE_EVERY = 60.0  # seconds between two answers to someone who may not use the bot


class AccessMode(StrEnum):
    """list: those an admin allowed; invite: they, and whoever comes by an invite link."""

    OPEN = "open"
    LIST = "list"
    INVITE = "invite"


@dataclass(frozen=True, slots=True)
class EntryRules:
    """allowed_ids: of people, and of groups all of whose members may."""

    access: AccessMode = AccessMode.OPEN
    allowed_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who writes or presses, and where. A chat that writes has no name of a person."""

    user_id: int
    chat_id: int
    username: str | None = None
    name: str | None = None
    language: str | None = None

    @property
    def is_chat(self) -> bool:
        """Telegram's groups and channels have negative ids."""
        return self.user_id < 0

    def is_news(self, user: User) -> bool:
        """Whether the bot knows them by other names."""
        told = (self.username, self.name, self.language)
        known = (user.username, user.name, user.language)
        return any(new is not None and new != old for new, old in zip(told, known, strict=True))


class Entry:
    def __init__(self, storage: Storage, rules: EntryRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock

    async def admit(self, visitor: Visitor, *, meet: bool = True) -> None:
        """Whatever it is they want. Raises Banned, NoAccess. Where they `meet`, they are remembered
        by their names; else nothing is written.
        """

        async def is_checked(view: Stores) -> bool:
            user = await view.users.get(visitor.user_id)
            known = user is not None and not visitor.is_news(user)
            if visitor.is_chat or known or not meet:
                await self._check(user, visitor.user_id, visitor.chat_id, view)
                return True
            return False

        if await self._storage.read(is_checked):
            return
        async with self._storage.transaction() as tx:
            user = await remember(tx, visitor, self._clock.now())
        async with self._storage.reading() as view:
            await self._check(user, visitor.user_id, visitor.chat_id, view)

    async def may_tell(self, user_id: int) -> bool:
        """Whether to answer someone refused: once a minute, wherever they ask."""
        async with self._storage.transaction() as tx:
            return await tx.chats.claim_notice(user_id, every=NOTICE_EVERY, now=self._clock.now())

    async def may_tell_throttled(self, user_id: int) -> bool:
        """Whether to answer someone who asked too often: once in that minute."""
        async with self._storage.transaction() as tx:
            return await tx.users.claim_throttle_notice(user_id)

    async def __call__(self, asker: Asker, view: Stores, now: datetime) -> None:
        """The rule of entry for requests. Raises Banned, NoAccess, Paused."""
        user = await view.users.get(asker.user_id)
        await self._check(user, asker.user_id, asker.chat_id, view)
        if user is not None and user.blocked_until is not None and user.blocked_until > now:
            raise Paused((user.blocked_until - now).total_seconds())

    async def _check(self, user: User | None, user_id: int, chat_id: int, view: Stores) -> None:
        if user_id in self._rules.owner_ids or (user is not None and user.role is not None):
            return
        if user is not None:
            refuse_banned(user, self._clock.now())
        if self._rules.access is AccessMode.OPEN or (user is not None and user.allowed):
            return
        if self._rules.allowed_ids & {user_id, chat_id}:
            return
        chat = await view.users.get(chat_id) if chat_id != user_id else None
        if chat is None or not chat.allowed:
            raise NoAccess(user_id)


def refuse_banned(user: User, now: datetime) -> None:
    """Raises Banned."""
    if user.banned_at(now):
        until = user.banned_until
        raise Banned((until - now).total_seconds() if until else None, user.ban_reason)


async def remember(tx: Stores, visitor: Visitor, now: datetime) -> User:
    """By their names of today, and with all that was held against them before they were forgotten."""
    await recall(tx, visitor.user_id, now)
    return await tx.users.remember(
        visitor.user_id,
        username=visitor.username,
        name=visitor.name,
        language=visitor.language,
        now=now,
    )
