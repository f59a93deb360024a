"""What a group's admins chose for it: kept with the chat, and asked before every picture."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.usecases.chats import Chats
from bot.usecases.defaults import Defaults
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import Job

GENERAL = 0
"""The topic of messages that name none, in place of its id."""

LONGEST_COOLDOWN = 24 * 60 * 60  # seconds
LATEST_DELETION = 47 * 60  # minutes: a bot can't delete its own message after 48 hours

ENABLED = "enabled"
"""A change: draw here at all, or not. It is kept beside the settings."""

TOGGLE_TOPIC = "toggle_topic"
"""A change: draw in this topic too, or not any more; none left is everywhere."""

Changes = Mapping[str, Any]
"""Fields of ChatSettings with their new values."""

Hour = Annotated[int, Field(ge=0, le=23)]


class Nsfw(StrEnum):
    """What becomes of a picture that our own check finds sensitive."""

    BLOCK = "block"
    SPOILER = "spoiler"
    ALLOW = "allow"

    def at_most(self, cap: "Nsfw") -> "Nsfw":
        order = list(Nsfw)
        return min(self, cap, key=order.index)


class ChatSettings(BaseModel):
    """cooldown: seconds between one person's requests. quiet: from this hour to that, of the quota's
    time zone. auto_delete: minutes a result stays, 0: for good. topics: where pictures are drawn;
    none: everywhere.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    who: Literal["everyone", "admins"] = "everyone"
    style: str | None = None
    ratio: tuple[int, int] | None = None
    model: str | None = None
    cooldown: Annotated[int, Field(ge=0, le=LONGEST_COOLDOWN)] = 0
    quiet: tuple[Hour, Hour] | None = None
    nsfw: Nsfw = Nsfw.BLOCK
    auto_delete: Annotated[int, Field(ge=0, le=LATEST_DELETION)] = 0
    topics: tuple[int, ...] = ()

    @classmethod
    def load(cls, stored: Mapping[str, Any] | None) -> Self:
        """What can't be read (another version wrote it) is as if nobody had chosen it."""
        values = dict(stored or {})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            for wrong in error.errors():
                values.pop(str(wrong["loc"][0]), None)
            return cls.model_validate(values)

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def defaults(self) -> Defaults:
        return Defaults(self.style, self.ratio, self.model)

    def allows_topic(self, thread_id: int | None) -> bool:
        return not self.topics or (thread_id or GENERAL) in self.topics

    def quiet_until(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end, as the zone's clocks say; None where it isn't quiet."""
        if self.quiet is None:
            return None
        begin, end = self.quiet
        local = now.astimezone(zone)
        if not _within(local.hour, begin, end):
            return None
        day = local.date() + timedelta(days=1 if local.hour >= end else 0)
        return datetime.combine(day, time(end), zone)

    def delete_at(self, sent: datetime, now: datetime) -> datetime | None:
        """When a message that was sent then, and got its result now, is to go; None: never."""
        if not self.auto_delete:
            return None
        latest = sent + timedelta(minutes=LATEST_DELETION)
        return min(now + timedelta(minutes=self.auto_delete), latest)


def _within(hour: int, begin: int, end: int) -> bool:
    return begin <= hour < end if begin <= end else not end <= hour < begin


async def settings_in(view: Stores, chat_id: int) -> ChatSettings:
    chat = await view.chats.get(chat_id)
    return ChatSettings.load(chat.settings if chat else None)


async def nsfw_policy(view: Stores, job: Job, cap: Nsfw) -> Nsfw:
    """What becomes of a job's sensitive pictures; in private they are never shown."""
    if job.chat_kind == "private" or job.inline_message_id is not None:
        return Nsfw.BLOCK
    return (await settings_in(view, job.chat_id)).nsfw.at_most(cap)


async def plan_deletion(tx: Stores, job: Job, now: datetime) -> None:
    """Of a job's message, which just got its result, where its chat wants results gone."""
    if job.chat_kind == "private" or job.inline_message_id is not None:
        return
    at = (await settings_in(tx, job.chat_id)).delete_at(job.created_at, now)
    if at is not None:
        await tx.jobs.plan_deletion(job.id, at=at)


class EditChatSettings:
    """nsfw_allowed: the most that the owner lets chats choose."""

    def __init__(self, storage: Storage, chats: Chats, clock: Clock, *, nsfw_allowed: Nsfw) -> None:
        self._chats = chats
        self._storage = storage
        self._clock = clock
        self.nsfw_allowed = nsfw_allowed

    async def of(self, chat_id: int) -> tuple[ChatSettings, bool]:
        """And whether the chat is on."""
        async with self._storage.reading() as view:
            chat = await view.chats.get(chat_id)
        return ChatSettings.load(chat.settings if chat else None), bool(chat and chat.enabled)

    async def change(self, chat_id: int, kind: str, changes: Changes, *, by: int) -> None:
        """Into the audit log it goes with who did it. Raises ChatNotAllowed."""
        if ENABLED in changes:
            await self._chats.turn(chat_id, kind, on=changes[ENABLED], by=by)
            return
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            chat = await tx.chats.remember(chat_id, kind=kind, now=now)
            changed = _changed(ChatSettings.load(chat.settings), changes)
            await tx.chats.set_settings(chat_id, changed.dump())
            await tx.audit.add(
                by, "chatsettings", target_id=chat_id, details=dict(changes), now=now
            )


def _changed(settings: ChatSettings, changes: Changes) -> ChatSettings:
    values = {**settings.model_dump(), **changes}
    if (topic := values.pop(TOGGLE_TOPIC, None)) is not None:
        values["topics"] = sorted(set(settings.topics) ^ {topic})
    return ChatSettings.model_validate(values)
