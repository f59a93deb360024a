"""Who may run the bot in a chat: the owner's ADMIN_IDS, and the chat's own administrators."""

from collections.abc import Collection

from aiogram import Bot
from aiogram.types import CallbackQuery, ChatMemberAdministrator, ChatMemberOwner, Message

from bot.telegram.errors import TELEGRAM_FAILURES
from providers.clock import Clock

REMEMBERED = 60.0  # seconds: a promotion is noticed within that time
MOST_REMEMBERED = 10_000


class Admins:
    def __init__(self, bot: Bot, owner_ids: Collection[int], clock: Clock) -> None:
        self._bot = bot
        self._owner_ids = frozenset(owner_ids)
        self._clock = clock
        self._known: dict[tuple[int, int], tuple[float, bool]] = {}

    def is_owner(self, user_id: int) -> bool:
        return user_id in self._owner_ids

    async def wrote(self, message: Message) -> bool:
        """Anonymous admins write as the chat itself (sender_chat is the chat)."""
        if message.sender_chat is not None:
            return message.sender_chat.id == message.chat.id
        return message.from_user is not None and await self.manages(
            message.from_user.id, message.chat.id
        )

    async def pressed(self, query: CallbackQuery) -> bool:
        chat_id = query.message.chat.id if query.message else query.from_user.id
        return await self.manages(query.from_user.id, chat_id)

    async def manages(self, user_id: int, chat_id: int) -> bool:
        if self.is_owner(user_id):
            return True
        if chat_id > 0:
            return False
        until, known = self._known.get((chat_id, user_id), (0.0, False))
        if self._clock.monotonic() < until:
            return known
        return await self._ask(user_id, chat_id)

    async def _ask(self, user_id: int, chat_id: int) -> bool:
        try:
            member = await self._bot.get_chat_member(chat_id, user_id, request_timeout=10)
        except TELEGRAM_FAILURES:  # not known to be an admin is no admin
            return False
        manages = isinstance(member, ChatMemberOwner | ChatMemberAdministrator)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[chat_id, user_id] = (self._clock.monotonic() + REMEMBERED, manages)
        return manages
