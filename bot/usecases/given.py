"""What is to be done with the pictures that came with a command. Pure.

| pictures | options | mode |
|---|---|---|
| none | | text-to-image |
| one | | image-to-image |
| one | `--blend` | blending |
| several | | blending |
| a picture and its mask | `--mask` | inpainting |
| one | `--depth` | depth-guided |
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.parsing import ImagineCommand
from bot.usecases.errors import PicturesTrouble, WrongPictures
from bot.usecases.spec import JobInputs
from providers.types import Mode

MAX_PICTURES = 4

Picture = TypeVar("Picture")


@dataclass(frozen=True, slots=True)
class Given(Generic[Picture]):
    """Pictures as they came: in the message replied to, and with the command itself.

    lone_of_album: it was one of several, but the others never reached the bot.
    """

    replied: tuple[Picture, ...] = ()
    attached: tuple[Picture, ...] = ()
    lone_of_album: bool = False

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """What was there first comes first."""
        return self.replied + self.attached


@dataclass(frozen=True, slots=True)
class Plan(Generic[Picture]):
    """Each picture's part. weights: one for each of `init`; what is missing to 1 is the words'.

    mask: may be the very picture in `init`, where that carries its own transparency.
    """

    mode: Mode
    init: tuple[Picture, ...] = ()
    weights: tuple[float, ...] = ()
    mask: Picture | None = None
    control: Picture | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An earlier job's pictures, stored already, each in the same part as there."""

    mode: Mode
    inputs: JobInputs


def plan_for(given: Given[Picture], command: ImagineCommand) -> Plan[Picture]:
    """Raises WrongPictures."""
    pictures = given.pictures
    option = option_of(command)
    if not pictures:
        if option is not None:
            raise WrongPictures(PicturesTrouble.NONE_GIVEN, option)
        return Plan(Mode.TEXT_TO_IMAGE)
    match option:
        case "mask":
            return _inpainting(pictures)
        case "depth":
            return _depth_guided(pictures)
        case None if len(pictures) == 1:
            return Plan(Mode.IMAGE_TO_IMAGE, pictures, (1.0,))
        case _:
            return _blending(pictures, command.blend)


def option_of(command: ImagineCommand) -> str | None:
    """The one option that says what to do with pictures."""
    given = {"mask": command.mask, "depth": command.depth, "blend": command.blend is not None}
    found = [name for name, is_given in given.items() if is_given]
    if len(found) > 1:
        raise WrongPictures(PicturesTrouble.CONFLICT, *found[:2])
    return found[0] if found else None


def _inpainting(pictures: tuple[Picture, ...]) -> Plan[Picture]:
    if len(pictures) > 2:  # noqa: PLR2004 - the picture and its mask
        raise WrongPictures(PicturesTrouble.TOO_MANY, "mask")
    return Plan(Mode.INPAINTING, pictures[:1], (1.0,), mask=pictures[-1])


def _depth_guided(pictures: tuple[Picture, ...]) -> Plan[Picture]:
    if len(pictures) > 1:
        raise WrongPictures(PicturesTrouble.ONE_EXPECTED, "depth")
    return Plan(Mode.DEPTH_GUIDED, control=pictures[0])


def _blending(pictures: tuple[Picture, ...], share: float | None) -> Plan[Picture]:
    """`share` is what the pictures count together; unsaid, each counts as much as the words."""
    count = len(pictures)
    if count > MAX_PICTURES:
        raise WrongPictures(PicturesTrouble.TOO_MANY)
    weight = 1 / (count + 1) if share is None else share / count
    return Plan(Mode.BLENDING, pictures, (round(weight, 4),) * count)
