from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.durations import LONGEST, parse_duration


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("30s", 30),
        ("30m", 1800),
        ("2H", 7200),
        ("3d", 259200),
        ("1w", 604800),
        ("1d12h", 129600),
        ("999999w", 315360000),
    ],
)
def test_a_length_of_time_is_read(word: str, seconds: int) -> None:
    assert parse_duration(word) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "word", ["", "spam", "2", "h", "2 h", "2y", "-2h", "2.5h", "0d", "²h", "9w" * 99]
)
def test_anything_else_is_none(word: str) -> None:
    assert parse_duration(word) is None


@given(st.from_regex(r"([0-9]{1,10}[smhdw]){1,9}", fullmatch=True) | st.text(max_size=9))
def test_nothing_breaks_it(word: str) -> None:
    found = parse_duration(word)
    assert found is None or timedelta() < found <= LONGEST
