"""What torch can draw on: what its build and this machine have, told without importing it."""

import ctypes
import importlib.util
import runpy
import sys
from pathlib import Path
from typing import Any

from providers.errors import Misconfigured

DEVICES = ("cpu", "cuda", "mps", "xpu")
"""What LOCAL_DEVICE may say, with or without a number: `cuda:1`."""


def check_device(device: str) -> None:
    """Raise Misconfigured, with one line, for a device that plainly isn't there. Milliseconds."""
    kind, _, number = device.partition(":")
    if kind not in DEVICES or not (number.isdecimal() or device == kind):
        raise Misconfigured(
            "local", f"device {device}: not one of {', '.join(DEVICES)}", option="device"
        )
    build = _torch_build()
    if not _is_built_for(kind, build):
        raise Misconfigured(
            "local", f"device {device}: the installed torch was built without it", option="device"
        )
    # ROCm's GPUs go by the name of cuda too, but not by its driver.
    if kind == "cuda" and build.get("cuda") and sys.platform == "linux":
        found = _cuda_devices()
        if found <= int(number or 0):
            raise Misconfigured(
                "local",
                f"device {device}: the CUDA driver has {found} devices here",
                option="device",
            )


def _torch_build() -> dict[str, Any]:
    """Torch's own note of what it was built with; empty where there is none to read."""
    spec = importlib.util.find_spec("torch")
    note = Path(spec.origin).with_name("version.py") if spec and spec.origin else None
    return runpy.run_path(str(note)) if note and note.is_file() else {}


def _is_built_for(kind: str, build: dict[str, Any]) -> bool:
    """True in case of doubt: loading tells."""
    match kind:
        case "cuda":
            return not build or bool(build.get("cuda") or build.get("hip"))
        case "xpu":
            return not build or bool(build.get("xpu"))
        case "mps":
            return sys.platform == "darwin"
        case _:
            return True


def _cuda_devices() -> int:
    """As the driver counts them, with CUDA_VISIBLE_DEVICES in mind; 0 without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    driver.cuInit(0)
    driver.cuDeviceGetCount(ctypes.byref(count))
    return count.value


def default_device(torch: Any) -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def describe_device(device: str | None) -> str:
    """The device that will draw, None for the best here: its name, and the memory it has."""
    import torch

    device = device or default_device(torch)
    if not device.startswith("cuda"):
        return device
    found = torch.cuda.get_device_properties(torch.device(device))
    return f"{device}, {found.name} with {found.total_memory / 1e9:.0f} GB"
