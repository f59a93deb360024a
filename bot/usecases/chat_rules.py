"""What a group's settings say to a request: who may ask, where, when and how often, and for what
where their words don't say.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from bot.usecases.asker import Asker
from bot.usecases.chat_settings import ChatSettings, settings_in
from bot.usecases.defaults import Defaults
from bot.usecases.errors import AdminsOnly, CoolingDown, QuietHours, TopicNotAllowed
from storage.base import Storage, Stores
from storage.records import Job

Manages = Callable[[int, int], Awaitable[bool]]
"""Whether a user is an admin of a chat; it may have to be asked for."""


def is_in_group(asker: Asker) -> bool:
    """Inline pictures are asked for elsewhere than where they are shown."""
    return asker.chat_kind != "private" and asker.inline_message_id is None


class MembersDoor:
    """Who may ask here."""

    def __init__(self, storage: Storage, manages: Manages) -> None:
        self._storage = storage
        self._manages = manages

    async def __call__(self, asker: Asker) -> None:
        """Raises AdminsOnly."""
        if not is_in_group(asker):
            return
        async with self._storage.reading() as view:
            settings = await settings_in(view, asker.chat_id)
        if settings.who == "admins" and not await self._is_admin(asker):
            raise AdminsOnly

    async def _is_admin(self, asker: Asker) -> bool:
        anonymous = asker.user_id == asker.chat_id  # an admin who writes as the group itself
        return anonymous or await self._manages(asker.user_id, asker.chat_id)


class ChatRule:
    """Where and when pictures are drawn here."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    async def __call__(self, asker: Asker, view: Stores, now: datetime) -> None:
        """Raises TopicNotAllowed, QuietHours, CoolingDown."""
        if not is_in_group(asker):
            return
        settings = await settings_in(view, asker.chat_id)
        if not settings.allows_topic(asker.thread_id):
            raise TopicNotAllowed
        if (until := settings.quiet_until(now, self._zone)) is not None:
            raise QuietHours(until)
        if settings.cooldown:
            last = await view.jobs.last_of(asker.user_id, asker.chat_id)
            if last is not None and last.message_id != asker.message_id:
                _check_cooldown(settings, last, now)


class CooldownLimit:
    """The same once more, when the job is stored: of many at once the first alone gets through."""

    async def __call__(self, job: Job, tx: Stores, now: datetime) -> None:
        """Raises CoolingDown."""
        if job.chat_kind == "private" or job.inline_message_id is not None:
            return
        settings = await settings_in(tx, job.chat_id)
        if settings.cooldown:
            last = await tx.jobs.last_of(job.user_id, job.chat_id, before=job.id)
            if last is not None:
                _check_cooldown(settings, last, now)


def _check_cooldown(settings: ChatSettings, last: Job, now: datetime) -> None:
    left = (last.created_at + timedelta(seconds=settings.cooldown) - now).total_seconds()
    if left > 0:
        raise CoolingDown(ceil(left))


async def chat_taste(asker: Asker, view: Stores) -> Defaults:
    """The group's own style, shape and model."""
    if not is_in_group(asker):
        return Defaults()
    return (await settings_in(view, asker.chat_id)).defaults
