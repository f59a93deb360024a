"""Which offers a wish may go to, the best one first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from providers.catalog import Fit, Misfit, MisfitReason, Offer, fit
from providers.sizes import Size
from providers.types import Mode, Wish


@dataclass(frozen=True, slots=True)
class Choice:
    offer: Offer
    fit: Fit


class NoSuchOffer(Exception):
    """Nothing enabled has what was named.

    option: which name leads nowhere; None where nothing is enabled at all.
    nearest, allowed: what can be named instead; with a provider that exists but hasn't the
        model, the models it has.
    """

    def __init__(
        self,
        option: Literal["model", "provider"] | None,
        value: str = "",
        nearest: str | None = None,
        allowed: tuple[str, ...] = (),
    ) -> None:
        super().__init__(option or "nothing is enabled")
        self.option = option
        self.value = value
        self.nearest = nearest
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands just now.

    takes_work: False while it is down, paused or without credit.
    place: in the owner's order; providers that it doesn't name share the last one.
    low_credit: it says that its account is nearly empty. Amounts in different services' units
        can't be compared with each other; this can.
    """

    takes_work: bool = True
    place: int = 0
    low_credit: bool = False


UNKNOWN = Standing()


def rank(
    wish: Wish,
    offers: Sequence[Offer],
    *,
    model: str | None = None,
    provider: str | None = None,
    mode: Mode = Mode.TEXT_TO_IMAGE,
    picture_size: Size | None = None,
    standings: Mapping[str, Standing] | None = None,
) -> list[Choice]:
    """Every offer that can do the wish, the best one first.

    Those that take no work now come last. Then an offer that changes less of the wish comes before one
    that changes more; of equals the owner's order decides, then the credit left, then the cost,
    and at last the order in which they are given.

    picture_size: as in `fit()`. standings: by provider.

    Raises NoSuchOffer where a name leads nowhere, and Misfit where no offer can do the wish:
    that of the offer which comes nearest to it.
    """
    choices: list[Choice] = []
    misfits: list[Misfit] = []
    for offer in _named(offers, model, provider):
        try:
            choices.append(Choice(offer, fit(wish, offer, mode, picture_size=picture_size)))
        except Misfit as misfit:
            misfits.append(misfit)
    if not choices:
        raise min(misfits, key=_hopelessness)
    return sorted(choices, key=lambda choice: _rank(choice, standings or {}))


def choose(
    wish: Wish,
    offers: Sequence[Offer],
    *,
    model: str | None = None,
    provider: str | None = None,
    mode: Mode = Mode.TEXT_TO_IMAGE,
    picture_size: Size | None = None,
) -> Choice:
    """The first of `rank`, whose arguments and errors these are."""
    ranking = rank(
        wish, offers, model=model, provider=provider, mode=mode, picture_size=picture_size
    )
    return ranking[0]


def _rank(choice: Choice, standings: Mapping[str, Standing]) -> tuple[bool, int, int, bool, int]:
    standing = standings.get(choice.offer.provider, UNKNOWN)
    return (
        not standing.takes_work,
        len(choice.fit.adjustments),
        standing.place,
        standing.low_credit,
        choice.offer.cost,
    )


def _named(offers: Sequence[Offer], model: str | None, provider: str | None) -> Sequence[Offer]:
    if not offers:
        raise NoSuchOffer(None)
    if provider is not None:
        offers = _matching(offers, "provider", provider, lambda offer: offer.provider)
    if model is not None:
        offers = _matching(offers, "model", model, lambda offer: offer.model)
    return offers


def _matching(
    offers: Sequence[Offer],
    option: Literal["model", "provider"],
    value: str,
    name_of: Callable[[Offer], str],
) -> Sequence[Offer]:
    found = [offer for offer in offers if name_of(offer) == value]
    if not found:
        allowed = tuple(dict.fromkeys(map(name_of, offers)))
        near = get_close_matches(value, allowed, n=1, cutoff=0.5)
        raise NoSuchOffer(option, value, near[0] if near else None, allowed)
    return found


def _hopelessness(misfit: Misfit) -> tuple[int, int]:
    """How far a misfit is from a fit: a shorter prompt helps soonest, and least where there is most room."""
    if misfit.reason is MisfitReason.PROMPT_TOO_LONG:
        return 0, -int(misfit.limit)
    return (1 if misfit.reason is MisfitReason.STYLE_UNKNOWN else 2), 0
