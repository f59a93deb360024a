"""What the models behind an OpenAI-compatible endpoint offer, by the family a name tells.

After OpenAI's own document of its API. A name it doesn't know belongs to another server (LocalAI,
LiteLLM and the like): of that one nothing is taken for granted but square pictures, one at a time.
"""

import re
from dataclasses import dataclass

from providers.catalog import Offer, Sizes
from providers.sizes import Size
from providers.types import Mode

_SQUARES: tuple[Size, ...] = ((256, 256), (512, 512), (1024, 1024))
_LARGE: Size = (1024, 1024)

# Between its own least and what the document calls experimental. Multiples of 32 have every
# common ratio; all that it takes, multiples of 16, would be thousands of sizes to choose from.
_SIDES = range(480, 2561, 32)
_LEAST_PIXELS, _MOST_PIXELS, _LONGEST_RATIO = 655_360, 2560 * 1440, 3
_FREE: tuple[Size, ...] = tuple(
    (width, height)
    for width in _SIDES
    for height in _SIDES
    if _LEAST_PIXELS <= width * height <= _MOST_PIXELS
    and max(width, height) <= _LONGEST_RATIO * min(width, height)
)
_TEXT = frozenset({Mode.TEXT_TO_IMAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models that take the same parameters.

    sizes: the first is the default.
    response_format: it must be told to send pictures and not addresses.
    output_format: it can be told the file format, and always sends the picture itself.
    """

    sizes: tuple[Size, ...]
    modes: frozenset[Mode] = _TEXT
    max_images: int = 1
    max_prompt_chars: int = 4000
    response_format: bool = True
    output_format: bool = False


DALL_E_2 = Family(
    sizes=(_LARGE, *_SQUARES),
    modes=_TEXT | {Mode.INPAINTING},
    max_images=10,
    max_prompt_chars=1000,
)
DALL_E_3 = Family(sizes=(_LARGE, (1792, 1024), (1024, 1792)))
GPT_IMAGE = Family(
    sizes=(_LARGE, (1536, 1024), (1024, 1536)),
    modes=_TEXT | {Mode.IMAGE_TO_IMAGE, Mode.INPAINTING},
    max_images=10,
    max_prompt_chars=32_000,
    response_format=False,
    output_format=True,
)
GPT_IMAGE_2 = Family(
    sizes=(_LARGE, *_FREE),
    modes=GPT_IMAGE.modes,
    max_images=10,
    max_prompt_chars=32_000,
    response_format=False,
    output_format=True,
)
UNKNOWN = Family(sizes=(_LARGE, *_SQUARES))

_FAMILIES: tuple[tuple[re.Pattern[str], Family], ...] = tuple(
    (re.compile(pattern), family)
    for pattern, family in (
        (r"dall-e-2", DALL_E_2),
        (r"dall-e-3", DALL_E_3),
        (r"gpt-image-2(-\d{4}-\d\d-\d\d)?", GPT_IMAGE_2),
        (r"(chat)?gpt-image-.+", GPT_IMAGE),
    )
)


def family_of(remote_name: str) -> Family:
    """By the name behind a router's prefix: `openai/dall-e-3` is a `dall-e-3`."""
    word = model_word(remote_name)
    return next((family for name, family in _FAMILIES if name.fullmatch(word)), UNKNOWN)


def model_word(remote_name: str) -> str:
    """What people type after `--model`."""
    return remote_name.rstrip("/").rpartition("/")[2].lower()


def openai_offer(remote_name: str) -> Offer:
    family = family_of(remote_name)
    return Offer(
        provider="openai",
        model=model_word(remote_name),
        remote_name=remote_name,
        modes=family.modes,
        sizes=Sizes(sides=(), default=family.sizes[0], pairs=family.sizes),
        max_images=family.max_images,
        max_prompt_chars=family.max_prompt_chars,
    )


OPENAI_OFFERS = tuple(map(openai_offer, ("dall-e-2", "dall-e-3", "gpt-image-1.5", "gpt-image-2")))
"""One of each family that is known by name: what can be enabled, one of them at a time."""
