import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from providers.sniffing import ImageInfo, NotAPicture, read_image


def picture(file_format: str, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 90).convert(mode).save(buffer, file_format)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A small PNG that claims to be huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_bytes_say_what_it_is(kind: str, mode: str) -> None:
    if (kind, mode) == ("jpeg", "RGBA"):
        mode = "CMYK"
    assert read_image(picture(kind, mode=mode)) == ImageInfo(f"image/{kind}", 40, 30)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"<html>502</html>",
        b"{}",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\0\0\0\0WEBP",
        b"\xff\xd8",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_image(data)


@pytest.mark.parametrize("kind", ["gif", "bmp", "tiff", "pdf"])
def test_other_kinds_are_refused(kind: str) -> None:
    with pytest.raises(NotAPicture):
        read_image(picture(kind))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind: str, kept: float) -> None:
    whole = picture(kind, (200, 200))
    with pytest.raises(NotAPicture):
        read_image(whole[: int(len(whole) * kept)])


def test_a_png_without_its_end_is_refused() -> None:
    whole = picture("png")
    for cut in (12, 16, 20):
        with pytest.raises(NotAPicture):
            read_image(whole[:-cut])


@pytest.mark.parametrize(
    "size", [(5000, 5000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(NotAPicture) as error:
        read_image(bomb(*size))
    assert "secret" not in str(error.value)


def test_the_limit_is_the_callers() -> None:
    with pytest.raises(NotAPicture, match="40x30"):
        read_image(picture("png"), max_pixels=1000)


WHOLE = {kind: picture(kind) for kind in ("png", "jpeg", "webp")}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damaged_bytes_never_surprise(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        info = read_image(bytes(damaged))
    except NotAPicture:
        return
    assert info.width * info.height <= 4096 * 4096


@given(st.binary(max_size=200))
def test_random_bytes_never_surprise(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_image(data)
