"""HTTP in the adapters' own words: what is sent, what comes back, and how it can go wrong.

TransferError
├── ConnectFailed   nothing was sent: sending again is always safe
│   └── HostNotFound    there is no host of that name
├── AnswerLost      sent, and no whole answer came: a POST may have been accepted
├── AnswerTooLarge  the answer passed its cap and was dropped
├── UnsafeUrl       an address we don't fetch from
└── OutOfTime       the deadline had passed before anything was sent
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

ANSWER_CAP = 20_000_000
"""Bytes of one JSON answer; pictures may come inline as data: URIs."""

USUAL_SILENCE = 30.0
"""Seconds without a byte after which an answer counts as lost."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "DELETE"})


class TransferError(Exception):
    """The root. Messages name a kind of trouble, never an address, a header or a body."""


class ConnectFailed(TransferError):
    pass


class HostNotFound(ConnectFailed):
    pass


class AnswerLost(TransferError):
    pass


class AnswerTooLarge(TransferError):
    pass


class UnsafeUrl(TransferError):
    pass


class OutOfTime(TransferError):
    pass


class UnreadableJson(Exception):
    """The body is no JSON."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers

    def json(self) -> object:
        """The decoded body, of whatever shape. Raises UnreadableJson."""
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnreadableJson(f"HTTP {self.status}, {len(self.body)} bytes") from error
        return value


def retry_after_header(answer: Answer) -> float | None:
    """Seconds from a `Retry-After` header, where it gives them as a number."""
    return seconds(answer.headers.get("retry-after"))


def seconds(value: object) -> float | None:
    """A wait as a service words it, as seconds; None for anything but a finite number >= 0."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `deadline` is on the clock's monotonic scale and bounds all of it, retries too.

    repeatable: doing it twice is the same as doing it once; None reads that off the method.
    wait_hint: finds in a 429 or 5xx answer for how many seconds the service asks us to wait.
    silence: seconds without a byte after which the answer counts as lost; None leaves that to
        the deadline, for a call that answers only when its picture is done.
    public_only: nothing is sent where the host's name turns out to lead to a private address.
    """

    method: Literal["GET", "POST", "DELETE", "HEAD"]
    url: str
    deadline: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    max_bytes: int = ANSWER_CAP
    repeatable: bool | None = None
    wait_hint: Callable[[Answer], float | None] = retry_after_header
    silence: float | None = USUAL_SILENCE
    public_only: bool = False

    @property
    def idempotent(self) -> bool:
        return self.method in _SAFE_METHODS if self.repeatable is None else self.repeatable
