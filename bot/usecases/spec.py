"""What the bot keeps of a job, as the JSON in `jobs.spec`: everything to run it and to show it."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from providers.catalog import Adjustment, AdjustmentKind, Fit
from providers.types import GenerationRequest, Wish


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
    def size(self) -> tuple[int, int] | None:
        """Of the one picture that the result should be like, in pixels; None in a blend."""
        if self.control is not None:
            return self.control.width, self.control.height
        return (self.init[0].width, self.init[0].height) if len(self.init) == 1 else None


class JobSpec(BaseModel):
    """`wish` is what the user typed, `request` what the offer is asked for.

    crop: (width, height) the finished picture is cut to, where the offer has no such size.
    images_per_call: how many pictures the offer makes in one submission.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)  # prompts stay out of logs

    wish: Wish
    request: GenerationRequest
    images_per_call: int
    crop: tuple[int, int] | None = None
    adjustments: tuple[AdjustmentNote, ...] = ()
    inputs: JobInputs = JobInputs()

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Self:
        return cls.model_validate(stored)

    def dump(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def size(self) -> tuple[int, int]:
        """Of the picture as delivered, in pixels."""
        return self.crop or (self.request.width, self.request.height)

    def parts(self) -> list[GenerationRequest]:
        """The submissions this job needs: each as many pictures as the offer makes at once."""
        total, step = self.request.num_images, self.images_per_call
        return [
            self.request.model_copy(
                update={
                    "num_images": min(step, total - start),
                    "seed": None if self.request.seed is None else self.request.seed + start,
                }
            )
            for start in range(0, total, step)
        ]


def notes_of(fit: Fit) -> tuple[AdjustmentNote, ...]:
    return tuple(_note(adjustment) for adjustment in fit.adjustments)


def _note(adjustment: Adjustment) -> AdjustmentNote:
    return AdjustmentNote(kind=adjustment.kind, asked=adjustment.asked, given=adjustment.given)
