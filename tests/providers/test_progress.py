"""Progress by the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.progress import Rising, TickingClock, estimate
from providers.types import Progress
from tests.fakes.clock import FakeClock

seconds = st.floats(0, 1e6)


@given(seconds, seconds, st.floats(0.01, 1e4))
def test_it_rises_and_stays_below_one(earlier: float, later: float, expected: float) -> None:
    first, second = (estimate(elapsed, expected) for elapsed in sorted((earlier, later)))
    assert 0 <= first <= second < 1


@pytest.mark.parametrize(
    ("elapsed", "share"), [(-1, 0), (0, 0), (10, 0.45), (19.99, 0.9), (20, 0.9), (40, 0.95)]
)
def test_it_is_nearly_there_when_the_picture_is_expected(elapsed: float, share: float) -> None:
    assert estimate(elapsed, 20) == pytest.approx(share, abs=0.001)


def test_only_growth_is_told() -> None:
    seen: list[Progress] = []
    rising = Rising(seen.append)
    for fraction in (0.0, 0.5, 0.5, 0.4, 0.6, 1.0):
        rising.at(fraction)
    assert [progress.fraction for progress in seen] == [0.0, 0.5, 0.6]


@pytest.mark.parametrize(("slept", "ticks"), [(0, 1), (0.3, 1), (1, 1), (2.5, 3), (10, 10)])
async def test_a_sleep_ticks_every_second(slept: float, ticks: int) -> None:
    inner, seen = FakeClock(auto=True), []
    clock = TickingClock(inner, lambda: seen.append(inner.monotonic()))
    await clock.sleep(slept)
    assert len(seen) == ticks
    assert clock.monotonic() == seen[-1] == pytest.approx(slept)
    assert clock.now() == inner.now()


async def test_what_a_tick_raises_ends_the_sleep() -> None:
    class Enough(Exception):
        pass

    def tick() -> None:
        raise Enough

    inner = FakeClock(auto=True)
    with pytest.raises(Enough):
        await TickingClock(inner, tick).sleep(60)
    assert inner.monotonic() == 1
