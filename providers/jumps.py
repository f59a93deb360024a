"""Noticing that somebody set the machine's clock: its wall time moved, and time itself didn't."""

from providers.clock import Clock

TOLERANCE = 5.0
"""Seconds the two may drift apart from one look to the next: a clock is also slewed, a little at a time."""


class Jumps:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._look()

    def seconds(self) -> float:
        """By how much the clock was set since the last look, back where negative; 0.0 if it wasn't."""
        before, self._offset = self._offset, self._look()
        by = self._offset - before
        return by if abs(by) > TOLERANCE else 0.0

    def _look(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
