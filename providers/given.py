"""Given pictures and masks as services take them, in PNG. CPU work: off the loop."""

# ruff: noqa: PLC0415 - Pillow is imported when first used: it takes 45 ms

from io import BytesIO
from typing import TYPE_CHECKING

from providers.errors import InvalidRequest
from providers.sizes import Size
from providers.types import GenerationRequest

if TYPE_CHECKING:
    from PIL.Image import Image

MIDDLE = 127  # of grey: what is lighter is repainted


class GivenPictures:
    """A request's pictures in the very size it asks for, the middle of each filling it.

    The picture and its mask are cut alike, so that they stay as large as each other and the
    result lies exactly over the original. Raises InvalidRequest for bytes that are no picture.
    """

    def __init__(self, request: GenerationRequest, provider: str) -> None:
        self._request = request
        self._size: Size = (request.width, request.height)
        self._provider = provider

    def picture(self) -> bytes:
        return _png(self._cover(self._request.init_images[0].data, "init_images", "RGB"))

    def mask(self) -> bytes:
        """White is repainted, black is kept."""
        return _png(self._mask())

    def see_through_mask(self) -> bytes:
        """What is transparent is repainted, what is opaque is kept."""
        from PIL import Image, ImageOps

        mask = Image.new("RGBA", self._size)
        mask.putalpha(ImageOps.invert(self._mask()))
        return _png(mask)

    def _mask(self) -> "Image":
        grey = self._cover(self._request.mask_image or b"", "mask_image", "L")
        return grey.point(lambda value: 255 if value > MIDDLE else 0)

    def _cover(self, data: bytes, field: str, mode: str) -> "Image":
        from PIL import Image, ImageOps

        try:
            with Image.open(BytesIO(data)) as picture:
                how = Image.Resampling.NEAREST if mode == "L" else Image.Resampling.LANCZOS
                return ImageOps.fit(picture.convert(mode), self._size, how)
        except Exception as error:  # a decoder fed hostile bytes may raise anything
            detail = f"{field}: {type(error).__name__}"
            raise InvalidRequest(self._provider, detail, (field,)) from error


def _png(picture: "Image") -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
