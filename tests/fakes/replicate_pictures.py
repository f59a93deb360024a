"""What Replicate's fake draws, and how far its logs say it is."""

import functools
import io
from collections.abc import Mapping
from typing import Any

from PIL import Image

BARS = (25, 25, 75)


def picture(asked: Mapping[str, Any], seed: int, number: int, file_format: str) -> bytes:
    size = (asked.get("width", 512), asked.get("height", 512))
    return draw(*size, seed + number, file_format)


@functools.lru_cache(maxsize=64)
def draw(width: int, height: int, seed: int, file_format: str = "png") -> bytes:
    """A small file of one colour that tells the seed."""
    colour = (seed * 97 % 256, seed * 57 % 256, seed * 17 % 256)
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, file_format.upper())
    return buffer.getvalue()


def logs(seed: int, fraction: float) -> str:
    """The three bars one after the other, as far as the prediction is."""
    lines = [f"Using seed: {seed}"]
    done = int(fraction * sum(BARS))
    for total in BARS:
        if done <= 0:
            break
        shown = min(done, total)
        lines += [
            f"{100 * step // total:3d}%|██▍  | {step}/{total} [00:00<00:01, 9.1it/s]"
            for step in (0, shown)
        ]
        done -= total
    return "\n".join(lines) + "\n"
