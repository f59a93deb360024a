import itertools
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from providers.local.images import Canvas, canvas_among, canvas_for, encode

sides = st.integers(1, 4096)
SIZES = [(512, 512), (1024, 576), (500, 333), (1536, 512)]
FEW = ((128, 128), (192, 128), (128, 192), (256, 128), (128, 256))


@settings(deadline=None)  # a loaded machine is no fault of the canvas
@given(width=sides, height=sides)
def test_a_canvas_is_large_enough_and_not_a_step_larger(width: int, height: int) -> None:
    for drawn, asked in zip(canvas_for((width, height)).size, (width, height), strict=True):
        assert drawn % 64 == 0
        assert 0 <= drawn - asked < 64


@pytest.mark.parametrize("size", SIZES)
def test_a_finished_picture_has_exactly_the_asked_size(size: tuple[int, int]) -> None:
    for canvas in (canvas_for(size), canvas_among(FEW, size), canvas_among(FEW, size).squared()):
        assert canvas.finish(Image.new("RGB", canvas.size)).size == size


def test_rounding_is_cut_off_evenly_and_nothing_is_stretched() -> None:
    drawn = Image.new("RGB", (128, 64), "red")
    drawn.paste("blue", (32, 0, 96, 64))
    finished = Canvas((128, 64), (64, 64)).finish(drawn)
    assert finished.getcolors() == [(64 * 64, (0, 0, 255))]


@pytest.mark.parametrize(
    ("asked", "drawn", "scale"),
    [
        ((512, 512), (128, 128), 4),
        ((768, 512), (192, 128), 4),
        ((1024, 576), (256, 128), 4.5),
        ((576, 1024), (128, 256), 4.5),
        ((1344, 576), (256, 128), 5.25),
        ((1536, 512), (256, 128), 6),
        ((64, 64), (128, 128), 0.5),
    ],
)
def test_a_small_model_draws_a_size_it_knows_and_most_of_it_is_shown(asked, drawn, scale) -> None:
    canvas = canvas_among(FEW, asked)
    assert (canvas.size, canvas.scale) == (drawn, scale)
    left, top, right, bottom = canvas.box
    assert 0 <= left < right <= drawn[0] and 0 <= top < bottom <= drawn[1]


def test_pixel_art_is_enlarged_by_a_whole_number() -> None:
    drawn = Image.effect_noise((256, 128), 100).convert("RGB")
    finished = canvas_among(FEW, (1024, 576)).squared().finish(drawn)
    columns = [finished.crop((x, 0, x + 1, 576)).tobytes() for x in range(2, 1022)]
    runs = [len(list(same)) for _, same in itertools.groupby(columns)]
    assert set(runs[1:-1]) == {5}


@pytest.mark.parametrize("size", SIZES)
def test_a_placed_picture_comes_back_where_it_was(size: tuple[int, int]) -> None:
    picture = Image.radial_gradient("L").resize(size).convert("RGB")
    for canvas in (canvas_for(size), canvas_among(FEW, size)):
        placed = canvas.place(picture)
        assert placed.size == canvas.size
        back = canvas.finish(placed)
        assert mean_difference(picture, back) < 3


def test_a_preview_has_the_shape_of_the_picture() -> None:
    canvas = canvas_for((1024, 500))
    frame = canvas.preview(Image.new("RGB", (128, 64)))
    assert frame.width == 320
    assert frame.height == 156


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_bytes_are_what_they_say(output_format) -> None:
    encoded = encode(Image.new("RGB", (64, 32)), output_format, seed=7)
    opened = Image.open(BytesIO(encoded.data))
    assert opened.format and encoded.media_type == f"image/{opened.format.lower()}"
    assert opened.size == (encoded.width, encoded.height) == (64, 32)
    assert encoded.seed == 7
