"""A device that isn't there is told at the start, without importing torch."""

import sys
from pathlib import Path
from typing import Any

import pytest

from providers.errors import Unavailable
from providers.local import devices
from providers.local.config import PipelineConfig
from providers.local.loader import load

CUDA: dict[str, Any] = {"cuda": "13.0", "hip": None, "xpu": None}
ROCM: dict[str, Any] = {"cuda": None, "hip": "7.1", "xpu": None}
CPU: dict[str, Any] = {"cuda": None, "hip": None, "xpu": None}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def described(build: dict[str, Any], *, gpus: int = 0, platform: str = "linux") -> None:
        monkeypatch.setattr(devices, "_torch_build", lambda: build)
        monkeypatch.setattr(devices, "_cuda_devices", lambda: gpus)
        monkeypatch.setattr(sys, "platform", platform)

    return described


@pytest.mark.parametrize(
    ("device", "build", "gpus", "platform"),
    [
        ("cpu", CPU, 0, "linux"),
        ("cuda", CUDA, 1, "linux"),
        ("cuda:1", CUDA, 2, "linux"),
        ("cuda", CUDA, 0, "win32"),  # its driver has another name: loading tells
        ("cuda", ROCM, 0, "linux"),
        ("cuda", {}, 1, "linux"),  # a torch that says nothing of itself
        ("mps", CPU, 0, "darwin"),
    ],
)
def test_what_may_be_there_passes(machine, device, build, gpus, platform) -> None:
    machine(build, gpus=gpus, platform=platform)
    devices.check_device(device)


@pytest.mark.parametrize(
    ("device", "build", "gpus", "words"),
    [
        ("cuda", CPU, 1, "built without it"),
        ("xpu", CPU, 0, "built without it"),
        ("mps", CPU, 0, "built without it"),
        ("cuda", CUDA, 0, "has 0 devices"),
        ("cuda:1", CUDA, 1, "has 1 devices"),
        ("cuda:", CUDA, 1, "not one of"),
        ("cuda:x", CUDA, 1, "not one of"),
        ("toaster", CUDA, 1, "not one of"),
    ],
)
def test_what_is_not_there_is_refused(machine, device, build, gpus, words) -> None:
    machine(build, gpus=gpus)
    with pytest.raises(Unavailable) as refused:
        devices.check_device(device)
    assert words in refused.value.detail and device in refused.value.detail


def test_torchs_own_note_is_found() -> None:
    torch = pytest.importorskip("torch")
    assert devices._torch_build()["__version__"] == torch.__version__


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


@pytest.mark.local
def test_a_device_that_fails_while_loading_is_told_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(Unavailable) as refused:
        load(PipelineConfig(model="demo", device="cuda:99", cache_dir=tmp_path))
    assert "\n" not in refused.value.detail
    assert is_empty(tmp_path)  # before anything was built or loaded
