"""Which offer a wish goes to, and what is said where it can go to none."""

import pytest

from providers.catalog import Misfit, MisfitReason, Offer, Sizes
from providers.router import NoSuchOffer, Standing, choose, rank
from providers.types import Mode, Wish


def offer(provider: str, model: str, **more: object) -> Offer:
    fields: dict[str, object] = {
        "remote_name": model,
        "modes": frozenset({Mode.TEXT_TO_IMAGE}),
        "sizes": Sizes((512, 768, 1024), (768, 768)),
    }
    return Offer(provider=provider, model=model, **{**fields, **more})  # type: ignore[arg-type] - keywords by name


LOCAL = offer("local", "kandinsky-2.2")
REPLICATE = offer("replicate", "kandinsky-2.2", seed=True, max_prompt_chars=2000)
NEBULA = offer("nebula", "sdxl", seed=True, negative_prompt=True, max_prompt_chars=500)
OFFERS = (LOCAL, REPLICATE, NEBULA)


def test_the_first_offer_where_all_fit_alike() -> None:
    assert choose(Wish(prompt="x"), OFFERS).offer is LOCAL
    assert choose(Wish(prompt="x"), OFFERS[::-1]).offer is NEBULA


def test_the_offer_that_changes_least() -> None:
    assert choose(Wish(prompt="x", seed=1), OFFERS).offer is REPLICATE
    assert choose(Wish(prompt="x", seed=1, negative_prompt="y"), OFFERS).offer is NEBULA


def test_the_choice_carries_its_fit() -> None:
    choice = choose(Wish(prompt="x", seed=1), [LOCAL])

    assert choice.fit.request.seed is None
    assert len(choice.fit.adjustments) == 1


def test_only_what_was_named() -> None:
    wish = Wish(prompt="x", seed=1)

    assert choose(wish, OFFERS, provider="local").offer is LOCAL
    assert choose(wish, OFFERS, model="sdxl").offer is NEBULA
    assert choose(wish, OFFERS, model="kandinsky-2.2", provider="local").offer is LOCAL


def test_an_offer_that_can_not_is_passed_over() -> None:
    assert choose(Wish(prompt="x" * 1500), OFFERS).offer is REPLICATE


def test_where_none_can_the_nearest_misfit_is_told() -> None:
    with pytest.raises(Misfit) as caught:
        choose(Wish(prompt="x" * 2001), OFFERS)

    assert (caught.value.reason, caught.value.limit) == (MisfitReason.PROMPT_TOO_LONG, "2000")


def test_a_long_prompt_is_nearer_than_an_unknown_style_and_that_nearer_than_a_mode() -> None:
    editor = offer("nebula", "flux-fill", modes=frozenset({Mode.INPAINTING}))
    stylist = offer("x", "y", native_styles=frozenset({"GHIBLI"}), max_prompt_chars=3)
    wish = Wish(prompt="a fox", style="ghibli")

    with pytest.raises(Misfit) as caught:
        choose(wish, [editor, LOCAL, stylist])
    assert caught.value.reason is MisfitReason.PROMPT_TOO_LONG

    with pytest.raises(Misfit) as caught:
        choose(wish, [editor, LOCAL])
    assert caught.value.reason is MisfitReason.STYLE_UNKNOWN

    with pytest.raises(Misfit) as caught:
        choose(wish, [editor])
    assert caught.value.reason is MisfitReason.MODE


def test_the_mode_is_asked_for() -> None:
    editor = offer("nebula", "flux-fill", modes=frozenset({Mode.INPAINTING}))

    assert choose(Wish(prompt="x"), [LOCAL, editor], mode=Mode.INPAINTING).offer is editor


@pytest.mark.parametrize(
    ("model", "provider", "expected"),
    [
        ("kandinsky", None, ("model", "kandinsky", "kandinsky-2.2", ("kandinsky-2.2", "sdxl"))),
        (None, "replica", ("provider", "replica", "replicate", ("local", "replicate", "nebula"))),
        (None, "zzz", ("provider", "zzz", None, ("local", "replicate", "nebula"))),
        ("sdxl", "local", ("model", "sdxl", None, ("kandinsky-2.2",))),
    ],
)
def test_a_name_that_leads_nowhere(
    model: str | None,
    provider: str | None,
    expected: tuple[str, str, str | None, tuple[str, ...]],
) -> None:
    with pytest.raises(NoSuchOffer) as caught:
        choose(Wish(prompt="x"), OFFERS, model=model, provider=provider)

    found = caught.value
    assert (found.option, found.value, found.nearest, found.allowed) == expected


def test_nothing_enabled() -> None:
    with pytest.raises(NoSuchOffer) as caught:
        choose(Wish(prompt="x"), [])

    assert caught.value.option is None


def providers_in_order(wish: Wish, standings: dict[str, Standing], **changes: object) -> list[str]:
    offers = [offer(name, "kandinsky-2.2", **changes) for name in ("a", "b", "c")]
    return [choice.offer.provider for choice in rank(wish, offers, standings=standings)]


def test_all_that_can_are_ranked_and_none_that_cannot() -> None:
    ranking = rank(Wish(prompt="x" * 900, seed=1), OFFERS)

    assert [choice.offer for choice in ranking] == [REPLICATE, LOCAL]


def test_a_better_fit_comes_before_the_owners_order() -> None:
    exact, adjusting = offer("exact", "m", seed=True), offer("adjusting", "m")
    standings = {"adjusting": Standing(place=0), "exact": Standing(place=1)}
    ranking = rank(Wish(prompt="x", seed=1), [adjusting, exact], standings=standings)

    assert [choice.offer for choice in ranking] == [exact, adjusting]


def test_of_equal_fits_the_owners_order_decides() -> None:
    standings = {"a": Standing(place=2), "b": Standing(place=2), "c": Standing(place=0)}

    assert providers_in_order(Wish(prompt="x"), standings) == ["c", "a", "b"]


def test_what_takes_no_work_comes_last_whatever_it_fits() -> None:
    exact, adjusting = offer("exact", "m", seed=True), offer("adjusting", "m")
    standings = {"exact": Standing(takes_work=False)}
    ranking = rank(Wish(prompt="x", seed=1), [exact, adjusting], standings=standings)

    assert [choice.offer for choice in ranking] == [adjusting, exact]


def test_an_account_nearly_empty_comes_after_its_equals() -> None:
    low = Standing(low_credit=True)

    assert providers_in_order(Wish(prompt="x"), {"a": low}) == ["b", "c", "a"]
    assert providers_in_order(Wish(prompt="x"), {"a": low, "b": Standing(place=1)})[0] == "c"


def test_of_all_else_equal_the_cheapest() -> None:
    dear, cheap = offer("dear", "m", cost=2), offer("cheap", "m")

    assert [choice.offer for choice in rank(Wish(prompt="x"), [dear, cheap])] == [cheap, dear]
