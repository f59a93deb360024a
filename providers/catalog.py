"""What each model can do at each provider, as data, and `fit()`, which turns a wish into a request."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from providers.sizes import Size, SizePlan, nearest_shape, plan_for_ratio, plan_for_size
from providers.styles import find_style, style_key
from providers.types import GenerationRequest, Mode, Wish


@dataclass(frozen=True, slots=True)
class Range:
    """An inclusive range with the service's default inside it."""

    low: float
    high: float
    default: float


@dataclass(frozen=True)
class Sizes:
    """Which picture sizes an offer takes: each side one of `sides`, in pixels.

    max_pixels: bounds width x height where a service or the memory does.
    pairs: of a service that takes these (width, height) and no others; `sides` is empty then.
    """

    sides: tuple[int, ...]
    default: Size
    max_pixels: int | None = None
    pairs: tuple[Size, ...] = ()

    @cached_property
    def possible(self) -> frozenset[Size]:
        """Every size there is; the default is always one of them."""
        if self.pairs:
            return frozenset(self.pairs) | {self.default}
        limit = self.max_pixels or max(self.sides) ** 2
        return frozenset(
            (width, height)
            for width in self.sides
            for height in self.sides
            if width * height <= limit
        ) | {self.default}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A model at a provider. None for a range, False for a flag: it can't be set there.

    native_styles: the service's own styles in its own spelling; a request carries that spelling.
    schedulers: the samplers it can be told to draw with, likewise.
    max_prompt_chars: for the prompt with a style's words, and for the negative prompt.
    """

    provider: str
    model: str
    remote_name: str
    modes: frozenset[Mode]
    sizes: Sizes
    max_images: int = 1
    steps: Range | None = None
    prior_steps: Range | None = None
    guidance: Range | None = None
    prior_guidance: Range | None = None
    strength: Range | None = None
    seed: bool = False
    max_seed: int = 2**32 - 1
    negative_prompt: bool = False
    max_prompt_chars: int = 1000
    native_styles: frozenset[str] = frozenset()
    schedulers: tuple[str, ...] = ()
    cost: int = 1


class AdjustmentKind(StrEnum):
    """What `fit()` changed or left out; each kind has its words in `bot/texts`."""

    SIZE = "size"  # asked "16:9" or "1920x1080", given "1024x576"; `Fit.crop` tells if by a crop
    STEPS = "steps"
    GUIDANCE = "guidance"
    PRIOR_STEPS = "prior_steps"
    PRIOR_GUIDANCE = "prior_guidance"
    SCHEDULER = "scheduler"  # left out: the offer has none of that name
    SEED = "seed"  # left out, or reduced to what the offer takes
    NEGATIVE_PROMPT = "negative_prompt"  # left out, or shortened
    STRENGTH = "strength"
    STYLE = "style"  # added to the prompt in words, as the offer has no styles of its own


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One thing that is not as asked; `given` is empty where it was left out."""

    kind: AdjustmentKind
    asked: str
    given: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A request the offer takes as it is.

    crop: the (width, height) to cut the finished picture to, where the offer has no such size.
    """

    request: GenerationRequest
    adjustments: tuple[Adjustment, ...] = ()
    crop: tuple[int, int] | None = None


class MisfitReason(StrEnum):
    MODE = "mode"
    PROMPT_TOO_LONG = "prompt_too_long"
    STYLE_UNKNOWN = "style_unknown"


class Misfit(Exception):
    """The offer can't do this wish at all. `asked` and `limit` are for the words to the user."""

    def __init__(self, reason: MisfitReason, asked: str = "", limit: str = "") -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.asked = asked
        self.limit = limit


def fit(
    wish: Wish,
    offer: Offer,
    mode: Mode = Mode.TEXT_TO_IMAGE,
    *,
    picture_size: Size | None = None,
) -> Fit:
    """Turn a wish into a request this offer takes, and say what had to change.

    What wasn't asked for gets the offer's own default. `num_images` stays as asked even above
    the offer's `max_images`: such a job becomes several submissions.
    picture_size: of the picture the result should be like; where no shape was asked for, the
    possible size nearest to its shape is made, and nothing cut off (see `_size`).
    Raises Misfit where no change would still be what was asked.
    """
    if mode not in offer.modes:
        raise Misfit(MisfitReason.MODE, mode.value)
    notes: list[Adjustment] = []
    plan = _size(wish, offer.sizes, picture_size, notes)
    prompt, style = _prompt_and_style(wish, offer, notes)
    steps = _whole(_within(wish.num_inference_steps, offer.steps, AdjustmentKind.STEPS, notes))
    request = GenerationRequest(
        mode=mode,
        prompt=prompt,
        negative_prompt=_negative_prompt(wish.negative_prompt, offer, notes),
        width=plan.make[0],
        height=plan.make[1],
        num_images=wish.num_images,
        seed=_seed(wish.seed, offer, notes),
        num_inference_steps=steps,
        guidance_scale=_within(wish.guidance_scale, offer.guidance, AdjustmentKind.GUIDANCE, notes),
        prior_num_inference_steps=_whole(
            _within(
                wish.prior_num_inference_steps, offer.prior_steps, AdjustmentKind.PRIOR_STEPS, notes
            )
        ),
        prior_guidance_scale=_within(
            wish.prior_guidance_scale, offer.prior_guidance, AdjustmentKind.PRIOR_GUIDANCE, notes
        ),
        scheduler=_scheduler(wish.scheduler, offer, notes),
        style=style,
        strength=_strength(wish.strength, offer.strength, mode, steps, notes),
    )
    return Fit(request, tuple(notes), plan.crop)


