"""Faults a test plants in the API: what goes wrong, in which method, how often, in which chat."""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto

from bot.playground.errors import ApiError, forbidden, too_many_requests


class When(Enum):
    INSTEAD = auto()  # the call has no effect
    AFTER = auto()  # it takes effect, then the answer is lost or late
    BEFORE = auto()  # it waits, then proceeds


class Kind(Enum):
    REFUSE = auto()
    HTML = auto()
    RESET = auto()
    HANG = auto()
    WAIT = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    when: When
    error: ApiError | None = None
    seconds: float = 0.0
    until: asyncio.Event | None = None


def flood(retry_after: int) -> Fault:
    """429 with `retry_after` seconds; the call has no effect."""
    return Fault(Kind.REFUSE, When.INSTEAD, too_many_requests(retry_after))


def refusal(code: int, description: str) -> Fault:
    """Any other answer in Telegram's form, such as `refusal(400, "Bad Request: TOPIC_CLOSED")`."""
    return Fault(Kind.REFUSE, When.INSTEAD, ApiError(code, description))


def slow(seconds: float) -> Fault:
    """The call takes effect after `seconds` of real time."""
    return Fault(Kind.WAIT, When.BEFORE, seconds=seconds)


def held(until: asyncio.Event) -> Fault:
    """The call takes effect once the test sets `until`."""
    return Fault(Kind.WAIT, When.BEFORE, until=until)


def late(until: asyncio.Event) -> Fault:
    """The call takes effect at once; its answer arrives when the test sets `until`."""
    return Fault(Kind.WAIT, When.AFTER, until=until)


SERVER_ERROR = refusal(500, "Internal Server Error")
BAD_GATEWAY = Fault(Kind.HTML, When.INSTEAD)  # 502 with an HTML page, as a proxy answers
RESET_BEFORE = Fault(Kind.RESET, When.INSTEAD)
RESET_AFTER = Fault(Kind.RESET, When.AFTER)
HANG_AFTER = Fault(Kind.HANG, When.AFTER)  # the answer never comes: the bot's own timeout decides
BLOCKED = Fault(Kind.REFUSE, When.INSTEAD, forbidden("bot was blocked by the user"))
KICKED = Fault(Kind.REFUSE, When.INSTEAD, forbidden("bot was kicked from the supergroup chat"))


@dataclass(slots=True)
class Planted:
    method: str
    fault: Fault
    times: int
    chat_id: int | None

    def meets(self, method: str, chat_id: object) -> bool:
        named = self.method in ("*", method)
        return self.times > 0 and named and self.chat_id in (None, chat_id)


class Faults:
    def __init__(self) -> None:
        self._planted: list[Planted] = []

    def add(self, method: str, fault: Fault, times: int = 1, chat_id: int | None = None) -> Planted:
        """The next `times` calls of `method` ("*": any) meet `fault`; in `chat_id` only, if given.

        Faults of one method strike in the order they were added.
        """
        planted = Planted(method, fault, times, chat_id)
        self._planted.append(planted)
        return planted

    def clear(self) -> None:
        self._planted.clear()

    def take(self, method: str, chat_id: object) -> Fault | None:
        for planted in self._planted:
            if planted.meets(method, chat_id):
                planted.times -= 1
                return planted.fault
        return None
