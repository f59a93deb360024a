"""Tests that documents and other tests name."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def exists(name: str) -> bool:
    """Whether there is such a test: `tests/bot/test_x.py::test_y`."""
    path, _, function = name.partition("::")
    file = ROOT / path
    return file.is_file() and f"def {function}(" in file.read_text()
