import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.bucket import Bucket

rates = st.floats(0.1, 6000)
bursts = st.integers(1, 50)
pauses = st.lists(st.floats(0, 200), min_size=1, max_size=60)


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_one_by_one() -> None:
    time = Time()
    bucket = Bucket(60, 3, time)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, pytest.approx(1)]
    time.now += 0.25
    assert bucket.take() == pytest.approx(0.75)
    time.now += 0.75
    assert bucket.take() == 0
    assert bucket.take() == pytest.approx(1)


@given(rates, bursts, pauses)
def test_in_no_stretch_of_time_are_there_more_than_allowed(
    rate: float, burst: int, waits: list[float]
) -> None:
    time = Time()
    bucket = Bucket(rate, burst, time)
    taken: list[float] = []
    for wait in waits:
        time.now += wait
        if bucket.take() == 0:
            taken.append(time.now)
    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            allowed = burst + (taken[last] - start) * rate / 60
            assert last - first + 1 <= allowed + 1e-6 * (last + 1)


@given(rates, bursts, pauses)
def test_who_waits_as_told_gets_in(rate: float, burst: int, waits: list[float]) -> None:
    time = Time()
    bucket = Bucket(rate, burst, time)
    for wait in waits:
        time.now += wait
        while bucket.take() == 0:
            if time.now > 1e6:
                break
            time.now += 1e-3 / rate
        time.now += bucket.take()
        assert bucket.take() == 0
