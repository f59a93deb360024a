"""Whatever people send: it is read, or refused in words; never a crash."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from providers.errors import InvalidRequest
from providers.local.inputs import MAX_SIDE, read_mask, read_picture, refuse_black

RED, WHITE = (255, 0, 0), (255, 255, 255)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def read(data: bytes) -> Image.Image:
    return read_picture(data, field="init_images")


def noise(size: tuple[int, int] = (64, 32)) -> Image.Image:
    return Image.effect_noise(size, 80).convert("RGB")


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be so large, with nothing inside."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"not a picture at all",
        encoded(noise())[:-40],
        encoded(noise(), "JPEG")[:600],
        encoded(noise())[:20],
        bomb(12_000, 12_000),
        bomb(60_000, 60_000),
        bomb(0, 0),
    ],
    ids=["empty", "one byte", "text", "cut PNG", "cut JPEG", "header", "large", "bomb", "no size"],
)
@pytest.mark.parametrize("field", ["init_images", "control_image"])
def test_what_is_no_picture_is_refused_in_one_line(data: bytes, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_picture(data, field=field)
    assert refused.value.fields == (field,)
    assert refused.value.detail and "\n" not in refused.value.detail


def test_a_huge_jpeg_is_read_at_a_fraction() -> None:
    data = encoded(Image.new("L", (12_000, 12_000), 200), "JPEG")
    picture = read(data)
    assert picture.size == (MAX_SIDE, MAX_SIDE)
    assert picture.getpixel((5, 5)) == (200, 200, 200)


def test_a_large_picture_is_made_smaller() -> None:
    assert read(encoded(Image.new("RGB", (4096, 100)))).size == (MAX_SIDE, 50)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert read(data).getpixel((8, 8)) == RED


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "CMYK", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = (
        Image.fromarray(np.full((16, 16), 2**16 - 1, dtype=np.uint16))
        if mode == "I;16"
        else Image.new("L", (16, 16), 255).convert(mode)
    )
    if mode == "I":
        image = image.point(lambda value: value * 257)
    picture = read(encoded(image, "TIFF"))
    assert picture.mode == "RGB"
    assert min(picture.getpixel((8, 8))) >= 250


def test_sixteen_bits_keep_their_shades() -> None:
    shades = np.linspace(0, 2**16 - 1, 256, dtype=np.uint16)
    picture = read(encoded(Image.fromarray(np.tile(shades, (4, 1)))))
    assert [picture.getpixel((x, 0))[0] for x in (0, 64, 128, 255)] == [0, 64, 128, 255]


def test_a_cmyk_jpeg_keeps_its_colours() -> None:
    picture = read(encoded(Image.new("RGB", (16, 16), "red").convert("CMYK"), "JPEG", quality=100))
    assert np.abs(np.subtract(picture.getpixel((8, 8)), RED)).max() <= 4


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_parts_of_a_picture_are_white(mode: str) -> None:
    clear = Image.new("RGBA", (16, 16), (255, 0, 0, 0))
    data = encoded(clear.convert("P") if mode == "PA" else clear.convert(mode))
    if mode == "PA":
        data = encoded(Image.new("P", (16, 16)), transparency=0)
    assert read(data).getpixel((8, 8)) == WHITE


def test_a_picture_stands_upright() -> None:
    image = Image.new("RGB", (20, 10), "white")
    image.paste("red", (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the left side is the top
    picture = read(encoded(image, exif=exif))
    assert picture.size == (10, 20)
    assert (picture.getpixel((5, 3)), picture.getpixel((5, 16))) == (RED, WHITE)


def test_a_mask_is_black_and_white_and_transparent_is_black() -> None:
    mask = Image.new("RGBA", (30, 10))
    mask.paste((255, 255, 255, 255), (10, 0, 20, 10))
    mask.paste((90, 90, 90, 255), (20, 0, 30, 10))
    found = read_mask(encoded(mask))
    assert found.mode == "L"
    assert [found.getpixel((x, 5)) for x in (5, 15, 25)] == [0, 255, 0]


def test_a_black_mask_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        refuse_black(read_mask(encoded(Image.new("RGB", (10, 10), (60, 60, 60)))))
    assert refused.value.fields == ("mask_image",)
    refuse_black(Image.new("L", (4, 4), 255))
