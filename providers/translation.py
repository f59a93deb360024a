"""From the ways a transfer can go wrong to the error tree; every adapter goes through here."""

from collections.abc import Iterator
from contextlib import contextmanager

from providers.errors import (
    BadAnswer,
    DeadlineExceeded,
    OutcomeUnknown,
    ProviderError,
    ResultLost,
    Unavailable,
)
from providers.pictures import PictureGone, PictureUnavailable
from providers.sniffing import DamagedPicture, NotAPicture
from providers.wire import (
    AnswerLost,
    AnswerTooLarge,
    ConnectFailed,
    HostNotFound,
    OutOfTime,
    TransferError,
    UnreadableJson,
    UnsafeUrl,
)

_ALWAYS: dict[type[Exception], type[ProviderError]] = {
    ConnectFailed: Unavailable,
    HostNotFound: Unavailable,
    AnswerTooLarge: BadAnswer,
    UnreadableJson: BadAnswer,
    UnsafeUrl: BadAnswer,
    OutOfTime: DeadlineExceeded,
}
_SUBMITTING = {**_ALWAYS, AnswerLost: OutcomeUnknown}
_FOLLOWING = {
    **_ALWAYS,
    AnswerLost: Unavailable,
    NotAPicture: BadAnswer,
    DamagedPicture: BadAnswer,
    PictureGone: ResultLost,
    PictureUnavailable: Unavailable,
}


@contextmanager
def submitting(provider: str) -> Iterator[None]:
    """Around the one call that may be paid for: a lost answer leaves its outcome unknown."""
    with _translating(_SUBMITTING, provider):
        yield


@contextmanager
def following(provider: str) -> Iterator[None]:
    """Around calls about a submission that was accepted before."""
    with _translating(_FOLLOWING, provider):
        yield


@contextmanager
def _translating(
    table: dict[type[Exception], type[ProviderError]], provider: str
) -> Iterator[None]:
    try:
        yield
    except (TransferError, UnreadableJson, NotAPicture, PictureGone, PictureUnavailable) as error:
        kind = table[type(error)]
        raise kind(provider, f"{type(error).__name__}: {error}") from error
