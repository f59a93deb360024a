"""Between Pillow's pictures and torch's tensors."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import torch


def to_pixels(pictures: Sequence[Image.Image]) -> "torch.Tensor":
    """RGB pictures of one size as (rows, 3, height, width), from -1 to 1."""
    import numpy as np
    import torch

    stacked = np.stack([np.asarray(picture, dtype=np.float32) for picture in pictures])
    return torch.from_numpy(stacked / 127.5 - 1).permute(0, 3, 1, 2).contiguous()


def mask_to_pixels(masks: Sequence[Image.Image]) -> "torch.Tensor":
    """Masks of one size as (rows, 1, height, width), 0 where they are black and 1 elsewhere."""
    import numpy as np
    import torch

    stacked = np.stack([np.asarray(mask.convert("L")) for mask in masks])
    return torch.from_numpy((stacked > 0).astype(np.float32))[:, None]


def from_pixels(pixels: "torch.Tensor") -> list[Image.Image]:
    """Pictures from (rows, 3, height, width), where -1 is black; what lies beyond is cut off.

    Raises RuntimeError where a number is none: half precision overflowed.
    """
    import torch

    if not torch.isfinite(pixels).all():
        raise RuntimeError("the picture came out as NaN; LOCAL_DTYPE=float32 may help")
    colours = ((pixels * 0.5 + 0.5).clamp(0, 1) * 255).round().byte()
    return [Image.fromarray(image) for image in colours.permute(0, 2, 3, 1).cpu().numpy()]
