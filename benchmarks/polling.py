"""How long a finished picture waits to be noticed, and how often the service is asked for it.

    python -m benchmarks.polling [--pictures 400]

On a simulated clock; what is counted is the time from the moment the picture is ready to the question
that finds it. Baseline: a question every 10 s, as the sample client of FusionBrain's documents asks. Nothing here is asserted: the figures go into docs/benchmarks.md.
"""

import argparse
import asyncio
import random
import statistics
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from providers.polling import Durations, poll_until
from tests.fakes.clock import FakeClock

TYPICAL = (2.0, 5.0, 17.0, 40.0)  # seconds
LATENCY = 0.1  # seconds a question and its answer take
FIXED = 10.0
DEADLINE = 1e9

Fetch = Callable[[], Awaitable[str | None]]


def constant(typical: float, pictures: int, dice: random.Random) -> Iterator[float]:
    """All alike, give or take 2 %."""
    for _ in range(pictures):
        yield typical * dice.uniform(0.98, 1.02)


def spread(typical: float, pictures: int, dice: random.Random) -> Iterator[float]:
    """Log-normal: one in six takes less than two thirds, or more than one and a half."""
    for _ in range(pictures):
        yield typical * dice.lognormvariate(0, 0.4)


def drifting(typical: float, pictures: int, dice: random.Random) -> Iterator[float]:
    """From half to double and back, with some noise: a service's day."""
    for number in range(pictures):
        phase = 1 - abs(1 - 2 * number / pictures)
        yield typical * 2 ** (2 * phase - 1) * dice.uniform(0.9, 1.1)


@dataclass
class Samples:
    waits: list[float] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    questions: int = 0

    @property
    def share(self) -> float:
        """The mean wait after the picture is ready, as a share of the mean generation time."""
        return statistics.mean(self.waits) / statistics.mean(self.durations)

    @property
    def questions_each(self) -> float:
        return self.questions / len(self.waits)


async def follow(
    duration: float, samples: Samples, poll: Callable[[Fetch, FakeClock], Awaitable[str]]
) -> None:
    clock = FakeClock(auto=True)
    asked_at = 0.0

    async def fetch() -> str | None:
        nonlocal asked_at
        asked_at = clock.monotonic()
        samples.questions += 1
        await clock.sleep(LATENCY)
        return "picture" if asked_at >= duration else None

    await poll(fetch, clock)
    samples.durations.append(duration)
    samples.waits.append(asked_at - duration)


async def fixed(fetch: Fetch, clock: FakeClock) -> str:
    while (found := await fetch()) is None:
        await clock.sleep(FIXED)
    return found


async def measure(durations: list[float]) -> tuple[Samples, Samples]:
    baseline, ours, known = Samples(), Samples(), Durations()

    async def adaptive(fetch: Fetch, clock: FakeClock) -> str:
        return await poll_until(
            fetch, clock=clock, deadline=DEADLINE, provider="x", expected=known.expected
        )

    for duration in durations:
        await follow(duration, baseline, fixed)
        await follow(duration, ours, adaptive)
        known.add(duration)
    return baseline, ours


async def main(pictures: int) -> None:
    print(
        "| seconds | kind | wait, every 10 s | questions | wait, ours | questions | ratio of waits |"
    )
    print("|---|---|---|---|---|---|---|")
    for typical in TYPICAL:
        for kind in (constant, spread, drifting):
            dice = random.Random(7)  # noqa: S311 - a repeatable measurement
            baseline, ours = await measure(list(kind(typical, pictures, dice)))
            print(
                f"| {typical:g} | {kind.__name__} | {baseline.share:.1%} | "
                f"{baseline.questions_each:.1f} | {ours.share:.1%} | {ours.questions_each:.1f} | "
                f"{statistics.mean(ours.waits) / statistics.mean(baseline.waits):.3f} |"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=400, help="of each kind")
    asyncio.run(main(parser.parse_args().pictures))
