"""Asking again where that can do no harm."""

import random
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from providers.clock import Clock
from providers.wire import Answer, AnswerLost, ConnectFailed, Request, TransferError

PATIENT_ATTEMPTS = 8
"""For idempotent calls: about half a minute, as an accepted submission hangs on them."""

BRIEF_ATTEMPTS = 3
"""For the others: a request that nobody has taken may go to another provider."""

READING_ATTEMPTS = 5
"""For whole answers that can't be read: about four seconds."""

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 20.0
"""Seconds. A service that asks for a longer wait gets its answer handed on instead."""

MOST_DOUBLINGS = 30
"""More would only leave what a float can hold."""

TRANSIENT = frozenset({429, 500, 502, 503, 504})

Result = TypeVar("Result")


class Transport(Protocol):
    async def send(self, request: Request) -> Answer:
        """Raises TransferError."""
        ...


class RetryTransport:
    """Repeats what may be repeated, within its attempts and the request's deadline.

    An idempotent call: after a failed connection, a lost answer, 429, 500, 502, 503, 504.
    Any other: after a failed connection alone. A 429 to one is handed on, though nothing was
    accepted: it concerns all that wait to submit, so the provider's gate pauses for it.
    The last trouble is handed on as it came.
    """

    def __init__(
        self, inner: Transport, clock: Clock, jitter: Callable[[], float] = random.random
    ) -> None:
        self._inner = inner
        self._clock = clock
        self._jitter = jitter

    async def send(self, request: Request) -> Answer:
        attempts = PATIENT_ATTEMPTS if request.idempotent else BRIEF_ATTEMPTS
        for attempt in range(1, attempts):
            outcome = await self._try(request)
            pause = self._pause(request, outcome, attempt)
            if pause is None:
                return _unwrap(outcome)
            await self._clock.sleep(pause)
        return await self._inner.send(request)

    async def _try(self, request: Request) -> Answer | TransferError:
        try:
            return await self._inner.send(request)
        except TransferError as error:
            return error

    def _pause(
        self, request: Request, outcome: Answer | TransferError, attempt: int
    ) -> float | None:
        """Seconds until the next attempt, None where there must be none."""
        if not _worth_repeating(request, outcome):
            return None
        hint = request.wait_hint(outcome) if isinstance(outcome, Answer) else None
        pause = backoff(attempt, self._jitter) if hint is None else hint
        out_of_time = self._clock.monotonic() + pause >= request.deadline
        return None if pause > LONGEST_PAUSE or out_of_time else pause


async def read_again(
    read: Callable[[], Awaitable[Result]],
    unreadable: type[Exception],
    *,
    clock: Clock,
    deadline: float,
    jitter: Callable[[], float] = random.random,
) -> Result:
    """Call `read`, an idempotent call, until it raises `unreadable` no more; a few times at most.

    A gateway's own page, or an answer cut off where nothing tells its length, comes with a 200.
    """
    for attempt in range(1, READING_ATTEMPTS):
        try:
            return await read()
        except unreadable:
            pause = backoff(attempt, jitter)
            if clock.monotonic() + pause >= deadline:
                raise
        await clock.sleep(pause)
    return await read()


def backoff(
    attempt: int,
    jitter: Callable[[], float],
    *,
    first: float = FIRST_PAUSE,
    longest: float = LONGEST_PAUSE,
) -> float:
    """Doubles with each attempt; the jitter keeps many callers from returning at once."""
    pause: float = min(first * 2 ** min(attempt - 1, MOST_DOUBLINGS), longest)
    return pause * (0.5 + jitter() / 2)


def _worth_repeating(request: Request, outcome: Answer | TransferError) -> bool:
    if isinstance(outcome, Answer):
        return request.idempotent and outcome.status in TRANSIENT
    lost = request.idempotent and isinstance(outcome, AnswerLost)
    return lost or isinstance(outcome, ConnectFailed)


def _unwrap(outcome: Answer | TransferError) -> Answer:
    if isinstance(outcome, TransferError):
        raise outcome
    return outcome
