"""The pins fit, and one that doesn't is named."""

import pytest
from packaging.requirements import Requirement

from tests.checks import pins


def test_the_projects_own_pins_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert pins.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize("line", ["httpx", "httpx>=0.28", "httpx==0.28.*", "httpx==0.28,<1"])
def test_a_pin_is_one_version(line: str) -> None:
    _, faults = pins.read_pins(f"# why\n{line}\n")
    assert len(faults) == 1 and line in faults[0]


def test_a_pin_twice_is_a_fault() -> None:
    assert pins.read_pins("PyYAML==6.0\npyyaml==6.1\n")[1]


def test_what_pyproject_does_not_allow_or_nobody_pinned_is_named() -> None:
    direct = [Requirement("httpx>=0.28,<1"), Requirement("pillow>=12")]
    faults = list(pins.unfit(direct, {"httpx": "1.0"}))
    assert len(faults) == 2 and "httpx" in faults[0] and "pillow" in faults[1]


def test_what_comes_along_is_pinned_as_well() -> None:
    direct = [Requirement("httpx>=0.28")]
    assert any("httpcore" in fault for fault in pins.unpinned(direct, {"httpx": "0.28.1"}))
