"""How far a model is, read from the progress bars (tqdm's) in its log."""

import re
from collections.abc import Iterator, Sequence

_BAR = re.compile(r"^\s*\d{1,3}%.{0,200}?\|\s*(?P<current>\d{1,6})/(?P<total>\d{1,6})\b")
_LINE_ENDS = re.compile(r"[\r\n]+")
_ALMOST = 0.99
"""The picture isn't there before the service says so, whatever the last bar says."""


def fraction(logs: str, weights: Sequence[float]) -> float | None:
    """From 0.0 to 0.99; None before the first bar.

    Bars run one after the other, each for its weight. A lower step number than the last one,
    or another total, begins the next bar.
    """
    bars: list[tuple[int, int]] = []  # the last step seen of each
    for step in _steps(logs):
        if bars and bars[-1][0] <= step[0] and bars[-1][1] == step[1]:
            bars.pop()
        bars.append(step)
    if not bars:
        return None
    running = len(bars) - 1
    current, total = bars[-1]
    done = sum(weights[:running]) + sum(weights[running : running + 1]) * current / total
    return min(done / sum(weights), _ALMOST)


def _steps(logs: str) -> Iterator[tuple[int, int]]:
    for line in _LINE_ENDS.split(logs):
        if (bar := _BAR.match(line)) is not None:
            current, total = int(bar["current"]), int(bar["total"])
            if total > 0 and current <= total:
                yield current, total
