"""Where the networks go and in which precision, as the machine allows."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

Offload = Literal["none", "model", "sequential"]

LARGE_MODEL = 1_000_000_000
"""Bytes of weights from which 16 bits pay on a CPU that has them, and on Apple's chips."""

HEADROOM = 1.1
WORKSPACE = 4_000_000_000
"""Beside the weights: what drawing and decoding 1024x1024 pixels need, in bytes, or else the image
encoder when it is borrowed."""

KERNEL = Path("/proc/cpuinfo")
BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16", "bf16"})
"""A CPU with one of these multiplies bf16 in hardware; any other emulates it, slowly."""


def best_dtype(device: str, *, half: str, weights: int) -> str:
    """The precision to draw in. half: what the model was trained for; weights: bytes.

    On a CPU float16 is twenty times slower than float32, and bfloat16 pays only in hardware.
    """
    kind = device.partition(":")[0]
    if kind in {"cuda", "xpu"}:
        return half if half == "float16" or _card_has_bf16(device) else "float16"
    if weights < LARGE_MODEL:
        return "float32"
    if kind == "mps":
        return "float16"
    return "bfloat16" if cpu_has_bf16() else "float32"


def _card_has_bf16(device: str) -> bool:
    import torch

    if not device.startswith("cuda"):
        return True
    return bool(torch.cuda.get_device_capability(device) >= (8, 0) or torch.version.hip)


def cpu_has_bf16(cpuinfo: Path = KERNEL) -> bool:
    """As Linux tells; False elsewhere."""
    try:
        lines = cpuinfo.read_text("ascii", errors="replace").splitlines()
    except OSError:
        return False
    flags = (line.partition(":")[2].split() for line in lines if line[:5] in {"flags", "Featu"})
    return bool(BF16_FLAGS & set(next(flags, [])))


def choose_offload(free: int | None, sizes: Sequence[int]) -> Offload:
    """How to live with the memory there is. free: bytes, None where that is no question.

    sizes: bytes of each network. In `model` they take turns on the device, in `sequential` their
    layers do: much slower, and the only way for a network that doesn't fit by itself.
    """
    if free is None or sum(sizes) * HEADROOM + WORKSPACE <= free:
        return "none"
    return "model" if max(sizes) * HEADROOM + WORKSPACE <= free else "sequential"


def free_memory(device: str) -> int | None:
    """Bytes free on an accelerator with memory of its own; None on any other device."""
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info(device)[0])
    if device.startswith("xpu"):
        return int(torch.xpu.mem_get_info(device)[0])
    return None


def peak_memory(device: str) -> int:
    """The most bytes so far: on an accelerator its own, else the process's; 0 where nobody counts."""
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated(device))
    if device.startswith("xpu"):
        return int(torch.xpu.max_memory_allocated(device))
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def network_bytes(network: "torch.nn.Module") -> int:
    return sum(weight.numel() * weight.element_size() for weight in network.parameters())


def place(networks: Sequence[Any], device: str) -> Offload:
    """Bring networks to the device, or have them take turns there."""
    offload = choose_offload(free_memory(device), [network_bytes(one) for one in networks])
    if offload == "none":
        for network in networks:
            network.to(device)
        return offload
    logger.info("memory is short: the networks take turns on %s", device)
    _take_turns(networks, device)
    return "model"


def _take_turns(networks: Sequence[Any], device: str) -> None:
    """Only the network in use is on the device, whatever the order they are used in.

    diffusers' own offload moves them along a fixed chain, which each mode here would break.
    """
    from accelerate.hooks import ModelHook, add_hook_to_module

    present: list[Any] = []

    class TakesTurn(ModelHook):  # type: ignore[misc]  # accelerate has no types
        def pre_forward(self, module: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
            if present != [module]:
                for other in present:
                    other.to("cpu")
                module.to(device)
                present[:] = [module]
            return args, kwargs

    for network in networks:
        add_hook_to_module(network, TakesTurn())
