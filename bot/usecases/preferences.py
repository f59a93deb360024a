"""What a person likes: set in /settings, or chosen last by buttons. Kept as `users.preferences`."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.usecases.asker import Asker
from bot.usecases.defaults import Defaults
from storage.base import Storage, Stores

MOST_PICTURES = 4  # at once


class Choices(BaseModel):
    """None: nothing chosen. ratio: width and height, as in `--ar 16:9`."""

    model_config = ConfigDict(frozen=True)

    ratio: tuple[int, int] | None = None
    style: str | None = None
    model: str | None = None
    count: int = 1

    def defaults(self) -> Defaults:
        return Defaults(style=self.style, ratio=self.ratio, model=self.model)


class Preferences(BaseModel):
    """always: for every /imagine whose words don't say. last: marked when the keyboard opens.

    files: the originals come along as files, in private.
    """

    model_config = ConfigDict(frozen=True)

    always: Choices = Choices()
    last: Choices | None = None
    files: bool = False

    @classmethod
    def load(cls, stored: dict[str, Any] | None) -> Self:
        """An older version's choices that can't be read are none."""
        try:
            return cls.model_validate(stored or {})
        except ValidationError:
            return cls()

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    def preselected(self) -> Choices:
        """What the keyboard opens with; what wasn't chosen last is as it always is."""
        last, always = self.last or Choices(), self.always
        return Choices(
            ratio=last.ratio or always.ratio or (1, 1),
            style=last.style or always.style or "default",
            model=last.model if self.last else always.model,
            count=last.count,
        )


async def preferences_of(user_id: int, view: Stores) -> Preferences:
    user = await view.users.get(user_id)
    return Preferences.load(user.preferences if user else None)


class PersonalTaste:
    """Implements `imagine.Taste` with what the asker set in /settings."""

    async def __call__(self, asker: Asker, view: Stores) -> Defaults:
        return (await preferences_of(asker.user_id, view)).always.defaults()


class Prefer:
    """Reads and changes one person's preferences."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def of(self, user_id: int) -> Preferences:
        async with self._storage.reading() as view:
            return await preferences_of(user_id, view)

    async def always(self, user_id: int, **chosen: Any) -> Preferences:
        """`chosen`: fields of Choices; None takes a choice back."""
        async with self._storage.transaction() as tx:
            known = await preferences_of(user_id, tx)
            always = known.always.model_copy(update=chosen)
            changed = known.model_copy(update={"always": always})
            await tx.users.set_preferences(user_id, changed.dump())
        return changed

    async def files(self, user_id: int, *, wanted: bool) -> Preferences:
        async with self._storage.transaction() as tx:
            known = await preferences_of(user_id, tx)
            changed = known.model_copy(update={"files": wanted})
            await tx.users.set_preferences(user_id, changed.dump())
        return changed


async def remember_last(user_id: int, choices: Choices, tx: Stores) -> None:
    known = await preferences_of(user_id, tx)
    await tx.users.set_preferences(user_id, known.model_copy(update={"last": choices}).dump())
