"""Between the steps of a running call: progress and previews go out, drops come in."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from io import BytesIO

from PIL import Image

from providers.local.batch import Stopped
from providers.local.messages import Stepped

PREVIEW_PAUSE = 1.0
"""Seconds between two previews of a call, and before its first."""

PREVIEW_SIDE = 256
PREVIEW_QUALITY = 80


class BatchWatcher:
    """The watcher of one call.

    numbers: of its pictures, by position. unwanted: the numbers dropped so far; others add to it.
    previews: False where the finished pictures are checked: nobody may see them before.
    """

    def __init__(
        self,
        numbers: Sequence[int],
        unwanted: Collection[int],
        report: Callable[[Stepped], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        previews: bool = True,
    ) -> None:
        self._numbers = numbers
        self._unwanted = unwanted
        self._report = report
        self._clock = clock
        self._shown_at = clock()
        self._previews: dict[int, bytes] = {}
        self._shows_previews = previews

    def step(self, done: int, total: int) -> frozenset[int]:
        """The last part of the work, decoding, is no step: the fraction stays below 1."""
        self._report(Stepped(min(done, total) / (total + 1), self._previews))
        self._previews = {}
        gone = frozenset(p for p, number in enumerate(self._numbers) if number in self._unwanted)
        if len(gone) == len(self._numbers):
            raise Stopped
        return gone

    def wants_preview(self) -> bool:
        return self._shows_previews and self._clock() - self._shown_at >= PREVIEW_PAUSE

    def preview(self, frames: Mapping[int, Image.Image]) -> None:
        """They leave with the next step: one message of progress a step is enough."""
        self._shown_at = self._clock()
        self._previews = {self._numbers[p]: _small_jpeg(frame) for p, frame in frames.items()}


class Unwatched:
    """The watcher of a call that nobody waits for."""

    def step(self, done: int, total: int) -> frozenset[int]:
        return frozenset()

    def wants_preview(self) -> bool:
        return False

    def preview(self, frames: Mapping[int, Image.Image]) -> None:
        """Nobody looks."""


def _small_jpeg(frame: Image.Image) -> bytes:
    small = frame.convert("RGB")
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=PREVIEW_QUALITY)
    return buffer.getvalue()
