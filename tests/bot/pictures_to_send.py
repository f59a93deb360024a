"""Pictures a test sends, and what an engine was given of them."""

import io

from PIL import Image, ImageDraw

AREA = (200, 150, 400, 300)  # where `painted` paints


def photo(size: tuple[int, int] = (640, 480)) -> Image.Image:
    red, green = Image.linear_gradient("L").resize(size), Image.radial_gradient("L").resize(size)
    return Image.merge("RGB", (red, green, Image.new("L", size, 90)))


def painted(picture: Image.Image, colour: str = "red") -> Image.Image:
    over = picture.copy()
    ImageDraw.Draw(over).rectangle(AREA, colour)
    return over


def encoded(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def decoded(data: bytes | None) -> Image.Image:
    assert data is not None
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture
