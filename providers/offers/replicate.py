"""What Replicate offers, as data. `catalog.fit()` turns a wish into one of these."""

from providers.catalog import Offer, Range, Sizes
from providers.types import Mode

_REPLICATE_SIDES = (384, 512, 576, 640, 704, 768, 960, 1024, 1152, 1280, 1536, 1792, 2048)
"""The enum of the model's input schema, for either side."""

REPLICATE_OFFERS: tuple[Offer, ...] = (
    Offer(
        provider="replicate",
        model="kandinsky-2.2",
        # A community model: only a pinned version can be called.
        remote_name="ai-forever/kandinsky-2.2:ad9d7879fbffa2874e1d909d1d37d9bc682889cc65b31f7bb00d2362619f194a",
        modes=frozenset({Mode.TEXT_TO_IMAGE}),
        # The schema's own default is 512; the model's authors show it at 768, where pictures
        # have visibly more detail, and 1024 takes almost twice the time of 768.
        sizes=Sizes(sides=_REPLICATE_SIDES, default=(768, 768)),
        max_images=4,
        steps=Range(1, 500, 75),
        # The schema says 1, at which the prior's scheduler divides by zero.
        prior_steps=Range(2, 500, 25),
        seed=True,
        negative_prompt=True,
        # No limit is documented. The text encoder reads 77 tokens; 2000 characters leave room
        # for any prompt it can use.
        max_prompt_chars=2000,
    ),
    Offer(
        provider="replicate",
        model="kandinsky-2.1",
        remote_name="ai-forever/kandinsky-2-1:a768f3c2e174c54b576cc4f222e789e161160403d0cd0ace41eeb9a0f8c8d5f8",
        modes=frozenset({Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE}),
        # The schema takes any whole number; the decoder rounds to multiples of 64.
        sizes=Sizes(sides=tuple(range(128, 1025, 64)), default=(768, 768)),
        max_images=4,
        steps=Range(1, 500, 100),
        prior_steps=Range(2, 500, 25),  # as above
        guidance=Range(1, 20, 4),
        strength=Range(0, 1, 0.3),
        seed=True,
        negative_prompt=True,
        max_prompt_chars=2000,
    ),
)
