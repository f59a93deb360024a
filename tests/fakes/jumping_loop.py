"""An event loop whose time jumps over all waiting: a day of timers takes the time of its work alone.

Work takes no time on this clock, in threads neither, as long as the loop is told of them (`outside`);
sleeps and timeouts take exactly theirs. Unlike FastClock it is never behind on a busy machine.
"""

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumped = 0.0
        self._outside = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self._jumped

    def jump(self, seconds: float) -> None:
        self._jumped += seconds

    @property
    def waits_for_threads(self) -> bool:
        return self._outside > 0

    @contextmanager
    def outside(self) -> Iterator[None]:
        """Time stands still meanwhile."""
        self._outside += 1
        try:
            yield
        finally:
            self._outside -= 1

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> Any:
        future = super().run_in_executor(executor, func, *args)
        self._outside += 1
        future.add_done_callback(lambda _: self._back())
        return future

    def _back(self) -> None:
        self._outside -= 1


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self._loop.waits_for_threads:
            return super().select(None)
        self._loop.jump(timeout)
        return []


def counted(call: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """For a library that has threads of its own: what awaits one of them."""

    async def told(*args: Any, **more: Any) -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, JumpingLoop)
        with loop.outside():
            return await call(*args, **more)

    return told


class LoopClock:
    """The running loop's time as a Clock."""

    def __init__(self, start: datetime) -> None:
        self._start = start

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0))
