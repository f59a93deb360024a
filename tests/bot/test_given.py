"""What is done with the pictures that came along: the grammar, and what holds for any of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parsing import ImagineCommand
from bot.usecases.errors import PicturesTrouble, WrongPictures
from bot.usecases.given import MAX_PICTURES, Given, Plan, plan_for
from providers.types import Mode, Wish


def command(
    *, blend: float | None = None, mask: bool = False, depth: bool = False
) -> ImagineCommand:
    return ImagineCommand(Wish(prompt="a fox"), blend=blend, mask=mask, depth=depth)


PLAIN = command()


@pytest.mark.parametrize(
    ("replied", "attached", "asked", "plan"),
    [
        ("", "", PLAIN, Plan(Mode.TEXT_TO_IMAGE)),
        ("", "a", PLAIN, Plan(Mode.IMAGE_TO_IMAGE, ("a",), (1.0,))),
        ("a", "", PLAIN, Plan(Mode.IMAGE_TO_IMAGE, ("a",), (1.0,))),
        ("a", "b", PLAIN, Plan(Mode.BLENDING, ("a", "b"), (0.3333, 0.3333))),
        ("", "ab", PLAIN, Plan(Mode.BLENDING, ("a", "b"), (0.3333, 0.3333))),
        ("a", "bcd", PLAIN, Plan(Mode.BLENDING, tuple("abcd"), (0.2,) * 4)),
        ("", "a", command(blend=0.7), Plan(Mode.BLENDING, ("a",), (0.7,))),
        ("", "ab", command(blend=1), Plan(Mode.BLENDING, ("a", "b"), (0.5, 0.5))),
        ("", "a", command(blend=0), Plan(Mode.BLENDING, ("a",), (0.0,))),
        ("a", "b", command(mask=True), Plan(Mode.INPAINTING, ("a",), (1.0,), mask="b")),
        ("", "ab", command(mask=True), Plan(Mode.INPAINTING, ("a",), (1.0,), mask="b")),
        ("", "a", command(mask=True), Plan(Mode.INPAINTING, ("a",), (1.0,), mask="a")),
        ("a", "", command(depth=True), Plan(Mode.DEPTH_GUIDED, control="a")),
    ],
)
def test_pictures_and_options_say_what_to_do(
    replied: str, attached: str, asked: ImagineCommand, plan: Plan[str]
) -> None:
    assert plan_for(Given(tuple(replied), tuple(attached)), asked) == plan


@pytest.mark.parametrize(
    ("pictures", "asked", "trouble", "option"),
    [
        ("", command(mask=True), PicturesTrouble.NONE_GIVEN, "mask"),
        ("", command(depth=True), PicturesTrouble.NONE_GIVEN, "depth"),
        ("", command(blend=0), PicturesTrouble.NONE_GIVEN, "blend"),
        ("abcde", PLAIN, PicturesTrouble.TOO_MANY, ""),
        ("abc", command(mask=True), PicturesTrouble.TOO_MANY, "mask"),
        ("ab", command(depth=True), PicturesTrouble.ONE_EXPECTED, "depth"),
        ("ab", command(depth=True, mask=True), PicturesTrouble.CONFLICT, "mask"),
        ("a", command(blend=1, depth=True), PicturesTrouble.CONFLICT, "depth"),
    ],
)
def test_what_does_not_go_together_is_refused(
    pictures: str, asked: ImagineCommand, trouble: PicturesTrouble, option: str
) -> None:
    with pytest.raises(WrongPictures) as caught:
        plan_for(Given(attached=tuple(pictures)), asked)
    assert (caught.value.trouble, caught.value.option) == (trouble, option)


pictures = st.integers(0, 3).map(lambda count: tuple(object() for _ in range(count)))
commands = st.builds(
    lambda blend, mask, depth: command(blend=blend, mask=mask, depth=depth),
    st.none() | st.floats(0, 1),
    st.booleans(),
    st.booleans(),
)


@given(st.builds(Given, pictures, pictures), commands)
def test_every_picture_has_a_part_or_the_whole_is_refused(
    given_: Given[object], asked: ImagineCommand
) -> None:
    try:
        plan = plan_for(given_, asked)
    except WrongPictures:
        assert asked != PLAIN or len(given_.pictures) > MAX_PICTURES
        return
    used = {id(each) for each in (*plan.init, plan.mask, plan.control) if each is not None}
    assert used == {id(each) for each in given_.pictures}
    assert len(plan.weights) == len(plan.init)
    assert (plan.mode is Mode.TEXT_TO_IMAGE) is not bool(given_.pictures)
    assert (plan.mask is not None) is asked.mask and (plan.control is not None) is asked.depth
    if plan.mode is Mode.BLENDING:
        assert 0 <= sum(plan.weights) <= 1 + 1e-3
        assert asked.blend is None or sum(plan.weights) == pytest.approx(asked.blend, abs=1e-3)


@given(pictures, commands)
def test_it_does_not_matter_how_the_pictures_came(
    sent: tuple[object, ...], asked: ImagineCommand
) -> None:
    """In the message replied to, with the command, or in both: their order is what counts."""

    def outcome(given_: Given[object]) -> object:
        try:
            return plan_for(given_, asked)
        except WrongPictures as error:
            return error.trouble, error.option

    ways = [Given(sent[:cut], sent[cut:]) for cut in range(len(sent) + 1)]
    assert len({repr(outcome(way)) for way in ways}) == 1
