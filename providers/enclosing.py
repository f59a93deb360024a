"""A given picture as a part of a JSON body: in the shape that is drawn, small enough to travel so."""

# ruff: noqa: PLC0415 - Pillow is slow to import, and most requests bring no picture

import base64
import io
from typing import TYPE_CHECKING

from providers.sizes import Size
from providers.sniffing import read_image

if TYPE_CHECKING:
    from PIL import Image

LADDER = ((1, 92), (1, 80), (1, 65), (2, 75), (4, 75))
"""What is tried until it fits: by how much each side is divided, and JPEG's quality."""


def jpeg_data_uri(data: bytes, size: Size, *, max_bytes: int) -> str:
    """The picture's middle in the shape of `size`, as a JPEG of at most `max_bytes` where one can be.

    Blocks. Raises NotAPicture.
    """
    from PIL import Image, ImageOps

    read_image(data)
    with Image.open(io.BytesIO(data)) as opened:
        picture = ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.LANCZOS)
    encoded = b""
    for divisor, quality in LADDER:
        encoded = _jpeg(picture, divisor, quality)
        if len(encoded) <= max_bytes:
            break
    return f"data:image/jpeg;base64,{base64.b64encode(encoded).decode()}"


def _jpeg(picture: "Image.Image", divisor: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.reduce(divisor).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
