"""What there is to choose by buttons: shapes, styles, and models with what they cost. Pure."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from bot.usecases.engines import Engines
from bot.usecases.errors import NotOnTheMenu
from bot.usecases.preferences import Choices
from providers.catalog import Offer
from providers.styles import STYLES, find_style
from providers.types import Mode

Ratio = tuple[int, int]

RATIOS: tuple[Ratio, ...] = (
    (1, 1), (2, 3), (3, 2), (3, 4),
    (4, 3), (9, 16), (16, 9), (21, 9),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """Units: the same, unless it depends on who draws."""

    least: int
    most: int

    def times(self, count: int) -> "Cost":
        return Cost(self.least * count, self.most * count)


def token(name: str) -> str:
    """What a button carries in place of a name: short, and the same after every start."""
    return sha256(name.encode()).hexdigest()[:8]


class Menu:
    def __init__(self, engines: Engines) -> None:
        self._offers = [each for each in engines.offers if Mode.TEXT_TO_IMAGE in each.modes]
        own = sorted(name for name in engines.styles if find_style(name) is None)
        self.styles: tuple[str, ...] = (*(style.name for style in STYLES), *own)
        self.models: dict[str, Cost] = {
            offer.model: self.cost_of(offer.model) for offer in self._offers
        }

    def style(self, wanted: str) -> str:
        """The style of this token. Raises NotOnTheMenu, as do those below."""
        return _named(wanted, self.styles)

    def any_style(self) -> str:
        return secrets.choice(self.styles[1:])  # not the default one, which is none

    def model(self, wanted: str) -> str:
        return _named(wanted, self.models)

    def ratio(self, wanted: str) -> Ratio:
        for ratio in RATIOS:
            if "{}x{}".format(*ratio) == wanted:
                return ratio
        raise NotOnTheMenu

    def cost_of(self, model: str | None) -> Cost:
        """Of one picture; of None: by whoever it may be."""
        return _cost(offer for offer in self._offers if model in (None, offer.model))

    def known(self, choices: Choices) -> Choices:
        """Without what can't be chosen any more."""
        return Choices(
            ratio=choices.ratio,
            style=choices.style if choices.style in self.styles else None,
            model=choices.model if choices.model in self.models else None,
            count=choices.count,
        )


def _named(wanted: str, names: Iterable[str]) -> str:
    for name in names:
        if token(name) == wanted:
            return name
    raise NotOnTheMenu


def _cost(offers: Iterable[Offer]) -> Cost:
    costs = [offer.cost for offer in offers]
    return Cost(min(costs, default=0), max(costs, default=0))
