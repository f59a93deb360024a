"""What Nebula Block offers, as data, after the table of its documents.

Limits of sizes, steps and guidance are documented nowhere: these stay around its own samples.
"""

from providers.catalog import Offer, Range, Sizes
from providers.types import Mode

# FLUX Fill takes multiples of 16 and silently makes others fit; the others have no such rule.
_SIZES = Sizes(sides=tuple(range(256, 1025, 16)), default=(1024, 1024))

NEBULA_OFFERS: tuple[Offer, ...] = (
    Offer(
        provider="nebula",
        model="sdxl",
        remote_name="stabilityai/stable-diffusion-xl-base-1.0",
        modes=frozenset({Mode.TEXT_TO_IMAGE}),
        sizes=_SIZES,
        steps=Range(1, 50, 25),
        guidance=Range(1, 20, 9),
        negative_prompt=True,
        max_prompt_chars=2000,
    ),
    Offer(
        provider="nebula",
        model="flux-schnell",
        remote_name="black-forest-labs/FLUX.1-schnell",
        modes=frozenset({Mode.TEXT_TO_IMAGE}),
        sizes=_SIZES,
        steps=Range(1, 50, 4),
        guidance=Range(1, 20, 3.5),
        seed=True,
        max_seed=2**31 - 1,
        max_prompt_chars=2000,
    ),
    Offer(
        provider="nebula",
        model="flux-fill",
        remote_name="black-forest-labs/FLUX.1-Fill-dev",
        # Without a mask it has nothing to fill: the documents call it image-to-image, and show
        # no call that gives a picture alone.
        modes=frozenset({Mode.INPAINTING}),
        sizes=_SIZES,
        steps=Range(1, 50, 40),
        guidance=Range(1, 30, 4.5),
        max_prompt_chars=2000,
    ),
)
