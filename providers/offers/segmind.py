"""What Segmind's Kandinsky models take, by the parameter lists of their pages."""

import re
from collections.abc import Mapping
from dataclasses import replace

from providers.catalog import Offer, Range, Sizes
from providers.types import Mode

# Neither page says how large a seed may be; 32 signed bits are taken anywhere. Nor how long a prompt:
# the text encoders read 77 tokens, and 2000 characters leave room for any prompt they can use.
_MAX_SEED = 2**31 - 1
_MAX_PROMPT_CHARS = 2000

SEGMIND_OFFERS: tuple[Offer, ...] = (
    Offer(
        provider="segmind",
        model="kandinsky-2.2",
        remote_name="v1/kandinsky2.2-txt2img",
        modes=frozenset({Mode.TEXT_TO_IMAGE}),
        # The page's own sample asks for 512x768, which its list of sizes doesn't have.
        sizes=Sizes(sides=(768, 1024), default=(768, 768)),
        max_images=4,
        steps=Range(20, 100, 20),
        # The page says 1, at which the prior's scheduler divides by zero.
        prior_steps=Range(2, 100, 25),
        seed=True,
        max_seed=_MAX_SEED,
        negative_prompt=True,
        max_prompt_chars=_MAX_PROMPT_CHARS,
    ),
    Offer(
        provider="segmind",
        model="kandinsky-2.1",
        # So the model's page spells it; others have it end in `txt2img`. SEGMIND_SLUGS decides.
        remote_name="v1/kandinsky2.1-txt2im",
        modes=frozenset({Mode.TEXT_TO_IMAGE}),
        sizes=Sizes(sides=(512, 1024), default=(512, 512)),
        max_images=8,
        steps=Range(10, 40, 25),
        # Of guidance only the sample's 7.5 is known; the range is that of the model elsewhere.
        guidance=Range(1, 20, 7.5),
        schedulers=("DDIM", "P-Sampler"),
        seed=True,
        max_seed=_MAX_SEED,
        negative_prompt=True,
        max_prompt_chars=_MAX_PROMPT_CHARS,
    ),
)

_SLUG = re.compile(r"(?P<version>v[12]/)?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,99})")


def segmind_offers(slugs: Mapping[str, str]) -> tuple[Offer, ...]:
    """The offers, with the models named in `slugs` called by the address given there.

    A slug is `kandinsky2.1-txt2img` or, where the surface matters, `v2/kandinsky2.1-txt2img`.
    Raises ValueError.
    """
    models = [offer.model for offer in SEGMIND_OFFERS]
    for model in slugs:
        if model not in models:
            raise ValueError(f"{model!r} isn't offered; there is {', '.join(models)}")
    return tuple(
        replace(offer, remote_name=_remote_name(slugs[offer.model]))
        if offer.model in slugs
        else offer
        for offer in SEGMIND_OFFERS
    )


def _remote_name(slug: str) -> str:
    found = _SLUG.fullmatch(slug)
    if found is None:
        raise ValueError("a slug is a name like kandinsky2.1-txt2img, or v2/ and that name")
    return (found["version"] or "v1/") + found["name"]
