"""Which precision, and where the networks live: decided by rules that no card is needed to test."""

from pathlib import Path

import pytest

from providers.local import placement
from providers.local.placement import best_dtype, choose_offload, cpu_has_bf16

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("asked", "native", "dtype"),
    [
        ((("cuda", "float16", GB)), False, "float16"),
        (("cuda:1", "bfloat16", GB), True, "bfloat16"),
        (("cuda", "bfloat16", GB), False, "float16"),  # a card from before Ampere
        (("cpu", "float16", 9 * GB), True, "bfloat16"),
        (("cpu", "float16", 9 * GB), False, "float32"),
        (("cpu", "float16", 15_000_000), True, "float32"),
        (("mps", "float16", 9 * GB), False, "float16"),
        (("mps", "float16", 15_000_000), False, "float32"),
    ],
)
def test_the_best_dtype(
    asked: tuple[str, str, int], native: bool, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "_card_has_bf16", lambda device: native)
    monkeypatch.setattr(placement, "cpu_has_bf16", lambda: native)
    device, half, weights = asked
    assert best_dtype(device, half=half, weights=weights) == dtype


@pytest.mark.parametrize(
    ("cpuinfo", "native"),
    [
        ("processor : 0\nflags\t\t: fpu avx512f avx512_bf16 amx_tile\n", True),
        ("flags : fpu sse avx2\n", False),
        ("Features\t: fp asimd bf16\n", True),
        ("", False),
    ],
)
def test_the_cpus_own_word_on_bf16(cpuinfo: str, native: bool, tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(cpuinfo)
    assert cpu_has_bf16(file) is native
    assert cpu_has_bf16(tmp_path / "nowhere") is False


KANDINSKY = [int(gigabytes * GB) for gigabytes in (1.4, 2.05, 2.5, 0.14)]
"""Text encoder, prior, UNet and MoVQ in 16 bits."""


@pytest.mark.parametrize(
    ("free", "sizes", "offload"),
    [
        (None, KANDINSKY, "none"),
        (80 * GB, KANDINSKY, "none"),
        (12 * GB, KANDINSKY, "none"),
        (8 * GB, KANDINSKY, "model"),
        (24 * GB, [24 * GB, 10 * GB], "sequential"),
    ],
)
def test_networks_take_turns_where_memory_is_short(
    free: int | None, sizes: list[int], offload: str
) -> None:
    assert choose_offload(free, sizes) == offload


@pytest.mark.local
def test_only_the_network_in_use_is_on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("accelerate")
    moves: list[tuple[str, str]] = []

    class Network(torch.nn.Linear):
        def __init__(self, name: str) -> None:
            super().__init__(2, 2)
            self.name = name

        def to(self, device: str) -> None:
            moves.append((self.name, device))

    monkeypatch.setattr(placement, "choose_offload", lambda free, sizes: "model")
    prior, unet, movq = networks = [Network(name) for name in ("prior", "unet", "movq")]
    assert placement.place(networks, "cpu:0") == "model"
    for used in (movq, prior, unet, unet, movq):
        used(torch.ones(1, 2))
    assert moves == [
        ("movq", "cpu:0"),
        ("movq", "cpu"),
        ("prior", "cpu:0"),
        ("prior", "cpu"),
        ("unet", "cpu:0"),
        ("unet", "cpu"),
        ("movq", "cpu:0"),
    ]
