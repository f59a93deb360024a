"""What a checkpoint can do, as data: one entry per family of models, found by class or by hub id."""

from dataclasses import dataclass
from typing import Literal

from providers.catalog import Offer, Range, Sizes
from providers.local.demo import world
from providers.local.images import MULTIPLE
from providers.local.schedulers import CLASSES
from providers.sizes import Size
from providers.types import Mode


def _sides(low: int, high: int) -> tuple[int, ...]:
    return tuple(range(low, high + 1, MULTIPLE))


SMALL = Sizes(_sides(256, 1024), default=(512, 512), max_pixels=1024 * 1024)
LARGE = Sizes(_sides(512, 2048), default=(1024, 1024), max_pixels=1536 * 1024)
DEMO = Sizes(_sides(512, 1536), default=(512, 512), max_pixels=1536 * 768)

STEPS = Range(1, 100, 30)
GUIDANCE = Range(1, 20, 5)

PICTURE_MODES = frozenset({Mode.IMAGE_TO_IMAGE, Mode.INPAINTING})
WORDS_ONLY = frozenset({Mode.TEXT_TO_IMAGE})
WITH_PICTURES = frozenset({Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE})
WITH_MASKS = WITH_PICTURES | {Mode.INPAINTING}
KANDINSKY22 = WITH_MASKS | {Mode.BLENDING}


def _strength(default: float) -> Range:
    return Range(0.05, 1, default)


STRENGTH = _strength(0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models that are asked in the same way.

    pipeline: the start of the class name in `model_index.json`.
    hints: parts of a hub id that give the family away before anything is downloaded.
    modes: what its pipelines can draw; depth-guided comes on top, with a network of its own.
    strength: of image-to-image, with upstream's default.
    languages: those its text encoder was trained on.
    half: the 16-bit dtype it was trained for.
    canvases: the only (width, height) it draws well; a part of one is enlarged to the asked size.
        Empty where it draws any.
    threads: how many torch uses on a CPU, None for its own choice. Small networks lose by more:
        their threads wait for each other most of the time.
    styles: those it draws by name; others are put into words.
    schedulers: the samplers it may be told to draw with, beside its own.
    """

    model: str
    pipeline: str = ""
    hints: tuple[str, ...] = ()
    sizes: Sizes = SMALL
    steps: Range = STEPS
    prior_steps: Range | None = None
    prior_guidance: float = 4.0
    guidance: Range | None = GUIDANCE
    negative_prompt: bool = True
    max_prompt_chars: int = 1000
    modes: frozenset[Mode] = WORDS_ONLY
    strength: Range = STRENGTH
    languages: frozenset[str] = frozenset({"en"})
    half: Literal["float16", "bfloat16"] = "float16"
    canvases: tuple[Size, ...] = ()
    threads: int | None = None
    styles: frozenset[str] = frozenset()
    schedulers: tuple[str, ...] = ()


DEMO_FAMILY = Family(
    model="demo",
    sizes=DEMO,
    steps=Range(1, 100, 14),
    prior_steps=Range(2, 100, 5),
    prior_guidance=1.0,  # it learned exact embeddings, which guidance would only overshoot
    guidance=Range(1, 20, 3),
    modes=KANDINSKY22,
    strength=_strength(0.6),
    languages=frozenset({"en", "ru"}),
    canvases=world.SHAPES,
    threads=2,
    styles=frozenset(world.STYLES),
    schedulers=tuple(CLASSES),
)

FAMILIES = (
    Family(
        model="kandinsky-2.2",
        pipeline="KandinskyV22",
        modes=KANDINSKY22,
        hints=("kandinsky-2-2",),
        steps=Range(1, 100, 50),
        prior_steps=Range(2, 100, 25),  # a single prior step divides by zero in UnCLIPScheduler
        guidance=Range(1, 20, 4),
        schedulers=tuple(CLASSES),
    ),
    Family(
        model="kandinsky-3",
        pipeline="Kandinsky3",
        hints=("kandinsky-3",),
        modes=WITH_PICTURES,
        sizes=LARGE,
        steps=Range(1, 100, 25),
        guidance=Range(1, 20, 3),
    ),
    Family(
        model="kandinsky-2.1",
        pipeline="Kandinsky",
        hints=("kandinsky-2-1",),
        languages=frozenset({"en", "ru"}),
        steps=Range(1, 100, 50),
        prior_steps=Range(2, 100, 25),
        guidance=Range(1, 20, 4),
    ),
    Family(
        model="sdxl",
        pipeline="StableDiffusionXL",
        hints=("stable-diffusion-xl", "sdxl"),
        modes=WITH_MASKS,
        sizes=LARGE,
    ),
    Family(
        model="stable-diffusion-3",
        pipeline="StableDiffusion3",
        hints=("stable-diffusion-3",),
        modes=WITH_MASKS,
        strength=_strength(0.6),
        sizes=LARGE,
        steps=Range(1, 100, 28),
        guidance=Range(1, 20, 7),
    ),
    Family(
        model="stable-diffusion",
        pipeline="StableDiffusion",
        hints=("stable-diffusion",),
        modes=WITH_MASKS,
        strength=_strength(0.8),
        guidance=Range(1, 20, 7.5),
    ),
    Family(
        model="flux-schnell",
        hints=("flux.1-schnell", "flux-schnell"),
        modes=WITH_MASKS,
        strength=_strength(0.6),
        half="bfloat16",
        sizes=LARGE,
        steps=Range(1, 100, 4),
        guidance=None,  # distilled: guidance does nothing
        negative_prompt=False,
    ),
    Family(
        model="flux-dev",
        pipeline="Flux",
        hints=("flux",),
        modes=WITH_MASKS,
        strength=_strength(0.6),
        half="bfloat16",
        sizes=LARGE,
        steps=Range(1, 100, 28),
        guidance=Range(1, 20, 3.5),
        negative_prompt=False,
    ),
)
"""In the order they are tried: the narrower name before the wider one."""


def family_by_pipeline(class_name: str) -> Family | None:
    return next((f for f in FAMILIES if f.pipeline and class_name.startswith(f.pipeline)), None)


def family_by_name(name: str) -> Family | None:
    """The family that a hub id or a folder's name points to."""
    lowered = name.lower()
    return next((f for f in FAMILIES if any(hint in lowered for hint in f.hints)), None)


def unknown_family(name: str) -> Family:
    """For any other checkpoint: careful settings under the checkpoint's own name."""
    return Family(model=name.rstrip("/").rpartition("/")[2].lower())


def _prior_guidance(family: Family) -> Range | None:
    return Range(1, 20, family.prior_guidance) if family.prior_steps else None


def offer_of(family: Family, remote_name: str, *, modes: frozenset[Mode] | None = None) -> Offer:
    """modes: what this checkpoint can do where it isn't what its family can."""
    modes = family.modes if modes is None else modes
    return Offer(
        provider="local",
        model=family.model,
        remote_name=remote_name,
        modes=modes,
        strength=family.strength if modes & PICTURE_MODES else None,
        sizes=family.sizes,
        max_images=4,
        steps=family.steps,
        prior_steps=family.prior_steps,
        guidance=family.guidance,
        prior_guidance=_prior_guidance(family),
        seed=True,
        negative_prompt=family.negative_prompt,
        max_prompt_chars=family.max_prompt_chars,
        native_styles=family.styles,
        schedulers=family.schedulers,
    )
