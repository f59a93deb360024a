"""Which of a message's files count as pictures, and in which size."""

from typing import Any

import pytest
from aiogram.types import Animation, Chat, Document, Message, PhotoSize, Video

from bot.pictures.in_messages import given_with
from bot.usecases.errors import PictureRefused, PictureTrouble
from tests.fakes.clock import START


def message(number: int = 1, **more: Any) -> Message:
    return Message(message_id=number, date=START, chat=Chat(id=1, type="private"), **more)


def sizes(*sides: tuple[int, int]) -> list[PhotoSize]:
    return [
        PhotoSize(file_id=f"{w}x{h}", file_unique_id="u", width=w, height=h, file_size=w * h)
        for w, h in sides
    ]


def document(media_type: str | None) -> Document:
    return Document(file_id="doc", file_unique_id="u", mime_type=media_type)


def ids(brought: Any) -> tuple[list[str], list[str]]:
    found = [[each._file_id for each in part] for part in (brought.replied, brought.attached)]
    return found[0], found[1]


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        ([(90, 60), (320, 213), (800, 533), (1280, 853)], "1280x853"),
        ([(1280, 853), (90, 60)], "1280x853"),
        ([(1280, 853), (2048, 1365), (2560, 1707)], "2048x1365"),
        ([(2560, 1707), (3000, 2000)], "2560x1707"),
    ],
)
def test_the_largest_photo_that_is_not_larger_than_needed(
    there: list[tuple[int, int]], chosen: str
) -> None:
    brought = given_with(message(photo=sizes(*there), caption="x"), [], None)  # type: ignore[arg-type] - nothing is read
    assert ids(brought) == ([], [chosen])


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp", "IMAGE/PNG"])
def test_files_of_the_known_kinds_are_pictures(media_type: str) -> None:
    brought = given_with(message(document=document(media_type), caption="x"), [], None)  # type: ignore[arg-type] - nothing is read
    assert ids(brought) == ([], ["doc"])


@pytest.mark.parametrize(
    "more",
    [
        {"document": document("image/heic")},
        {"document": document("image/gif")},
        {"document": document("application/pdf")},
        {"document": document(None)},
        {"video": Video(file_id="v", file_unique_id="u", width=1, height=1, duration=1)},
        {
            "animation": Animation(file_id="a", file_unique_id="u", width=1, height=1, duration=1),
            "document": document("video/mp4"),
        },
    ],
)
def test_a_command_under_something_else_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(PictureRefused) as caught:
        given_with(message(caption="/imagine a fox", **more), [], None)  # type: ignore[arg-type] - nothing is read
    assert caught.value.trouble is PictureTrouble.NOT_A_PICTURE


@pytest.mark.parametrize("more", [{"text": "hello"}, {"document": document("application/pdf")}])
def test_a_reply_to_something_without_a_picture_brings_none(more: dict[str, Any]) -> None:
    asked = message(2, text="/imagine a fox", reply_to_message=message(1, **more))
    assert ids(given_with(asked, [], None)) == ([], [])  # type: ignore[arg-type] - nothing is read


def test_an_album_in_reply_to_a_photo_brings_them_all() -> None:
    before = message(1, photo=sizes((90, 60)))
    album = [
        message(number, photo=sizes((90 + number, 60)), media_group_id="a") for number in (2, 3)
    ]
    asked = message(2, caption="x", media_group_id="a", reply_to_message=before, photo=sizes((92, 60)))  # fmt: skip
    brought = given_with(asked, album, None)  # type: ignore[arg-type] - nothing is read
    assert ids(brought) == (["90x60"], ["92x60", "93x60"])
    assert not brought.lone_of_album


def test_one_picture_of_an_album_is_known_to_be_one_of_several() -> None:
    asked = message(2, caption="x", media_group_id="a", photo=sizes((90, 60)))
    assert given_with(asked, [asked], None).lone_of_album  # type: ignore[arg-type] - nothing is read
