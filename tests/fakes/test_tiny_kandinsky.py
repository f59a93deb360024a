import hashlib
from pathlib import Path

import pytest

from tests.fakes import tiny_kandinsky as tiny
from tests.fakes.extra import Extra

torch = Extra("torch")

pytestmark = pytest.mark.local


def digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def test_it_is_small_and_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        tiny.build_tiny_checkpoint(tmp_path / name)
    assert digest(tmp_path / "one") == digest(tmp_path / "other")
    size = sum(path.stat().st_size for path in (tmp_path / "one").rglob("*"))
    assert size < 7_000_000


def test_building_leaves_the_program_its_own_randomness(tmp_path: Path) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    tiny.build_tiny_checkpoint(tmp_path / "one")
    assert torch.equal(torch.rand(1), expected)
