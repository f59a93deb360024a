"""The judge: a network that names what is in a picture. It has seen drawings only.

It measures the model, and is no part of it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.dataset import draw_some
from providers.local.demo.dataset import load as load_drawings
from providers.local.demo.movq import to_tensor
from providers.local.demo.scene import SLOTS, Scene
from providers.local.demo.training import Pace, computing_fast, fit

if TYPE_CHECKING:
    import torch
    from torch import nn

ABSENT = -100
"""torch's own mark for "don't count this one"."""
CHANNELS = (24, 40, 64, 80, 88)

WEIGHTS = {"object": 3, "object2": 2, "style": 2}
"""How much an attribute counts in training where it isn't 1: shapes are the hardest to learn."""


def build() -> "nn.Module":
    """From (count, 3, 128, 128) of -1..1 to the scores of all values of all attributes."""
    from torch import nn

    layers: list[nn.Module] = []
    before = 3
    for width in CHANNELS:
        layers += [
            nn.Conv2d(before, width, 3, stride=2, padding=1),
            nn.BatchNorm2d(width),
            nn.GELU(),
        ]
        before = width
    layers += [nn.Conv2d(before, before, 3, padding=1), nn.BatchNorm2d(before), nn.GELU()]
    values = sum(map(len, SLOTS.values()))
    return nn.Sequential(
        *layers, nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(4 * before, values)
    )


def train(pictures: NDArray[np.uint8], scenes: list[Scene], pace: Pace) -> "nn.Module":
    """pictures: (count, 128, 128, 3)."""
    import torch
    from torch.nn import functional

    torch.manual_seed(6)
    rng = np.random.default_rng(6)
    judge = build()
    targets = torch.from_numpy(_targets(scenes))

    def loss(_: int) -> "torch.Tensor":
        chosen = rng.integers(len(pictures), size=pace.batch)
        seen = _worn(to_tensor(pictures[chosen]), rng)
        with computing_fast():
            scores = judge(seen).float()
        parts = scores.split([len(values) for values in SLOTS.values()], dim=1)
        losses = [
            WEIGHTS.get(name, 1)
            * functional.cross_entropy(part, targets[chosen, slot], label_smoothing=0.02)
            for slot, (name, part) in enumerate(zip(SLOTS, parts, strict=True))
        ]
        return torch.stack(losses).nan_to_num().sum()

    return fit("judge", judge, loss, pace)


def _worn(pictures: "torch.Tensor", rng: np.random.Generator) -> "torch.Tensor":
    """Moved, noisy, sometimes blurred: nothing that matters may hang on single pixels."""
    import torch
    from torch.nn import functional

    shift = tuple(rng.integers(-4, 5, size=2).tolist())
    pictures = pictures.roll(shift, dims=(2, 3))
    if rng.random() < 0.5:
        pictures = functional.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
    return pictures + rng.uniform(0, 0.08) * torch.randn_like(pictures)


def lessons(drawings: Path, rare: int) -> tuple[NDArray[np.uint8], list[Scene]]:
    """The square drawings, and `rare` more with the pairs that the model never sees."""
    usual = load_drawings(drawings, 128, 128)
    more, scenes = draw_some("judge", rare, held_out=True)
    return np.concatenate([usual.pictures, more]), usual.scenes + scenes


def judged(judge: "nn.Module", pictures: NDArray[np.uint8]) -> list[dict[str, str]]:
    """Of each picture the likeliest value of every attribute."""
    import torch

    judge.eval()
    with torch.no_grad():
        scores = torch.cat(
            [judge(to_tensor(part)) for part in np.array_split(pictures, 1 + len(pictures) // 64)]
        )
    parts = scores.split([len(values) for values in SLOTS.values()], dim=1)
    likeliest = [part.argmax(dim=1).tolist() for part in parts]
    return [
        {slot: values[n] for (slot, values), n in zip(SLOTS.items(), row, strict=True)}
        for row in zip(*likeliest, strict=True)
    ]


def scores(said: list[dict[str, str]], asked: list[dict[str, str]]) -> dict[str, float]:
    """By attribute, the share of the pictures that have it in which it is as asked."""
    result = {}
    for slot in SLOTS:
        right = [s[slot] == a[slot] for s, a in zip(said, asked, strict=True) if slot in a]
        if right:
            result[slot] = sum(right) / len(right)
    return result


def save(judge: "nn.Module", path: Path) -> None:
    from safetensors.torch import save_file

    save_file({name: value.half().contiguous() for name, value in judge.state_dict().items()}, path)


def load(path: Path) -> "nn.Module":
    from safetensors.torch import load_file

    judge = build()
    judge.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    return judge.eval()


def _targets(scenes: list[Scene]) -> NDArray[np.int64]:
    """(count, attributes): the number of each value, ABSENT where there is none."""
    named = [scene.canonical().values() for scene in scenes]
    return np.array(
        [
            [values.index(each[slot]) if slot in each else ABSENT for slot, values in SLOTS.items()]
            for each in named
        ]
    )
