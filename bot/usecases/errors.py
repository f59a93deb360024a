"""What the use cases refuse, beyond what `providers.catalog` and `storage.errors` already say.

UseCaseError
├── ModeNotTaken         no model, or not the one named, makes pictures in this way
├── WrongPictures        the pictures given and the options don't go together
├── PictureRefused       one of the given pictures can't be used
├── PromptBlocked        the bot's own rules, or its moderation service, say no to the words
├── PromptUnchecked      the moderation service gives no verdict, and without one nothing is drawn
├── NothingToCancel      the user has no queued or running job here
├── NotYours             only the author or a chat admin may do this
└── AlreadyEnded         the job has its outcome already
"""

from enum import StrEnum

from providers.types import Mode


class UseCaseError(Exception):
    pass


class ModeNotTaken(UseCaseError):
    """`models`: those that can; none where no enabled model can."""

    def __init__(self, mode: Mode, models: tuple[str, ...]) -> None:
        super().__init__(mode.value)
        self.mode = mode
        self.models = models


class PicturesTrouble(StrEnum):
    """Why pictures and options don't go together."""

    NONE_GIVEN = "none_given"  # an option that needs a picture
    TOO_MANY = "too_many"
    ONE_EXPECTED = "one_expected"
    CONFLICT = "conflict"  # two options that mean different things to do


class WrongPictures(UseCaseError):
    """`option`: whose fault it is, without dashes; `other`: the one it can't be combined with."""

    def __init__(self, trouble: PicturesTrouble, option: str = "", other: str = "") -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.option = option
        self.other = other


class PictureTrouble(StrEnum):
    """What is wrong with one given picture."""

    TOO_LARGE = "too_large"  # in bytes, more than Telegram gives to bots
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    NOT_A_PICTURE = "not_a_picture"  # another kind of file, or nothing at all
    DAMAGED = "damaged"
    GONE = "gone"  # Telegram serves it no more
    UNREACHABLE = "unreachable"  # Telegram doesn't serve it now
    NOTHING_PAINTED = "nothing_painted"  # a mask that leaves everything as it is
    NOT_THE_SAME = "not_the_same"  # a mask painted over another picture
    NO_MASK = "no_mask"  # the option without a picture to read it from


class PictureRefused(UseCaseError):
    """`is_mask`: it is the mask that is wrong. `number`: which of several pictures, from 1."""

    def __init__(
        self, trouble: PictureTrouble, *, is_mask: bool = False, number: int | None = None
    ) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.is_mask = is_mask
        self.number = number


class PromptBlocked(UseCaseError):
    """`source` and `categories` as in the verdict."""

    def __init__(self, source: str, categories: tuple[str, ...]) -> None:
        super().__init__(source)
        self.source = source
        self.categories = categories


class PromptUnchecked(UseCaseError):
    pass


class NothingToCancel(UseCaseError):
    pass


class NotYours(UseCaseError):
    pass


class AlreadyEnded(UseCaseError):
    pass
