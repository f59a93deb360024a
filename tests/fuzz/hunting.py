"""How hard a target is fuzzed: a little in every run of the tests, a hundred times that in a soak."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FEW = 1_000
MANY = 100_000

sizes = pytest.mark.parametrize("inputs", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])


def hunt(strategy: st.SearchStrategy[Any], check: Callable[[Any], None], inputs: int) -> None:
    """`check` each of so many inputs; it fails with the smallest that it doesn't stand."""
    seen = 0

    @settings(max_examples=inputs, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def one(value: Any) -> None:
        nonlocal seen
        seen += 1
        check(value)

    one()
    assert seen >= inputs, "the strategy ran dry"


def is_one_line(error: Exception) -> None:
    assert "\n" not in str(error)
