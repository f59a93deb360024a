"""What `day` reads every hour, and the picture of it."""

import gc
import statistics
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

FLAT_FROM = 12  # o'clock of the simulation: by then everything was used once


@dataclass(frozen=True, slots=True)
class Hour:
    """mib: of RSS. objects: that the garbage collector knows. pictures: shown until then.
    depth: of the queue, the most seen in that hour.
    """

    mib: float
    objects: int
    pictures: int
    depth: int


def read(pictures: int, depth: int) -> Hour:
    gc.collect()
    return Hour(psutil.Process().memory_info().rss / 2**20, len(gc.get_objects()), pictures, depth)


def kinds() -> Counter[str]:
    """Objects by type."""
    gc.collect()
    return Counter(
        f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects()
    )


def slope(values: list[float]) -> float:
    """A step of one hour, by least squares."""
    return statistics.linear_regression(range(len(values)), values).slope


def plot(hours: list[Hour], path: Path) -> None:
    import matplotlib as mpl  # noqa: PLC0415 - an extra

    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415 - the same

    figure, axes = pyplot.subplots(3, 1, sharex=True, figsize=(8, 6), layout="constrained")
    across = range(len(hours))
    axes[0].plot(across, [hour.mib for hour in hours], marker="o", markersize=3)
    axes[0].set_ylabel("RSS, MiB")
    axes[0].set_ylim(0, 1.2 * max(hour.mib for hour in hours))
    axes[1].bar(across, [hour.depth for hour in hours], color="tab:orange")
    axes[1].set_ylabel("queue, most in the hour")
    shown = [0, *(after.pictures - before.pictures for before, after in pairwise(hours))]
    axes[2].bar(across, shown, color="tab:green")
    axes[2].set_ylabel("pictures in the hour")
    axes[2].set_xlabel("simulated hours")
    for each in axes:
        each.grid(alpha=0.3)
        each.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)


def report(hours: list[Hour]) -> None:
    print("| hour | RSS, MiB | objects | pictures so far | queue |\n|---|---|---|---|---|")
    for number, hour in enumerate(hours):
        print(
            f"| {number} | {hour.mib:.1f} | {hour.objects:,} | {hour.pictures:,} | {hour.depth} |"
        )
    late = hours[FLAT_FROM:]
    if len(late) > 2:
        mib, objects = slope([h.mib for h in late]), slope([float(h.objects) for h in late])
        print(f"from hour {FLAT_FROM} on: {mib:+.3f} MiB and {objects:+.0f} objects an hour")
