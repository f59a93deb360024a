"""A fast clock whose wall time somebody sets; monotonic time goes on as ever."""

from datetime import datetime, timedelta

from tests.fakes.fast_clock import FastClock


class JumpingClock(FastClock):
    def __init__(self, speed: float = 20.0) -> None:
        super().__init__(speed)
        self._set_by = timedelta()

    def now(self) -> datetime:
        return super().now() + self._set_by

    def set(self, by: timedelta) -> None:
        self._set_by += by
