"""What is known of a provider from what it answered: when to come back, and what its owner must do."""

from collections.abc import Callable
from enum import StrEnum

from providers.errors import OutOfCredit, ProviderError, RateLimited, Unauthorized
from providers.retries import backoff

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
"""Seconds of a pause where the service throttles and doesn't say for how long."""

SHORTEST_HINT = 1.0
LONGEST_HINT = 3600.0
"""A service that says "0 s" would be asked without end; one that asks for more than an hour is asked
again after an hour all the same."""


class Trouble(StrEnum):
    """What no waiting mends: the owner has to pay, or to change a key."""

    NO_CREDIT = "no_credit"
    KEY_REFUSED = "key_refused"


_TROUBLES: dict[type[ProviderError], Trouble] = {
    OutOfCredit: Trouble.NO_CREDIT,
    Unauthorized: Trouble.KEY_REFUSED,
}


class Health:
    """jitter: gives numbers from 0.0 to 1.0."""

    def __init__(self, monotonic: Callable[[], float], jitter: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._jitter = jitter
        self._paused_until = float("-inf")
        self._throttled = 0  # in a row
        self.trouble: Trouble | None = None
        self.last_error: ProviderError | None = None

    @property
    def pause(self) -> float:
        """Seconds for which the service wants to be left alone."""
        return max(0.0, self._paused_until - self._monotonic())

    def answered(self) -> None:
        """It did what it was asked. A pause it asked for elsewhere stays."""
        self._throttled = 0
        self.trouble = self.last_error = None

    def failed(self, error: ProviderError) -> Trouble | None:
        """Note it; gives a trouble that is news, so that its owner is told once."""
        self.last_error = error
        if isinstance(error, RateLimited):
            self._rest(error.retry_after)
        trouble = _TROUBLES.get(type(error))
        is_news = trouble is not None and trouble is not self.trouble
        self.trouble = trouble or self.trouble
        return trouble if is_news else None

    def _rest(self, hint: float | None) -> None:
        self._throttled += 1
        if hint is None:
            seconds = backoff(
                self._throttled, self._jitter, first=FIRST_PAUSE, longest=LONGEST_PAUSE
            )
        else:
            # A little later than asked: those who wait together must not return together.
            seconds = min(max(hint, SHORTEST_HINT), LONGEST_HINT) * (1 + self._jitter() / 10)
        self._paused_until = max(self._paused_until, self._monotonic() + seconds)
