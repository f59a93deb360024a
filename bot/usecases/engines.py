"""The enabled providers and what they offer, in the owner's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.usecases.spec import Leg
from providers.base import ImageProvider
from providers.catalog import Offer
from providers.styles import STYLES, style_key


@dataclass(frozen=True, slots=True)
class Engines:
    """offers: in PROVIDER_ORDER. default_model: None means the first offer's."""

    providers: Mapping[str, ImageProvider]
    offers: Sequence[Offer]
    default_model: str | None = None

    def offer(self, provider: str, model: str) -> Offer | None:
        matches = (o for o in self.offers if o.provider == provider and o.model == model)
        return next(matches, None)

    def offer_of(self, leg: Leg) -> Offer | None:
        """None where it is enabled no more."""
        return self.offer(leg.provider, leg.model)

    @property
    def models(self) -> list[str]:
        return list(dict.fromkeys(offer.model for offer in self.offers))

    @property
    def styles(self) -> frozenset[str]:
        return frozenset(style.name for style in STYLES).union(
            *(offer.native_styles for offer in self.offers)
        )

    @property
    def schedulers(self) -> list[str]:
        """Each once, in the spelling of the first offer that has it."""
        names = [name for offer in self.offers for name in offer.schedulers]
        return list({style_key(name): name for name in reversed(names)}.values())
