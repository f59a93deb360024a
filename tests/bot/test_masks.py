"""Masks as people make them: transparent, black and white, or painted over on a phone."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bot.pictures.given import opened
from bot.pictures.masks import own_mask, read_mask
from bot.usecases.errors import PictureRefused, PictureTrouble

SIZE = (1280, 853)
AREA = (400, 250, 800, 600)  # where every mask here is painted


def photo(size: tuple[int, int] = SIZE) -> Image.Image:
    """Something with colour, light, grain and hard edges, as a camera would see it."""
    red = Image.linear_gradient("L").resize(size)
    green = Image.radial_gradient("L").resize(size)
    blue = Image.effect_noise(size, 60)
    picture = Image.merge("RGB", (red, green, blue.filter(ImageFilter.GaussianBlur(1))))
    draw = ImageDraw.Draw(picture)
    for x in range(0, size[0], 80):
        draw.line([(x, 0), (size[0] - x, size[1])], "white" if x % 160 else "black", 3)
    return picture


def line_art() -> Image.Image:
    picture = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(picture)
    for x in range(0, SIZE[0], 60):
        draw.line([(x, 0), (x, SIZE[1])], "black", 4)
    return picture


def painted(picture: Image.Image, colour: str, opacity: float = 1.0) -> Image.Image:
    over = picture.copy()
    ImageDraw.Draw(over).ellipse(AREA, colour)
    return Image.blend(picture, over, opacity)


def drawn(back: str, front: str) -> Image.Image:
    return painted(Image.new("RGB", SIZE, back), front)


def sent(picture: Image.Image, quality: int = 75, side: int = 1280) -> Image.Image:
    """As it comes out of a chat: made smaller, and a JPEG."""
    small = picture.convert("RGB")
    small.thumbnail((side, side))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=quality)
    return opened(file.getvalue())


def erased() -> Image.Image:
    """The photo with a hole in it."""
    alpha = Image.new("L", SIZE, 255)
    ImageDraw.Draw(alpha).ellipse(AREA, 0)
    picture = photo().convert("RGBA")
    picture.putalpha(alpha)
    return picture


def fit_of(mask: Image.Image) -> tuple[float, float]:
    """How much of the painted area the mask covers, and how much of the mask lies in that area."""
    expected = Image.new("L", mask.size, 0)
    scale = mask.width / SIZE[0]
    ImageDraw.Draw(expected).ellipse([side * scale for side in AREA], 255)
    both, wanted, found = (
        each.histogram()[255] for each in (ImageChops.darker(mask, expected), expected, mask)
    )
    return both / wanted, both / found


GIVEN: dict[str, Callable[[], tuple[Image.Image, Image.Image]]] = {
    "erased": lambda: (erased(), photo()),
    "white on black": lambda: (sent(drawn("black", "white")), sent(photo())),
    "white on black, small": lambda: (sent(drawn("black", "white"), side=400), photo()),
    "red paint": lambda: (sent(painted(photo(), "red")), photo()),
    "red paint, twice sent": lambda: (sent(sent(painted(photo(), "red")), 60), sent(photo(), 85)),
    "smaller copy": lambda: (sent(painted(photo(), "red"), side=800), photo()),
    "white paint": lambda: (sent(painted(photo(), "white")), photo()),
    "highlighter": lambda: (sent(painted(photo(), "lime", 0.6)), photo()),
    "red on line art": lambda: (sent(painted(line_art(), "red")), line_art()),
    "mask for a dark picture": lambda: (
        sent(drawn("black", "white")),
        sent(photo().point(lambda value: value // 4)),
    ),
}


@pytest.mark.parametrize("make", GIVEN.values(), ids=GIVEN)
def test_the_painted_area_is_read(make: Callable[[], tuple[Image.Image, Image.Image]]) -> None:
    given, original = make()
    mask = read_mask(given, original)
    assert mask.mode == "L" and mask.size == original.size
    assert set(mask.tobytes()) == {0, 255}
    covered, inside = fit_of(mask)
    assert covered > 0.99 and inside > 0.85  # a little more than painted, never less


def test_several_strokes_are_all_read() -> None:
    picture = photo()
    over = picture.copy()
    draw = ImageDraw.Draw(over)
    for x in (150, 600, 1100):
        draw.line([(x, 100), (x + 60, 700)], "magenta", 24)
    mask = read_mask(sent(over, 70), sent(picture))
    for x in (180, 630, 1130):
        assert mask.getpixel((x, 400)) == 255
    assert mask.getpixel((400, 400)) == mask.getpixel((900, 400)) == 0


def test_a_picture_brings_its_own_mask() -> None:
    assert min(fit_of(own_mask(erased()))) > 0.99


@pytest.mark.parametrize(
    ("given", "original", "trouble"),
    [
        (lambda: Image.new("RGB", SIZE, "black"), photo, PictureTrouble.NOTHING_PAINTED),
        (lambda: sent(photo(), 40), photo, PictureTrouble.NOTHING_PAINTED),
        (lambda: sent(photo(), 60, 640), photo, PictureTrouble.NOTHING_PAINTED),
        (lambda: sent(sent(line_art(), 40), 40, 900), line_art, PictureTrouble.NOTHING_PAINTED),
        (lambda: photo().convert("RGBA"), photo, PictureTrouble.NOTHING_PAINTED),
        (lambda: photo((853, 1280)), photo, PictureTrouble.NOT_THE_SAME),
        (lambda: drawn("black", "white").resize((800, 800)), photo, PictureTrouble.NOT_THE_SAME),
        (lambda: ImageChops.invert(photo()), photo, PictureTrouble.NOT_THE_SAME),
    ],
    ids=["black", "noise", "smaller", "line art", "opaque", "turned", "square", "another"],
)
def test_what_is_no_mask_is_refused(
    given: Callable[[], Image.Image], original: Callable[[], Image.Image], trouble: PictureTrouble
) -> None:
    with pytest.raises(PictureRefused) as caught:
        read_mask(given(), original())
    assert caught.value.trouble is trouble and caught.value.is_mask


def test_a_picture_without_transparency_has_no_mask_of_its_own() -> None:
    with pytest.raises(PictureRefused) as caught:
        own_mask(photo())
    assert caught.value.trouble is PictureTrouble.NO_MASK
