"""The bad pictures are bad in the way their names say."""

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from tests.fakes import bad_pictures as bad


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def corners(picture: Image.Image) -> list[tuple[int, ...]]:
    """From the four quarters' middles, in the order of reading."""
    rgb = picture.convert("RGB")
    width, height = rgb.size
    spots = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    return [rgb.getpixel(spot) for spot in spots]  # type: ignore[misc]  # RGB gives tuples


def test_quarters_are_told_apart() -> None:
    assert corners(bad.quarters()) == [bad.RED, bad.GREEN, bad.BLUE, bad.YELLOW]


@pytest.mark.parametrize("name", bad.UNREADABLE)
def test_the_unreadable_can_not_be_read(name: str) -> None:
    with pytest.raises((OSError, SyntaxError)):
        opened(bad.UNREADABLE[name]()).load()


def test_the_huge_one_is_small_as_a_file() -> None:
    data = bad.huge_png()
    assert len(data) < 100_000
    with pytest.warns(Image.DecompressionBombWarning):
        assert opened(data).size == (12_000, 12_000)
    opened(bad.huge_png(200)).load()  # the same, small enough to be read to its end


def test_the_bomb_claims_more_than_any_decoder_takes() -> None:
    data = bad.bomb_png()
    assert len(data) < 200
    with pytest.raises(Image.DecompressionBombError):
        opened(data)


@pytest.mark.parametrize("name", bad.UNUSUAL)
def test_the_unusual_can_be_read(name: str) -> None:
    opened(bad.UNUSUAL[name]()).load()


@pytest.mark.parametrize("make", [bad.animated_gif, bad.animated_webp, bad.animated_png])
def test_the_animated_ones_begin_with_the_quarters(make) -> None:
    picture = opened(make())
    assert picture.n_frames == 3  # type: ignore[attr-defined]  # of the animated formats alone
    assert corners(picture) == corners(bad.quarters())


def test_modes_are_those_of_the_names() -> None:
    modes = {name: opened(make()).mode for name, make in bad.UNUSUAL.items()}
    assert modes["cmyk_jpeg"] == "CMYK"
    assert modes["sixteen_bit_png"] == "I;16"
    assert modes["transparent_palette_png"] == "P"
    assert modes["alpha_png"] == "RGBA"


def test_the_rotated_one_lies_on_its_side() -> None:
    picture = opened(bad.rotated_jpeg())
    assert picture.size == bad.SIZE[::-1]
    upright = ImageOps.exif_transpose(picture)
    assert upright.size == bad.SIZE
    for found, meant in zip(corners(upright), corners(bad.quarters()), strict=True):
        assert all(abs(a - b) < 8 for a, b in zip(found, meant, strict=True))


@pytest.mark.parametrize(
    ("make", "clear"), [(bad.transparent_palette_png, 1 / 4), (bad.alpha_png, 1 / 2)]
)
def test_what_is_transparent(make, clear: float) -> None:
    picture = opened(make())
    assert picture.has_transparency_data
    alpha = picture.convert("RGBA").getchannel("A")
    assert alpha.histogram()[0] == clear * bad.SIZE[0] * bad.SIZE[1]
    assert alpha.getpixel((0, 0)) == 0


def test_masks() -> None:
    masks = {name: opened(make()) for name, make in bad.MASKS.items()}
    assert masks["mask_of_other_size"].size != bad.SIZE
    assert masks["black_mask"].getextrema() == (0, 0)
    assert masks["white_mask"].getextrema() == (255, 255)
    assert masks["half_mask"].getpixel((0, 0)) == 0
    assert masks["half_mask"].getpixel((bad.SIZE[0] - 1, 0)) == 255
