"""The README's table of what each model can do where, made from the catalog.

`python -m providers.feature_table` writes it between its markers; a test fails where it is stale.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from providers.catalog import Offer, Range, Sizes
from providers.local.families import DEMO_FAMILY, FAMILIES, offer_of
from providers.offers import all_offers
from providers.registry import KNOWN_PROVIDERS
from providers.types import Mode

BEGIN = "<!-- features: python -m providers.feature_table writes this -->"
END = "<!-- end of features -->"
MANY_SIDES = 3  # more are told as a range
STYLES_SHOWN = 4

_MODES = {
    Mode.TEXT_TO_IMAGE: "words",
    Mode.IMAGE_TO_IMAGE: "picture",
    Mode.INPAINTING: "mask",
    Mode.BLENDING: "blend",
    Mode.DEPTH_GUIDED: "depth",
}
_HEAD = (
    "provider",
    "model",
    "from",
    "at once",
    "sizes",
    "`--seed`",
    "`--no`",
    "`--steps`",
    "`--guidance`",
    "`--prior-steps`",
    "`--prior-guidance`",
    "`--strength`",
    "`--scheduler`",
    "own styles",
)


def known_offers() -> tuple[Offer, ...]:
    """Of the local pipeline: by family, as a checkpoint of it can do when nothing is missing."""
    local = tuple(offer_of(family, family.model) for family in (DEMO_FAMILY, *FAMILIES))
    order = {name: position for position, name in enumerate(KNOWN_PROVIDERS)}
    return tuple(sorted((*local, *all_offers()), key=lambda offer: order[offer.provider]))


def feature_table(offers: Sequence[Offer]) -> str:
    """In Markdown. A range is told with its default."""
    rows = [_HEAD, ("---",) * len(_HEAD), *map(_row, offers)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(text: str, table: str) -> str:
    """The text with this table between its markers. Raises ValueError where they aren't there."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def _row(offer: Offer) -> tuple[str, ...]:
    return (
        f"`{offer.provider}`",
        offer.model,
        ", ".join(word for mode, word in _MODES.items() if mode in offer.modes),
        str(offer.max_images),
        _sizes(offer.sizes),
        "yes" if offer.seed else "",
        "yes" if offer.negative_prompt else "",
        *map(
            _range,
            (
                offer.steps,
                offer.guidance,
                offer.prior_steps,
                offer.prior_guidance,
                offer.strength,
            ),
        ),
        ", ".join(offer.schedulers),
        _styles(sorted(offer.native_styles)),
    )


def _range(limits: Range | None) -> str:
    return "" if limits is None else f"{limits.low:g}-{limits.high:g} ({limits.default:g})"


def _sizes(sizes: Sizes) -> str:
    default = "{}x{}".format(*sizes.default)
    if sizes.pairs:
        return f"{len(sizes.possible)} shapes ({default})"
    sides = sizes.sides
    if len(sides) <= MANY_SIDES:
        return f"sides {' or '.join(map(str, sides))} ({default})"
    return f"{min(sides)}-{max(sides)} a side ({default})"


def _styles(styles: Sequence[str]) -> str:
    shown = [*styles[:STYLES_SHOWN], *(["..."] if len(styles) > STYLES_SHOWN else [])]
    return ", ".join(shown)


def main() -> None:
    readme = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
    readme.write_text(with_table(readme.read_text("utf-8"), feature_table(known_offers())), "utf-8")


if __name__ == "__main__":
    main()
