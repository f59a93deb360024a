"""`/imagine` without words: choices made by buttons, kept as a draft until the words come.

A person has one such keyboard in a chat at most. It is theirs alone, outlives a restart, and is
forgotten after DRAFTS_KEPT.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from bot.usecases.errors import KeyboardGone
from bot.usecases.menu import Menu
from bot.usecases.preferences import Choices, preferences_of, remember_last
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import Draft, NewDraft

KIND = "guided"
DRAFTS_KEPT = timedelta(days=1)
LISTENS = timedelta(hours=1)
"""For so long any words in private are what to draw; later only a reply is."""


class State(BaseModel):
    """A draft's data. asked: the person was asked for the words, by the message `question_id` as
    soon as that is known.
    """

    model_config = ConfigDict(frozen=True)

    choices: Choices
    asked: bool = False
    question_id: int | None = None

    @classmethod
    def of(cls, draft: Draft) -> Self:
        return cls.model_validate(draft.data)

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True, slots=True)
class Guide:
    """One such keyboard, as it is now."""

    draft: Draft
    state: State

    @property
    def choices(self) -> Choices:
        return self.state.choices

    @property
    def message_ids(self) -> tuple[int, ...]:
        """Of the bot's messages that belong to it."""
        ids = (self.draft.message_id, self.state.question_id)
        return tuple(each for each in ids if each is not None)


class Guided:
    def __init__(self, storage: Storage, menu: Menu, clock: Clock) -> None:
        self._storage = storage
        self._menu = menu
        self._clock = clock

    async def open(
        self, chat_id: int, user_id: int, thread_id: int | None
    ) -> tuple[Guide, Guide | None]:
        """A new one, and the one it takes the place of."""
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.drafts.drop_older(now - DRAFTS_KEPT, kind=KIND)
            old = await tx.drafts.newest(chat_id, user_id, KIND)
            if old is not None:
                await tx.drafts.delete(old.id)
            state = State(choices=await self._preselected(user_id, tx))
            new = NewDraft(
                chat_id=chat_id,
                user_id=user_id,
                thread_id=thread_id,
                kind=KIND,
                data=state.dump(),
            )
            draft = await tx.drafts.create(new, now=now)
        return Guide(draft, state), _guide(old)

    async def shown(self, draft_id: int, message_id: int) -> None:
        """This is its message."""
        async with self._storage.transaction() as tx:
            await tx.drafts.set_message(draft_id, message_id)

    async def get(self, draft_id: int) -> Guide:
        """Raises KeyboardGone."""
        async with self._storage.reading() as view:
            return await self._get(draft_id, view)

    async def choose(self, draft_id: int, **chosen: Any) -> Guide:
        """`chosen`: fields of Choices. Raises KeyboardGone."""
        return await self._change(draft_id, choices=chosen)

    async def ask(self, draft_id: int) -> Guide:
        """The words come next. Raises KeyboardGone."""
        return await self._change(draft_id, asked=True, question_id=None)

    async def asked(self, draft_id: int, question_id: int) -> Guide:
        """By this message. Raises KeyboardGone."""
        return await self._change(draft_id, question_id=question_id)

    async def close(self, draft_id: int) -> None:
        async with self._storage.transaction() as tx:
            await tx.drafts.delete(draft_id)

    async def done(self, guide: Guide) -> None:
        """Its words came, and the job was accepted: the choices are marked the next time."""
        async with self._storage.transaction() as tx:
            if await tx.drafts.delete(guide.draft.id):
                await remember_last(guide.draft.user_id, guide.choices, tx)

    async def awaiting(
        self, chat_id: int, user_id: int, replied_id: int | None, *, listens: bool
    ) -> Guide | None:
        """The one that words are for: those that reply to it, or where it `listens` (in private)
        any that reply to nothing.
        """
        async with self._storage.reading() as view:
            guide = _guide(await view.drafts.newest(chat_id, user_id, KIND))
        if guide is None or self._age(guide) > DRAFTS_KEPT:
            return None
        if replied_id is None:
            return guide if listens and self._age(guide) <= LISTENS else None
        return guide if replied_id in guide.message_ids or _may_be(replied_id, guide) else None

    def _age(self, guide: Guide) -> timedelta:
        return self._clock.now() - guide.draft.created_at

    async def _preselected(self, user_id: int, tx: Stores) -> Choices:
        chosen = (await preferences_of(user_id, tx)).preselected()
        known = self._menu.known(chosen)
        return known.model_copy(update={"style": known.style or "default"})

    async def _change(
        self, draft_id: int, choices: dict[str, Any] | None = None, **changes: Any
    ) -> Guide:
        async with self._storage.transaction() as tx:
            guide = await self._get(draft_id, tx)
            if choices:
                changes["choices"] = guide.choices.model_copy(update=choices)
            state = guide.state.model_copy(update=changes)
            if not await tx.drafts.set_data(draft_id, state.dump()):
                raise KeyboardGone
        return Guide(guide.draft, state)

    async def _get(self, draft_id: int, view: Stores) -> Guide:
        draft = await view.drafts.get(draft_id)
        if draft is None or draft.kind != KIND:  # its data would be somebody else's to read
            raise KeyboardGone
        guide = Guide(draft, State.of(draft))
        if self._age(guide) > DRAFTS_KEPT:
            raise KeyboardGone
        return guide


def _guide(draft: Draft | None) -> Guide | None:
    return Guide(draft, State.of(draft)) if draft is not None else None


def _may_be(message_id: int, guide: Guide) -> bool:
    """Asked, but Telegram's answer was lost: the question is some message after the keyboard's."""
    unknown = guide.state.asked and guide.state.question_id is None
    return unknown and message_id > (guide.draft.message_id or 0)
