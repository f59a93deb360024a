"""The words shared by every image service: what is asked for, and what comes back.

Field names follow diffusers where it has them. Sizes are pixels, times are seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

OutputFormat = Literal["png", "jpeg", "webp"]


class Mode(StrEnum):
    TEXT_TO_IMAGE = "text-to-image"
    IMAGE_TO_IMAGE = "image-to-image"
    INPAINTING = "inpainting"
    BLENDING = "blending"
    DEPTH_GUIDED = "depth-guided"


class InitImage(BaseModel):
    """A picture given with the prompt; `weight` is its share when several are blended."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    data: bytes
    weight: float = 1.0


class Wish(BaseModel):
    """What a person asked for, before any offer was chosen. None means "no preference"."""

    model_config = ConfigDict(frozen=True)

    prompt: str
    negative_prompt: str = ""
    aspect_ratio: tuple[int, int] | None = None
    size: tuple[int, int] | None = None
    style: str | None = None
    seed: int | None = None
    num_images: int = 1
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    prior_num_inference_steps: int | None = None
    prior_guidance_scale: float | None = None
    scheduler: str | None = None
    strength: float | None = None


class GenerationRequest(BaseModel):
    """One order in an offer's own terms: `catalog.fit()` made it, so an adapter need not check it.

    None leaves a parameter to the service's default.
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    mode: Mode = Mode.TEXT_TO_IMAGE
    prompt: str
    negative_prompt: str = ""
    width: int
    height: int
    num_images: int = 1
    seed: int | None = None
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    prior_num_inference_steps: int | None = None
    prior_guidance_scale: float | None = None
    scheduler: str | None = None
    style: str | None = None
    init_images: tuple[InitImage, ...] = ()
    mask_image: bytes | None = None
    control_image: bytes | None = None
    strength: float | None = None
    output_format: OutputFormat = "png"


class VerdictStatus(StrEnum):
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Moderation's answer. `unchecked` is a verdict of its own and never stands for `allowed`.

    sensitive: of a blocked picture, by our own check: nudity and the like, and nothing worse.
    """

    status: VerdictStatus
    stage: Literal["prompt", "image"] | None = None
    source: str | None = None
    categories: tuple[str, ...] = ()
    sensitive: bool = False


UNCHECKED = Verdict(VerdictStatus.UNCHECKED)


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """One picture, already sniffed: media_type and size are the bytes' own, not a header's word."""

    data: bytes
    media_type: str
    width: int
    height: int
    seed: int | None = None
    verdict: Verdict = UNCHECKED


class NoteKind(StrEnum):
    """What the user should know about how a request was taken; words are in `bot/texts`."""

    PROMPT_CUT = "prompt_cut"  # longer than the model reads; `text` is the part it never saw
    PROMPT_LANGUAGE = "prompt_language"  # written in letters the model wasn't trained on
    DEMO_MODEL = "demo_model"  # `text`: the words that lie outside the demo model's small world
    STYLE_NEAREST = "style_nearest"  # it has no such style; `text`: the one it drew in
    PICTURE_RESIZED = "picture_resized"  # a given picture was too large or of another shape


@dataclass(frozen=True, slots=True)
class Note:
    kind: NoteKind
    text: str = ""


@dataclass(frozen=True, slots=True)
class GenerationResult:
    images: tuple[GeneratedImage, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A service's receipt for one submission.

    remote_id: the service's own id; enough to go on after a restart.
    result: the finished pictures, where the service answered at once.
    first_poll: seconds the service advises to wait before asking.
    """

    remote_id: str
    result: GenerationResult | None = field(default=None, repr=False)
    first_poll: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a submission is: `fraction` from 0.0 to 1.0, below 1.0 until the picture is there.

    preview: the picture so far, as a small JPEG, where the service shows it and it is new.
    """

    fraction: float
    preview: bytes | None = field(default=None, repr=False)


ProgressCallback = Callable[[Progress], None]
"""Called from the event loop; must return at once."""
