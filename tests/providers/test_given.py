"""Given pictures and masks, in the very size a request asks for."""

import io

import pytest
from PIL import Image

from providers.errors import InvalidRequest
from providers.given import GivenPictures
from providers.types import GenerationRequest, InitImage, Mode

RED, BLUE = (255, 0, 0), (0, 0, 255)


def file_of(picture: Image.Image, file_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format)
    return buffer.getvalue()


def halves(size: tuple[int, int], mode: str, left: object, right: object) -> Image.Image:
    picture = Image.new(mode, size, right)
    picture.paste(left, (0, 0, size[0] // 2, size[1]))
    return picture


def given(picture: bytes, mask: bytes | None = None, size: tuple[int, int] = (64, 64)):
    request = GenerationRequest(
        mode=Mode.INPAINTING,
        prompt="a fox",
        width=size[0],
        height=size[1],
        init_images=(InitImage(data=picture),),
        mask_image=mask,
    )
    return GivenPictures(request, "somebody")


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "PNG"
    return picture


PICTURE = file_of(halves((300, 200), "RGB", RED, BLUE))
MASK = file_of(halves((300, 200), "L", 255, 0))


@pytest.mark.parametrize("size", [(64, 64), (96, 48), (48, 96)])
def test_picture_and_masks_have_the_asked_size(size: tuple[int, int]) -> None:
    pictures = given(PICTURE, MASK, size)
    for made in (pictures.picture(), pictures.mask(), pictures.see_through_mask()):
        assert opened(made).size == size


def test_the_mask_lies_over_the_same_place_as_the_picture() -> None:
    pictures = given(PICTURE, MASK, (48, 96))
    picture, mask = opened(pictures.picture()), opened(pictures.mask())
    for x in (0, 10, 22, 25, 40, 47):
        is_red = picture.getpixel((x, 50))[0] > 127
        assert (mask.getpixel((x, 50)) == 255) is is_red


def test_white_is_repainted_which_is_transparent_in_the_other_kind() -> None:
    pictures = given(PICTURE, MASK)
    mask, alpha = opened(pictures.mask()), opened(pictures.see_through_mask()).getchannel("A")
    assert (mask.getpixel((5, 5)), alpha.getpixel((5, 5))) == (255, 0)
    assert (mask.getpixel((60, 5)), alpha.getpixel((60, 5))) == (0, 255)


def test_a_soft_mask_becomes_black_and_white() -> None:
    grey = file_of(halves((64, 64), "L", 128, 127))
    mask = opened(given(PICTURE, grey).mask())
    assert mask.mode == "L"
    assert (mask.getpixel((5, 5)), mask.getpixel((60, 5))) == (255, 0)


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "CMYK"])
def test_any_colours_become_rgb(mode: str) -> None:
    file_format = "JPEG" if mode == "CMYK" else "PNG"
    made = given(file_of(Image.new(mode, (64, 64)), file_format)).picture()
    assert opened(made).mode == "RGB"


@pytest.mark.parametrize("data", [b"", b"no picture", PICTURE[:-40]])
def test_what_is_no_picture_is_an_invalid_request(data: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        given(data).picture()
    assert (refused.value.provider, refused.value.fields) == ("somebody", ("init_images",))
    with pytest.raises(InvalidRequest) as refused:
        given(PICTURE, data).mask()
    assert refused.value.fields == ("mask_image",)
