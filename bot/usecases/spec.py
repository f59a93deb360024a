"""What the bot keeps of a job, as the JSON in `jobs.spec`: everything to run it and to show it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from providers.catalog import Adjustment, AdjustmentKind, Fit
from providers.types import GenerationRequest, Wish
from storage.records import NewJob


class AdjustmentNote(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: AdjustmentKind
    asked: str
    given: str


class InputPicture(BaseModel):
    """A stored picture: its blob's key, its share in a blend, its sides in pixels."""

    model_config = ConfigDict(frozen=True)

    key: str
    weight: float = 1.0
    width: int
    height: int


class JobInputs(BaseModel):
    """The given pictures; `mask` is a blob's key. Bytes are read when the job runs, and not kept.

    lone_of_album: of an album only one picture reached the bot, and the user should know.
    """

    model_config = ConfigDict(frozen=True)

    init: tuple[InputPicture, ...] = ()
    mask: str | None = None
    control: InputPicture | None = None
    lone_of_album: bool = False

    @property
    def blob_keys(self) -> tuple[str, ...]:
        """Of all of them."""
        pictures = [*self.init, *([self.control] if self.control else [])]
        return (*(picture.key for picture in pictures), *([self.mask] if self.mask else []))

    @property
    def size(self) -> tuple[int, int] | None:
        """Of the one picture that the result should be like, in pixels; None in a blend."""
        if self.control is not None:
            return self.control.width, self.control.height
        return (self.init[0].width, self.init[0].height) if len(self.init) == 1 else None


class Kin(StrEnum):
    """How a picture goes on from another one."""

    AGAIN = "again"
    VARIED = "varied"
    LARGER = "larger"
    RESHAPED = "reshaped"
    RESTYLED = "restyled"
    REWORDED = "reworded"
    REMIXED = "remixed"


class Lineage(BaseModel):
    """What a job's picture came from: shown under it.

    message_id: of the message in the same chat that shows the parent. picture: which of several,
    from 1. prompt: the parent's, where it isn't this one's.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)  # as below

    kin: Kin
    message_id: int
    picture: int | None = None
    prompt: str = ""


class Leg(BaseModel):
    """One way to do a job: an offer, and the wish fitted to it.

    crop: (width, height) the finished picture is cut to, where the offer has no such size.
    images_per_call: how many pictures the offer makes in one submission. cost: units for one.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)  # prompts stay out of logs

    provider: str
    model: str
    request: GenerationRequest
    images_per_call: int
    crop: tuple[int, int] | None = None
    adjustments: tuple[AdjustmentNote, ...] = ()
    cost: int = 1


class JobSpec(BaseModel):
    """`wish` is what the user typed, `request` what the first leg's offer is asked for.

    The first leg's provider and model are the job's own. others: the legs to go where the first
    can't be gone, in order; their costs may differ, and the job holds units for the dearest.
    cost: the first one's; None in jobs stored before there were others.
    model, provider: those the user named, if any.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)  # as above

    wish: Wish
    request: GenerationRequest
    images_per_call: int
    crop: tuple[int, int] | None = None
    adjustments: tuple[AdjustmentNote, ...] = ()
    inputs: JobInputs = JobInputs()
    cost: int | None = None
    others: tuple[Leg, ...] = ()
    model: str | None = None
    provider: str | None = None
    lineage: Lineage | None = None

    @classmethod
    def of(cls, wish: Wish, legs: Sequence[Leg], inputs: JobInputs, **more: Any) -> Self:
        """`more`: the other fields."""
        first, *others = legs
        return cls(
            wish=wish,
            request=first.request,
            images_per_call=first.images_per_call,
            crop=first.crop,
            adjustments=first.adjustments,
            inputs=inputs,
            cost=first.cost,
            others=tuple(others),
            **more,
        )

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Self:
        return cls.model_validate(stored)

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    def size_by(self, number: int) -> tuple[int, int]:
        """Of the picture as delivered, in pixels, where the leg of this number made it."""
        leg = self if number == 0 else self.others[number - 1]
        return leg.crop or (leg.request.width, leg.request.height)

    def legs(self, job: NewJob) -> tuple[Leg, ...]:
        """All of a job that has no outcome yet, the first one first."""
        first = Leg(
            provider=job.provider,
            model=job.model,
            request=self.request,
            images_per_call=self.images_per_call,
            crop=self.crop,
            adjustments=self.adjustments,
            cost=job.cost // self.request.num_images if self.cost is None else self.cost,
        )
        return first, *self.others

    def adjustments_by(self, numbers: Sequence[int]) -> tuple[AdjustmentNote, ...]:
        """What the legs of these numbers (the first is 0) had to adjust, each adjustment once."""
        by_leg = (self.adjustments, *(leg.adjustments for leg in self.others))
        return tuple(dict.fromkeys(note for number in numbers for note in by_leg[number]))


def notes_of(fit: Fit) -> tuple[AdjustmentNote, ...]:
    return tuple(_note(adjustment) for adjustment in fit.adjustments)


def _note(adjustment: Adjustment) -> AdjustmentNote:
    return AdjustmentNote(kind=adjustment.kind, asked=adjustment.asked, given=adjustment.given)
