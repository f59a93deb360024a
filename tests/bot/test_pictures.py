"""What Telegram's photos ask of a picture, on real pictures."""

import random
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from bot.pictures.encoding import (
    MAX_GRID_SIDE,
    MAX_PHOTO_BYTES,
    UnreadablePicture,
    as_photo,
    crop_to,
    grid,
)

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def encode(picture: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def plain(size: tuple[int, int], color: tuple[int, ...] = RED, file_format: str = "PNG") -> bytes:
    return encode(Image.new("RGBA" if len(color) == 4 else "RGB", size, color), file_format)


def noise(width: int, height: int) -> Image.Image:
    data = random.Random(0).randbytes(width * height * 3)  # noqa: S311 - a picture, not a secret
    return Image.frombytes("RGB", (width, height), data)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


def color_at(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = picture.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel


def is_near(pixel: tuple[int, ...], color: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 4 for a, b in zip(pixel, color, strict=True))


def test_crop_takes_the_middle() -> None:
    picture = Image.new("RGB", (100, 60), RED)
    picture.paste(BLUE, (20, 10, 80, 50))

    cut = opened(crop_to(encode(picture), (60, 40)))

    assert (cut.size, cut.format) == ((60, 40), "PNG")
    assert cut.getcolors() == [(60 * 40, BLUE)]


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_crop_keeps_the_format(file_format: str) -> None:
    cut = opened(crop_to(plain((100, 60), file_format=file_format), (60, 60)))

    assert (cut.size, cut.format) == ((60, 60), file_format)
    assert is_near(color_at(cut, 30, 30), RED)


def test_crop_keeps_transparency() -> None:
    assert color_at(opened(crop_to(plain((10, 10), (*RED, 7)), (5, 5))), 2, 2) == (*RED, 7)


@pytest.mark.parametrize(
    ("asked", "given"),
    [((200, 200), (100, 60)), ((200, 30), (100, 30)), ((100, 60), (100, 60))],
)
def test_crop_never_enlarges(asked: tuple[int, int], given: tuple[int, int]) -> None:
    assert opened(crop_to(plain((100, 60)), asked)).size == given


def test_a_picture_that_needs_no_crop_is_untouched() -> None:
    data = plain((100, 60))

    assert crop_to(data, (100, 60)) is data


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"])
def test_any_picture_becomes_a_jpeg_in_rgb(mode: str) -> None:
    file_format = "TIFF" if mode == "CMYK" else "PNG"

    photo = as_photo(encode(Image.new(mode, (64, 48)), file_format))

    assert photo is not None
    assert (opened(photo).format, opened(photo).mode, opened(photo).size) == (
        "JPEG",
        "RGB",
        (64, 48),
    )


def test_what_is_transparent_becomes_white() -> None:
    picture = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    picture.paste((*RED, 255), (10, 0, 20, 10))
    photo = as_photo(encode(picture))

    assert photo is not None
    assert is_near(color_at(opened(photo), 1, 5), WHITE)
    assert is_near(color_at(opened(photo), 18, 5), RED)


def test_a_jpeg_that_is_a_photo_already_is_untouched() -> None:
    data = plain((64, 48), file_format="JPEG")

    assert as_photo(data) is data


@pytest.mark.parametrize(
    ("size", "is_photo"),
    [
        ((9000, 1000), True),
        ((9001, 1000), False),
        ((2000, 100), True),
        ((2001, 100), False),
        ((100, 2001), False),
    ],
)
def test_beyond_the_shape_of_a_photo_it_is_a_document(
    size: tuple[int, int], is_photo: bool
) -> None:
    data = encode(Image.new("1", size))

    assert (as_photo(data) is not None) == is_photo


def test_quality_steps_down_until_the_photo_is_small_enough() -> None:
    picture = noise(2400, 2000)
    assert len(encode(picture, "JPEG", quality=95, subsampling="4:4:4")) > MAX_PHOTO_BYTES

    photo = as_photo(encode(picture, compress_level=0))

    assert photo is not None
    assert len(photo) <= MAX_PHOTO_BYTES
    assert opened(photo).size == (2400, 2000)


def test_quality_is_high_where_there_is_room() -> None:
    picture = noise(64, 64)

    assert as_photo(encode(picture)) == encode(picture, "JPEG", quality=95, subsampling="4:4:4")


@pytest.mark.parametrize(
    ("count", "size", "columns", "rows"),
    [
        (2, (64, 64), 2, 1),
        (3, (64, 96), 3, 1),
        (2, (96, 64), 1, 2),
        (3, (96, 64), 1, 3),
        (4, (64, 64), 2, 2),
        (4, (96, 32), 2, 2),
    ],
)
def test_a_grid_keeps_the_order_of_reading(
    count: int, size: tuple[int, int], columns: int, rows: int
) -> None:
    width, height = size
    colors = (RED, GREEN, BLUE, (200, 200, 0))[:count]

    sheet = opened(grid([plain(size, color) for color in colors]))

    gap_x, gap_y = sheet.width - columns * width, sheet.height - rows * height
    assert (gap_x, gap_y) == (2 * (columns - 1), 2 * (rows - 1))
    for index, color in enumerate(colors):
        row, column = divmod(index, columns)
        middle = (column * (width + 2) + width // 2, row * (height + 2) + height // 2)
        assert is_near(color_at(sheet, *middle), color)


def test_a_grid_of_different_sizes_takes_the_smallest() -> None:
    sheet = opened(grid([plain((100, 100)), plain((50, 50), BLUE)]))

    assert sheet.size == (102, 50)
    assert is_near(color_at(sheet, 25, 25), RED)


def test_a_large_grid_stays_a_photo() -> None:
    picture = encode(noise(1600, 1600), compress_level=0)

    photo = grid([picture] * 4)

    assert max(opened(photo).size) <= MAX_GRID_SIDE
    assert len(photo) <= MAX_PHOTO_BYTES
    assert as_photo(photo) is photo


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<html>",
        encode(noise(64, 64))[:-2000],
        encode(noise(64, 64), "JPEG")[:800],
        encode(noise(64, 64), "WEBP")[:800],
    ],
)
def test_a_damaged_picture_is_named_so(data: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        as_photo(data)
    with pytest.raises(UnreadablePicture):
        crop_to(data, (8, 8))
    with pytest.raises(UnreadablePicture):
        grid([plain((64, 64)), data])


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)

    with pytest.raises(UnreadablePicture):
        as_photo(plain((64, 64)))


def test_pillow_is_not_imported_before_it_is_needed() -> None:
    script = "import sys, bot.pictures.encoding; sys.exit('PIL' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
