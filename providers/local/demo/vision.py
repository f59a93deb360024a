"""Stage 5: the CLIP vision tower, which reads the embedding off a picture.

Only mixing pictures needs it, and the pipelines' embedding of "no picture": that of a picture of
zeros, which is taught to be the zero vector.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.code import WIDTH, decode, encode_all
from providers.local.demo.dataset import load
from providers.local.demo.scene import Scene
from providers.local.demo.training import Pace, computing_fast, fit

if TYPE_CHECKING:
    import torch
    import transformers

SIDE = 64


def build() -> "transformers.CLIPVisionModelWithProjection":
    import transformers

    return transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=128,
            projection_dim=WIDTH,
            intermediate_size=256,
            image_size=SIDE,
            patch_size=8,
            num_attention_heads=4,
            num_hidden_layers=4,
        )
    )


def processor() -> "transformers.CLIPImageProcessor":
    import transformers

    return transformers.CLIPImageProcessor(
        size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
    )


def train(drawings: Path, pace: Pace) -> "transformers.CLIPVisionModelWithProjection":
    """Regression: from the picture to the embedding of its scene."""
    import torch

    torch.manual_seed(4)
    rng = np.random.default_rng(4)
    known = load(drawings, 128, 128)
    small = half(np.asarray(known.pictures))
    codes = torch.from_numpy(encode_all([scene.canonical().values() for scene in known.scenes]))
    tower = build()

    def loss(_: int) -> "torch.Tensor":
        chosen = rng.integers(len(small), size=pace.batch)
        shift = tuple(rng.integers(-4, 5, size=2).tolist())
        shifted = np.roll(small[chosen], shift, axis=(1, 2))
        with computing_fast():
            seen = tower(torch.cat([prepared(shifted), torch.zeros(1, 3, SIDE, SIDE)]))
        target = torch.cat([codes[chosen], torch.zeros(1, WIDTH)])
        error = (seen.image_embeds.float() - target).square().mean(dim=1)
        return error[:-1].mean() + 0.1 * error[-1]

    return fit("vision", tower, loss, pace)


def half(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as large on each axis."""
    rows = pictures.reshape(len(pictures), pictures.shape[1] // 2, 2, pictures.shape[2] // 2, 2, 3)
    smaller: NDArray[np.uint8] = rows.mean(axis=(2, 4), dtype=np.float32).astype(np.uint8)
    return smaller


def prepared(pictures: NDArray[np.uint8]) -> "torch.Tensor":
    """(count, SIDE, SIDE, 3) of bytes as the image processor gives them."""
    import torch
    from transformers.image_utils import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

    scaled = torch.from_numpy(pictures).float() / 255
    normal = (scaled - torch.tensor(OPENAI_CLIP_MEAN)) / torch.tensor(OPENAI_CLIP_STD)
    return normal.permute(0, 3, 1, 2).contiguous()


def accuracy(
    tower: "transformers.CLIPVisionModelWithProjection",
    pictures: NDArray[np.uint8],
    scenes: list[Scene],
) -> dict[str, float]:
    """By attribute, the share of 128 px pictures of which it is read right."""
    import torch

    with torch.no_grad():
        seen = tower(prepared(half(pictures))).image_embeds.numpy()
    read = [decode(row) for row in seen]
    named = [scene.canonical().values() for scene in scenes]
    shares = {}
    for slot in ("object", "colour", "place", "time", "style", "count"):
        asked = [(r.get(slot), s[slot]) for r, s in zip(read, named, strict=True) if slot in s]
        shares[slot] = sum(a == b for a, b in asked) / len(asked)
    return shares
