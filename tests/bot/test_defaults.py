"""The words come first, then the chat's choices, then the person's; none of them makes a wish fail."""

from bot.parsing import ImagineCommand
from bot.usecases.defaults import Defaults, with_defaults
from providers.types import Mode, Wish

CHAT = Defaults(style="anime", ratio=(16, 9), model="one")
PERSON = Defaults(style="neon", ratio=(1, 2), model="two")


def completed(
    *defaults: Defaults, mode: Mode = Mode.TEXT_TO_IMAGE, **command: object
) -> ImagineCommand:
    beside = {name: command.pop(name) for name in ("model", "provider") if name in command}
    asked = ImagineCommand(Wish(prompt="a fox", **command), **beside)
    return with_defaults(
        asked, *defaults, mode=mode, models=("one", "two"), styles=("anime", "neon", "default")
    )


def test_nothing_chosen_changes_nothing() -> None:
    assert completed() == completed(Defaults()) == ImagineCommand(Wish(prompt="a fox"))


def test_the_first_that_says_so_counts() -> None:
    both = completed(CHAT, PERSON)
    assert (both.wish.style, both.wish.aspect_ratio, both.model) == ("anime", (16, 9), "one")
    mixed = completed(Defaults(style="neon"), CHAT)
    assert (mixed.wish.style, mixed.wish.aspect_ratio, mixed.model) == ("neon", (16, 9), "one")


def test_the_words_come_before_all() -> None:
    said = completed(CHAT, style="default", aspect_ratio=(2, 3), model="two")
    assert (said.wish.style, said.wish.aspect_ratio, said.model) == ("default", (2, 3), "two")
    assert completed(CHAT, size=(512, 512)).wish.aspect_ratio is None


def test_via_chooses_among_its_own_models() -> None:
    assert completed(CHAT, provider="local").model is None


def test_what_is_no_more_is_passed_over() -> None:
    gone = Defaults(style="gone", model="gone")
    assert completed(gone).model is None and completed(gone).wish.style is None
    assert completed(gone, PERSON).model == "two" and completed(gone, PERSON).wish.style == "neon"


def test_a_given_picture_keeps_its_shape() -> None:
    from_picture = completed(CHAT, mode=Mode.IMAGE_TO_IMAGE)
    assert from_picture.wish.aspect_ratio is None and from_picture.wish.style == "anime"
