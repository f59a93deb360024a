"""What FusionBrain offers, as data. `catalog.fit()` turns a wish into one of these."""

from providers.catalog import Offer, Sizes
from providers.types import Mode

FUSIONBRAIN_STYLES = frozenset({"DEFAULT", "KANDINSKY", "UHD", "ANIME"})
"""What the service's list has said whenever somebody looked; used as long as it can't be asked."""

# Documented: up to 1024, best in multiples of 64. The service itself takes 128 to 2048; below 256
# there is nothing to see.
_SIDES = tuple(range(256, 1024 + 1, 64))

FUSIONBRAIN_OFFERS: tuple[Offer, ...] = (
    Offer(
        provider="fusionbrain",
        model="kandinsky-3",
        remote_name="Kandinsky 3.x",  # which x is asked of the service
        modes=frozenset({Mode.TEXT_TO_IMAGE}),
        sizes=Sizes(sides=_SIDES, default=(1024, 1024)),
        negative_prompt=True,
        max_prompt_chars=1000,
        native_styles=FUSIONBRAIN_STYLES,
    ),
)