_WITH_STRENGTH = frozenset({Mode.IMAGE_TO_IMAGE, Mode.INPAINTING})


def _size(wish: Wish, sizes: Sizes, picture_size: Size | None, notes: list[Adjustment]) -> SizePlan:
    usual_area = sizes.default[0] * sizes.default[1]
    if wish.size:
        plan, asked = plan_for_size(sizes.possible, wish.size), "{}x{}".format(*wish.size)
    elif wish.aspect_ratio:
        plan = plan_for_ratio(sizes.possible, wish.aspect_ratio, usual_area)
        asked = "{}:{}".format(*wish.aspect_ratio)
    elif picture_size:
        # The middle of the given picture fills this size; a crop would cut from it once more.
        return SizePlan(nearest_shape(sizes.possible, picture_size, usual_area))
    else:
        return SizePlan(sizes.default)
    if plan.crop or (wish.size and plan.make != wish.size):
        notes.append(Adjustment(AdjustmentKind.SIZE, asked, "{}x{}".format(*plan.final)))
    return plan


def _prompt_and_style(wish: Wish, offer: Offer, notes: list[Adjustment]) -> tuple[str, str | None]:
    """The style by the service's own name, else in words after the prompt."""
    native = {style_key(name): name for name in offer.native_styles}.get(
        style_key(wish.style or "")
    )
    suffix = "" if native or not wish.style else _style_words(wish.style)
    room = offer.max_prompt_chars - (len(suffix) + len(", ") if suffix else 0)
    if len(wish.prompt) > room:
        raise Misfit(MisfitReason.PROMPT_TOO_LONG, str(len(wish.prompt)), str(max(0, room)))
    if not suffix:
        return wish.prompt, native
    notes.append(Adjustment(AdjustmentKind.STYLE, wish.style or "", suffix))
    return f"{wish.prompt}, {suffix}", None


def _style_words(name: str) -> str:
    style = find_style(name)
    if style is None:
        raise Misfit(MisfitReason.STYLE_UNKNOWN, name)
    return style.suffix


def _negative_prompt(asked: str, offer: Offer, notes: list[Adjustment]) -> str:
    given = asked[: offer.max_prompt_chars].rstrip() if offer.negative_prompt else ""
    if given != asked:
        notes.append(Adjustment(AdjustmentKind.NEGATIVE_PROMPT, asked, given))
    return given


def _seed(asked: int | None, offer: Offer, notes: list[Adjustment]) -> int | None:
    if asked is None:
        return None
    given = asked % (offer.max_seed + 1) if offer.seed else None
    if given != asked:
        words = "" if given is None else str(given)
        notes.append(Adjustment(AdjustmentKind.SEED, str(asked), words))
    return given


def _scheduler(asked: str | None, offer: Offer, notes: list[Adjustment]) -> str | None:
    if asked is None:
        return None
    given = {style_key(name): name for name in offer.schedulers}.get(style_key(asked))
    if given is None:
        notes.append(Adjustment(AdjustmentKind.SCHEDULER, asked, ""))
    return given


def _within(
    asked: float | None, limits: Range | None, kind: AdjustmentKind, notes: list[Adjustment]
) -> float | None:
    """The asked number inside the limits, their default where none was asked."""
    if limits is None:
        given = None
    else:
        given = limits.default if asked is None else min(max(asked, limits.low), limits.high)
    if asked is not None and given != asked:
        notes.append(Adjustment(kind, f"{asked:g}", "" if given is None else f"{given:g}"))
    return given


def _strength(
    asked: float | None,
    limits: Range | None,
    mode: Mode,
    steps: int | None,
    notes: list[Adjustment],
) -> float | None:
    """As `_within`, but what a mask shows is repainted from nothing where none was asked.

    Of the steps, strength says how many are run: it never falls so low that this is none.
    """
    if mode is Mode.INPAINTING and asked is None:
        return None
    if mode not in _WITH_STRENGTH:
        limits = None
    elif limits is not None:
        limits = replace(limits, low=max(limits.low, _one_step(steps)))
    return _within(asked, limits, AdjustmentKind.STRENGTH, notes)


def _one_step(steps: int | None) -> float:
    """The least strength that runs a step, as a number that reads well: 0.08 of 14."""
    return math.ceil(100 / steps) / 100 if steps else 0.0


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
