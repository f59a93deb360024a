"""A token bucket: so many calls a minute, and a few at once after a rest."""

from collections.abc import Callable


class Bucket:
    """per_minute: how fast tokens come back. burst: how many there are at most, at least one."""

    def __init__(self, per_minute: float, burst: int, monotonic: Callable[[], float]) -> None:
        self._per_second = per_minute / 60
        self._burst = float(burst)
        self._monotonic = monotonic
        self._tokens = self._burst
        self._counted_at = monotonic()

    def take(self) -> float:
        """Take a token and return 0.0; or take none and return the seconds until there is one."""
        now = self._monotonic()
        gained = (now - self._counted_at) * self._per_second
        self._tokens = min(self._burst, self._tokens + gained)
        self._counted_at = now
        if self._tokens < _WHOLE:
            return (1 - self._tokens) / self._per_second
        self._tokens = max(0.0, self._tokens - 1)
        return 0.0


_WHOLE = 1 - 1e-9
"""Floats drift: who waited as long as told must not be sent to wait for a nanosecond more."""
