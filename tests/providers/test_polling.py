import statistics
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import DeadlineExceeded
from providers.polling import LONGEST, SHORTEST, Durations, pause, poll_until
from tests.fakes.clock import FakeClock

times = st.floats(0, 10_000, allow_nan=False)


class Work:
    """Ready at its moment; notes when it was asked."""

    def __init__(self, clock: FakeClock, ready_at: float) -> None:
        self.clock = clock
        self.ready_at = ready_at
        self.asked: list[float] = []

    async def fetch(self) -> str | None:
        self.asked.append(self.clock.monotonic())
        return "picture" if self.clock.monotonic() >= self.ready_at else None


async def poll(ready_at: float, deadline: float = 1000.0, **options: object) -> Work:
    clock = FakeClock(auto=True)
    work = Work(clock, ready_at)
    defaults = {"provider": "fake", "jitter": lambda: 0.0}
    result = await poll_until(work.fetch, clock=clock, deadline=deadline, **(defaults | options))
    assert result == "picture"
    return work


@pytest.mark.parametrize("spread", [1.0, 0.3])
@pytest.mark.parametrize("typical", [2.0, 9.0, 60.0, 200.0])
@pytest.mark.parametrize("known", [True, False])
async def test_a_ready_picture_waits_a_tenth_of_its_time_at_most(spread, typical, known) -> None:
    durations = [typical * (1 - spread / 2 + spread * share / 40) for share in range(41)]
    lateness = []
    for duration in durations:
        work = await poll(duration, expected=typical if known else None)
        lateness.append((work.asked[-1] - duration) / duration)
    assert statistics.mean(lateness) <= 0.07


@pytest.mark.parametrize(("seconds", "most"), [(2.0, 25), (10.0, 45), (60.0, 70), (300.0, 95)])
async def test_it_is_polite(seconds: float, most: int) -> None:
    assert len((await poll(seconds, expected=seconds)).asked) <= most
    assert len((await poll(seconds)).asked) <= most


async def test_it_starts_at_the_services_hint() -> None:
    assert (await poll(0.0, first=17.0)).asked == [17.0]


async def test_it_asks_no_oftener_than_told() -> None:
    assert (await poll(9.0, shortest=4.0)).asked == [0.0, 4.0, 8.0, 12.0]


async def test_without_a_hint_it_asks_at_once() -> None:
    assert (await poll(0.0)).asked == [0.0]


async def test_it_is_denser_near_the_expected_moment() -> None:
    asked = (await poll(99.0, expected=100.0)).asked
    near = [then for then in asked if 80 <= then <= 99]
    before = [then for then in asked if 50 <= then <= 70]
    assert max(_gaps(near)) < min(_gaps(before))


def _gaps(moments: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(moments)]


async def test_without_a_hint_it_starts_at_half_of_what_is_expected() -> None:
    assert (await poll(7.0, expected=20.0)).asked == [10.0]
    assert (await poll(7.0, expected=20.0, first=0.0)).asked == [10.0]
    assert (await poll(7.0, expected=20.0, first=17.0)).asked == [17.0]


async def test_the_deadline_ends_it() -> None:
    clock = FakeClock(auto=True)
    work = Work(clock, ready_at=1e9)
    with pytest.raises(DeadlineExceeded) as error:
        await poll_until(work.fetch, clock=clock, deadline=30.0, provider="fake")
    assert error.value.provider == "fake"
    assert clock.monotonic() == 30.0
    assert work.asked[-1] < 30.0


async def test_past_the_deadline_it_never_asks() -> None:
    clock = FakeClock(auto=True)
    work = Work(clock, ready_at=0.0)
    with pytest.raises(DeadlineExceeded):
        await poll_until(work.fetch, clock=clock, deadline=0.0, provider="fake")
    assert work.asked == []


async def test_jitter_only_shortens_a_pause() -> None:
    calm, jittery = await poll(50.0), await poll(50.0, jitter=lambda: 1.0)
    assert jittery.asked[1] == pytest.approx(calm.asked[1] * 0.9)


@given(times, st.none() | times)
def test_a_pause_is_always_within_bounds(elapsed: float, expected: float | None) -> None:
    assert SHORTEST <= pause(elapsed, expected) <= LONGEST


def test_the_median_of_the_last_durations_is_expected() -> None:
    durations = Durations(kept=3)
    assert durations.expected is None
    for seconds in (100.0, 5.0, 9.0, 7.0):
        durations.add(seconds)
    assert durations.expected == 7.0
