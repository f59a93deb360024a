"""What someone may send in inline mode: their own pictures, found by words; and whether a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.usecases.asker import Asker
from bot.usecases.imagine import Imagine
from bot.usecases.spec import JobSpec
from providers.clock import Clock
from storage.base import Storage
from storage.records import KnownPicture, User

LOOKED_THROUGH = 100  # of someone's newest pictures
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Suggestion:
    """file_id: Telegram's, so the picture is sent at once."""

    artifact_id: int
    file_id: str
    prompt: str


class Suggest:
    """Asked at every key someone types: it looks, and writes nothing.

    `show_unchecked`: False where such pictures are covered, which a suggestion can't be.
    """

    def __init__(
        self, storage: Storage, imagine: Imagine, clock: Clock, *, show_unchecked: bool
    ) -> None:
        self._storage = storage
        self._imagine = imagine
        self._clock = clock
        self._show_unchecked = show_unchecked

    async def __call__(self, asker: Asker, words: str) -> list[Suggestion]:
        """Their pictures with all these words in the description, newest first.

        Raises what the rules of entry raise: who may not ask for pictures isn't shown any.
        """
        await self._imagine.may_enter(asker)
        async with self._storage.reading() as view:
            user = await view.users.get(asker.user_id)
            if user is None or _is_banned(user, self._clock.now()):
                return []
            known = await view.artifacts.known_of(asker.user_id, limit=LOOKED_THROUGH)
        return self._matching(known, words.casefold().split())

    def _matching(self, known: Sequence[KnownPicture], words: Sequence[str]) -> list[Suggestion]:
        found = []
        for picture in known:
            if not (self._show_unchecked or not picture.reason_data.get("unchecked")):
                continue
            prompt = JobSpec.load(picture.spec).wish.prompt
            if all(word in prompt.casefold() for word in words):
                found.append(Suggestion(picture.artifact_id, picture.file_id, prompt))
        return found[:MOST_SHOWN]


def _is_banned(user: User, now: datetime) -> bool:
    return user.banned and (user.banned_until is None or user.banned_until > now)
