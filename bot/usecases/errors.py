"""What the use cases refuse, beyond what `providers.catalog` and `storage.errors` already say.

UseCaseError
├── ModeNotTaken         no model, or not the one named, makes pictures in this way
├── WrongPictures        the pictures given and the options don't go together
├── PictureRefused       one of the given pictures can't be used
├── PromptBlocked        the bot's own rules, or its moderation service, say no to the words
├── PromptUnchecked      the moderation service gives no verdict, and without one nothing is drawn
├── AdminsOnly           this chat draws for its admins alone
├── TopicNotAllowed      this chat draws in other topics
├── QuietHours           this chat draws nothing now
├── CoolingDown          this chat has a pause between one person's requests
├── WrongChatSetting     no such setting of a chat, or no such value
├── ChatNotAllowed       the owner lets the bot work in other groups only
├── PoolUsedUp           neither the person nor the chat has enough units left
├── Banned               an admin of the bot wants them to make no requests
├── Paused               too many of their requests were censored
├── NoAccess             the bot is not open to everyone, and they are not on its list
├── TooManyGuesses       they followed too many invite links that don't work
├── InvitesOff           the bot takes nobody in by a link
├── BadOrder             what an admin typed after a command can't be read
├── PersonNotFound       an admin named someone the bot has never seen
├── Protected            owners and admins of the bot can't be banned
├── NothingToCancel      the user has no queued or running job here
├── NotYourPicture       only the author or a chat admin may press this button
├── ResultGone           the pressed button's picture or request is stored no more
├── NotReady             the pressed button's request has no outcome yet
├── NothingLarger        no enabled offer makes this picture larger
├── NothingNear          no enabled offer makes a variation of this picture
├── ChoiceGone           the chosen style is there no more
├── NotInline            the pressed button is under a picture sent through inline mode
├── ChatIsOff            a button pressed in a group in which the bot was turned off
├── WhichPicture         several pictures in one, and one has to be chosen first
├── FileIsCovered        the original can't be shown here as covered as the picture is
├── NotYours             only the author or a chat admin may do this
├── AlreadyEnded         the job has its outcome already
├── Draining             nothing new is accepted for now, by an admin's word
├── NoSuchProvider       an admin named one that isn't enabled
├── NoSuchJob            an admin named one that isn't there
├── CantRetry            the job isn't one that failed or was canceled
├── OutOfUnits           somebody else hasn't the units for what an admin wants
├── KeyboardGone         what these buttons were for is over, or was never
├── KeyboardOfAnother    these buttons are for whoever asked for them
├── NotOnTheMenu         what the button chooses isn't there (any more)
└── NoSuchPicture        the user has no finished job of this number, or its pictures aren't kept
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from providers.types import Mode
from storage.errors import QuotaExceeded
from storage.records import JobState


@dataclass(frozen=True, slots=True)
class Strike:
    """One more censored request. left: how many more until a pause, 0 where this brought one;
    pause: its seconds, or those of the one to come.
    """

    left: int
    pause: float


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
    """`source` and `categories` as in the verdict; `strike`: what it cost in patience."""

    def __init__(
        self, source: str, categories: tuple[str, ...], strike: Strike | None = None
    ) -> None:
        super().__init__(source)
        self.source = source
        self.categories = categories
        self.strike = strike


class PromptUnchecked(UseCaseError):
    pass


class PoolUsedUp(UseCaseError):
    """left: the person's own units. The daily ones of both come back at `resets_at`, as `zone`'s
    clocks say; `now` is when this was found.
    """

    def __init__(
        self, own: QuotaExceeded, *, pool_left: int, zone: ZoneInfo, now: datetime
    ) -> None:
        super().__init__(f"{own.needed} units needed, {own.left} and {pool_left} left")
        self.needed = own.needed
        self.left = own.left
        self.pool_left = pool_left
        self.resets_at = own.resets_at
        self.zone = zone
        self.now = now


class Banned(UseCaseError):
    """seconds: until it is over; None for good."""

    def __init__(self, seconds: float | None, reason: str | None) -> None:
        super().__init__("banned")
        self.seconds = seconds
        self.reason = reason


class Paused(UseCaseError):
    """seconds: until requests are taken again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("paused")
        self.seconds = seconds


class NoAccess(UseCaseError):
    """user_id: theirs; an owner asked to let them in needs it."""

    def __init__(self, user_id: int) -> None:
        super().__init__("no access")
        self.user_id = user_id


class TooManyGuesses(UseCaseError):
    """seconds: until the next try counts."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"for {seconds:.0f} s")
        self.seconds = seconds


class InvitesOff(UseCaseError):
    pass


class BadOrder(UseCaseError):
    """command: whose words they were."""

    def __init__(self, command: str) -> None:
        super().__init__(command)
        self.command = command


class PersonNotFound(UseCaseError):
    """name: a @username, or nothing where it was the bot's own message that was replied to."""

    def __init__(self, name: str = "") -> None:
        super().__init__("not found")
        self.name = name


class Protected(UseCaseError):
    pass


class AdminsOnly(UseCaseError):
    pass


class TopicNotAllowed(UseCaseError):
    pass


class QuietHours(UseCaseError):
    """until: as the clocks of the quota's time zone say."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class CoolingDown(UseCaseError):
    """seconds: until the person's next request is taken here."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} s left")
        self.seconds = seconds


class WrongChatSetting(UseCaseError):
    """name: of the setting whose value can't be read; empty where there is no such setting."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.name = name


class ChatNotAllowed(UseCaseError):
    def __init__(self, chat_id: int) -> None:
        super().__init__(str(chat_id))
        self.chat_id = chat_id


class NothingToCancel(UseCaseError):
    pass


class NotYours(UseCaseError):
    pass


class NotYourPicture(UseCaseError):
    pass


class ResultGone(UseCaseError):
    pass


class NotReady(UseCaseError):
    pass


class NothingLarger(UseCaseError):
    pass


class NothingNear(UseCaseError):
    pass


class ChoiceGone(UseCaseError):
    pass


class NotInline(UseCaseError):
    pass


class ChatIsOff(UseCaseError):
    pass


class WhichPicture(UseCaseError):
    pass


class FileIsCovered(UseCaseError):
    pass


class AlreadyEnded(UseCaseError):
    pass


class Draining(UseCaseError):
    pass


class NoSuchProvider(UseCaseError):
    def __init__(self, name: str, allowed: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.allowed = allowed


class NoSuchJob(UseCaseError):
    """`job_id`: None where a message was shown that is no job's."""

    def __init__(self, job_id: int | None) -> None:
        super().__init__(str(job_id))
        self.job_id = job_id


class CantRetry(UseCaseError):
    def __init__(self, state: JobState) -> None:
        super().__init__(state.value)
        self.state = state


class OutOfUnits(UseCaseError):
    def __init__(self, user_id: int, needed: int, left: int) -> None:
        super().__init__(f"{needed} of {left}")
        self.user_id = user_id
        self.needed = needed
        self.left = left


class KeyboardGone(UseCaseError):
    pass


class KeyboardOfAnother(UseCaseError):
    pass


class NotOnTheMenu(UseCaseError):
    pass


class NoSuchPicture(UseCaseError):
    pass
