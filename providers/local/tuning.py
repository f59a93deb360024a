"""How many pictures to draw in one call: measured on this machine, and remembered. No torch.

More at once is faster only where a call's fixed cost is large beside its arithmetic: on a strong
GPU, or with a small model. Elsewhere it makes everybody wait and costs memory for nothing.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from providers.local.failures import free_memory, is_out_of_memory

SIZES = (1, 2, 4, 8)
GAIN = 1.1
"""A larger batch must make so many times more pictures a second than the smaller one."""

TRIES = 3
"""The best of them counts: other programs can only make one slower."""

LONG = 2.0
"""Seconds; no more tries at a size that has taken so long."""


def best_batch_size(
    draw: Callable[[int], None],
    clock: Callable[[], float] = time.perf_counter,
    free: Callable[[], None] = free_memory,
) -> int:
    """The size in SIZES at which `draw(size)` makes the most pictures a second.

    The search ends at the first size that memory doesn't hold and, where calls are long, at the
    first that isn't worth it.
    """
    draw(1)  # the first call of all does what is done once
    best, best_rate = 1, 1 / _seconds(draw, 1, clock)
    for size in SIZES[1:]:
        try:
            seconds = _seconds(draw, size, clock)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            break
        if size / seconds >= GAIN * best_rate:
            best, best_rate = size, size / seconds
        elif seconds >= LONG:
            break
    free()
    return best


def _seconds(draw: Callable[[int], None], size: int, clock: Callable[[], float]) -> float:
    taken: list[float] = []
    while len(taken) < TRIES and sum(taken) < LONG:
        begin = clock()
        draw(size)
        taken.append(clock() - begin)
    return max(min(taken), 1e-9)


class BatchSizes:
    """What was measured before, by a word for everything it depends on. A file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "batch-sizes.json"

    def get(self, key: str) -> int | None:
        size = self._read().get(key)
        return size if size in SIZES else None

    def put(self, key: str, size: int) -> None:
        """Raises OSError."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self._read() | {key: size}, indent=1), "utf-8")
        fresh.replace(self._file)

    def _read(self) -> dict[str, int]:
        try:
            known = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
