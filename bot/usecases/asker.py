"""Who asks for a picture, and what looks at them before they get one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.usecases.defaults import Defaults
from bot.usecases.spec import Lineage
from storage.base import Stores
from storage.records import Job


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked, and where the answer goes.

    message_id is the command's own message; a button's press has none, but a negative number that
    is the same when the press comes again, and `reply_to` says which message to answer.
    language: Telegram's word for it; locale: the one of ours to speak. parent_id: the job whose
    result this goes on from, and lineage how.
    """

    user_id: int
    username: str | None
    language: str | None
    chat_id: int
    chat_kind: str
    message_id: int
    thread_id: int | None
    name: str | None = None
    locale: str | None = None
    reply_to: int | None = None
    parent_id: int | None = None
    lineage: Lineage | None = None
    inline_message_id: str | None = None


class Rule(Protocol):
    """Whether someone may ask here and now, whatever they ask for."""

    async def __call__(self, asker: Asker, view: Stores, now: datetime) -> None:
        """Raises a UseCaseError, or Throttled, where not. Looks only; `view` may be read-only."""
        ...


class Door(Protocol):
    """A rule that has to ask elsewhere than in storage."""

    async def __call__(self, asker: Asker) -> None:
        """Raises a UseCaseError."""
        ...


class Limit(Protocol):
    """A rule that no two requests at once may pass together: the job is queued, but not for good."""

    async def __call__(self, job: Job, tx: Stores, now: datetime) -> None:
        """Raises a UseCaseError, which undoes it."""
        ...


class Taste(Protocol):
    """What someone's pictures are like here where their words don't say."""

    async def __call__(self, asker: Asker, view: Stores) -> Defaults:
        """Looks only; `view` may be read-only."""
        ...
