import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.tqdm_logs import fraction

WEIGHTS = (25, 25, 75)


def bar(current: int, total: int) -> str:
    return f"{100 * current // total:3d}%|█▎   | {current}/{total} [00:00<00:02, 16.47it/s]"


def test_nothing_before_the_first_bar() -> None:
    assert fraction("", WEIGHTS) is None
    assert fraction("Using seed: 4697\nloading 3/4 files\n", WEIGHTS) is None


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ([(0, 25)], 0.0),
        ([(5, 25)], 5 / 125),
        ([(0, 25), (25, 25), (25, 25)], 25 / 125),
        ([(25, 25), (0, 25), (10, 25)], 35 / 125),
        ([(25, 25), (0, 25), (25, 25), (0, 75)], 50 / 125),
        ([(25, 25), (0, 25), (25, 25), (0, 75), (30, 75)], 80 / 125),
        ([(20, 20), (0, 20), (20, 20), (0, 50), (25, 50)], (50 + 75 / 2) / 125),
        ([(25, 25), (0, 25), (25, 25), (0, 75), (75, 75)], 0.99),
        ([(25, 25), (0, 25), (25, 25), (0, 75), (75, 75), (0, 9), (3, 9)], 0.99),
    ],
)
def test_bars_count_for_their_weights(bars: list[tuple[int, int]], expected: float) -> None:
    lines = "\n".join(bar(*step) for step in bars)
    assert fraction(f"Using seed: 1\n{lines}\n", WEIGHTS) == pytest.approx(expected)
    assert fraction(lines.replace("\n", "\r"), WEIGHTS) == pytest.approx(expected)


def test_one_bar_alone() -> None:
    assert fraction(bar(20, 50), (1,)) == pytest.approx(0.4)


@pytest.mark.parametrize("line", ["50%|█| 5/0 [", "50%|█| 9/5 [", "50%", "50%|█|", "5/10"])
def test_a_senseless_bar_is_passed_over(line: str) -> None:
    assert fraction(line, WEIGHTS) is None


@given(st.text("0123456789%| /\n\rab", max_size=300))
def test_any_log_gives_a_fraction_or_none(logs: str) -> None:
    found = fraction(logs, WEIGHTS)
    assert found is None or 0 <= found < 1


@given(st.lists(st.integers(1, 40), min_size=3, max_size=3))
def test_progress_never_falls_as_a_log_grows(totals: list[int]) -> None:
    lines = [bar(step, total) for total in totals for step in range(total + 1)]
    found = [fraction("\n".join(lines[: end + 1]), WEIGHTS) for end in range(len(lines))]
    assert found == sorted(found)
