"""`fit()`: whatever is wished, the request is inside the offer, and what changed is said."""

import dataclasses

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from providers.catalog import (
    Adjustment,
    AdjustmentKind,
    Misfit,
    MisfitReason,
    Offer,
    Range,
    Sizes,
    fit,
)
from providers.styles import STYLES, find_style, style_key
from providers.types import Mode, Wish

MULTIPLES_OF_64 = Sizes(tuple(range(128, 1025, 64)), (1024, 1024))
ENUMERATED = Sizes((384, 512, 576, 640, 704, 768, 960, 1024, 1152, 1280), (512, 512))
TWO_SIDES = Sizes((768, 1024), (768, 768))
NO_LARGE_SQUARE = Sizes((1024, 1536), (1024, 1024), max_pixels=1024 * 1536)
ALL_SIZES = (MULTIPLES_OF_64, ENUMERATED, TWO_SIDES, NO_LARGE_SQUARE)

TEXT_TO_IMAGE = frozenset({Mode.TEXT_TO_IMAGE})


def offer(sizes: Sizes = MULTIPLES_OF_64, **more: object) -> Offer:
    fields = {"provider": "p", "model": "m", "remote_name": "r", "modes": TEXT_TO_IMAGE}
    return Offer(**{**fields, "sizes": sizes, **more})  # type: ignore[arg-type] - keywords by name


CAPABLE = offer(
    steps=Range(1, 50, 25),
    guidance=Range(1, 20, 4),
    strength=Range(0.1, 0.9, 0.3),
    seed=True,
    negative_prompt=True,
    modes=frozenset({Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE}),
)
BARE = offer()
MULTIPLES = offer(MULTIPLES_OF_64)


def test_without_preferences_the_defaults_are_taken_and_nothing_is_said() -> None:
    capable = fit(Wish(prompt="a fox"), CAPABLE)

    assert (capable.adjustments, capable.crop) == ((), None)
    assert (capable.request.width, capable.request.height) == (1024, 1024)
    assert capable.request.num_inference_steps == 25
    assert capable.request.guidance_scale == 4
    assert (capable.request.seed, capable.request.strength) == (None, None)

    bare = fit(Wish(prompt="a fox"), BARE)

    assert bare.adjustments == ()
    assert (bare.request.num_inference_steps, bare.request.guidance_scale) == (None, None)


def test_prior_steps_are_the_offers_default() -> None:
    request = fit(Wish(prompt="x"), offer(prior_steps=Range(2, 100, 25))).request

    assert request.prior_num_inference_steps == 25


@pytest.mark.parametrize(
    ("sizes", "ratio", "made"),
    [
        (MULTIPLES_OF_64, (16, 9), (1024, 576)),
        (MULTIPLES_OF_64, (9, 16), (576, 1024)),
        (MULTIPLES_OF_64, (3, 2), (960, 640)),
        (MULTIPLES_OF_64, (21, 9), (896, 384)),
        (MULTIPLES_OF_64, (1, 1), (1024, 1024)),
        (ENUMERATED, (1, 1), (512, 512)),
        (ENUMERATED, (2, 3), (384, 576)),
        (ENUMERATED, (16, 9), (1024, 576)),
        (ENUMERATED, (32, 18), (1024, 576)),
        (TWO_SIDES, (4, 3), (1024, 768)),
        (NO_LARGE_SQUARE, (1, 1), (1024, 1024)),
    ],
)
def test_an_exact_ratio_is_taken_near_the_usual_area(
    sizes: Sizes, ratio: tuple[int, int], made: tuple[int, int]
) -> None:
    result = fit(Wish(prompt="x", aspect_ratio=ratio), offer(sizes))

    assert (result.request.width, result.request.height) == made
    assert (result.crop, result.adjustments) == (None, ())


@pytest.mark.parametrize(
    ("sizes", "ratio", "made", "crop"),
    [
        (TWO_SIDES, (16, 9), (1024, 768), (1024, 576)),
        (TWO_SIDES, (2, 3), (768, 1024), (683, 1024)),
        (TWO_SIDES, (3, 1), (1024, 768), (1024, 341)),
        (NO_LARGE_SQUARE, (16, 9), (1536, 1024), (1536, 864)),
        (ENUMERATED, (21, 9), (768, 384), (768, 329)),
        (ENUMERATED, (7, 5), (640, 512), (640, 457)),
        (MULTIPLES_OF_64, (191, 100), (1024, 576), (1024, 536)),
    ],
)
def test_a_missing_ratio_is_cropped_from_a_larger_size_and_said(
    sizes: Sizes, ratio: tuple[int, int], made: tuple[int, int], crop: tuple[int, int]
) -> None:
    result = fit(Wish(prompt="x", aspect_ratio=ratio), offer(sizes))

    assert (result.request.width, result.request.height) == made
    assert result.crop == crop
    assert result.adjustments == (
        Adjustment(AdjustmentKind.SIZE, "{}:{}".format(*ratio), "{}x{}".format(*crop)),
    )


def test_a_ratio_only_exact_far_from_the_usual_area_is_cropped_instead() -> None:
    huge = Sizes(tuple(range(64, 2049, 64)), (512, 512))

    result = fit(Wish(prompt="x", aspect_ratio=(31, 30)), offer(huge))

    assert result.request.width * result.request.height <= 512 * 512 * 2
    assert result.crop is not None


@pytest.mark.parametrize(
    ("sizes", "asked", "made", "crop"),
    [
        (TWO_SIDES, (1024, 768), (1024, 768), None),
        (TWO_SIDES, (1000, 600), (1024, 768), (1000, 600)),
        (TWO_SIDES, (512, 768), (768, 768), (512, 768)),
        (TWO_SIDES, (512, 512), (768, 768), None),
        (TWO_SIDES, (100, 100), (768, 768), None),
        (TWO_SIDES, (1920, 1080), (1024, 768), (1024, 576)),
        (MULTIPLES_OF_64, (1920, 1080), (1024, 576), None),
        (MULTIPLES_OF_64, (9999, 9999), (1024, 1024), None),
    ],
)
def test_pixels(
    sizes: Sizes, asked: tuple[int, int], made: tuple[int, int], crop: tuple[int, int] | None
) -> None:
    result = fit(Wish(prompt="x", size=asked), offer(sizes))

    assert (result.request.width, result.request.height) == made
    assert result.crop == crop
    said = [
        Adjustment(AdjustmentKind.SIZE, "{}x{}".format(*asked), "{}x{}".format(*(crop or made)))
    ]
    assert list(result.adjustments) == ([] if made == asked else said)


@pytest.mark.parametrize(
    ("wish", "field", "value", "adjustment"),
    [
        (Wish(prompt="x", num_inference_steps=500), "num_inference_steps", 50, ("500", "50")),
        (Wish(prompt="x", num_inference_steps=50), "num_inference_steps", 50, None),
        (Wish(prompt="x", guidance_scale=0.5), "guidance_scale", 1, ("0.5", "1")),
        (Wish(prompt="x", guidance_scale=7.5), "guidance_scale", 7.5, None),
        (Wish(prompt="x", seed=2**32), "seed", 0, ("4294967296", "0")),
        (Wish(prompt="x", seed=2**32 - 1), "seed", 2**32 - 1, None),
        (Wish(prompt="x", negative_prompt="blur"), "negative_prompt", "blur", None),
        (
            Wish(prompt="x", negative_prompt="y" * 1001),
            "negative_prompt",
            "y" * 1000,
            ("y" * 1001, "y" * 1000),
        ),
        (Wish(prompt="x", strength=0.5), "strength", None, ("0.5", "")),
    ],
)
def test_numbers_and_texts_are_brought_inside_and_said(
    wish: Wish, field: str, value: object, adjustment: tuple[str, str] | None
) -> None:
    result = fit(wish, CAPABLE)

    assert getattr(result.request, field) == value
    said = [(note.asked, note.given) for note in result.adjustments]
    assert said == ([adjustment] if adjustment else [])


def test_strength_counts_only_where_there_is_a_picture_to_start_from() -> None:
    wish = Wish(prompt="x", strength=1)

    result = fit(wish, CAPABLE, Mode.IMAGE_TO_IMAGE)

    assert result.request.mode is Mode.IMAGE_TO_IMAGE
    assert result.request.strength == 0.9
    assert result.adjustments == (Adjustment(AdjustmentKind.STRENGTH, "1", "0.9"),)


@pytest.mark.parametrize(
    ("steps", "asked", "given"),
    [(14, 0.01, 0.08), (14, 0.08, 0.08), (30, 0.01, 0.05), (1, 0.1, 0.9)],
)
def test_strength_leaves_a_step_to_run(steps: int, asked: float, given: float) -> None:
    wish = Wish(prompt="x", strength=asked, num_inference_steps=steps)
    able = dataclasses.replace(CAPABLE, steps=Range(1, 100, 30), strength=Range(0.05, 0.9, 0.5))

    result = fit(wish, able, Mode.IMAGE_TO_IMAGE)

    assert result.request.strength == given
    said = [note.given for note in result.adjustments if note.kind is AdjustmentKind.STRENGTH]
    assert said == ([] if given == asked else [f"{given:g}"])


def test_the_priors_own_numbers_go_to_the_nearest_it_takes() -> None:
    wish = Wish(prompt="x", prior_num_inference_steps=1, prior_guidance_scale=50)
    able = dataclasses.replace(
        CAPABLE, prior_steps=Range(2, 100, 25), prior_guidance=Range(1, 20, 4)
    )

    result = fit(wish, able)

    request = result.request
    assert (request.prior_num_inference_steps, request.prior_guidance_scale) == (2, 20)
    assert result.adjustments == (
        Adjustment(AdjustmentKind.PRIOR_STEPS, "1", "2"),
        Adjustment(AdjustmentKind.PRIOR_GUIDANCE, "50", "20"),
    )
    assert fit(Wish(prompt="x"), able).request.prior_guidance_scale == 4


@pytest.mark.parametrize("asked", ["ddim", "DDIM", "D-Dim"])
def test_a_scheduler_is_told_in_the_offers_own_spelling(asked: str) -> None:
    able = dataclasses.replace(CAPABLE, schedulers=("DDIM", "P-Sampler"))

    result = fit(Wish(prompt="x", scheduler=asked), able)

    assert (result.request.scheduler, result.adjustments) == ("DDIM", ())
    assert fit(Wish(prompt="x"), able).request.scheduler is None


def test_an_unknown_scheduler_is_left_out_and_said() -> None:
    result = fit(Wish(prompt="x", scheduler="P-Sampler"), CAPABLE)

    assert result.request.scheduler is None
    assert result.adjustments == (Adjustment(AdjustmentKind.SCHEDULER, "P-Sampler", ""),)


def test_inpainting_repaints_whole_unless_asked_otherwise() -> None:
    inpainting = dataclasses.replace(CAPABLE, modes=frozenset({Mode.INPAINTING}))

    assert fit(Wish(prompt="x"), inpainting, Mode.INPAINTING).request.strength is None
    gently = fit(Wish(prompt="x", strength=0.4), inpainting, Mode.INPAINTING)
    assert gently.request.strength == 0.4


@pytest.mark.parametrize(
    ("sizes", "given", "made"),
    [
        (MULTIPLES_OF_64, (1280, 853), (960, 640)),
        (MULTIPLES_OF_64, (900, 1600), (576, 1024)),
        (MULTIPLES_OF_64, (5000, 100), (1024, 128)),
        (MULTIPLES_OF_64, (2, 2), (1024, 1024)),
        (TWO_SIDES, (4000, 3000), (1024, 768)),
    ],
)
def test_a_given_picture_lends_its_shape(
    sizes: Sizes, given: tuple[int, int], made: tuple[int, int]
) -> None:
    pictures = offer(sizes, modes=frozenset({Mode.IMAGE_TO_IMAGE}))
    result = fit(Wish(prompt="x"), pictures, Mode.IMAGE_TO_IMAGE, picture_size=given)

    assert (result.request.width, result.request.height) == made
    assert (result.crop, result.adjustments) == (None, ())


def test_an_asked_shape_comes_before_the_pictures() -> None:
    wish = Wish(prompt="x", aspect_ratio=(16, 9))
    request = fit(wish, MULTIPLES, picture_size=(900, 1600)).request

    assert (request.width, request.height) == (1024, 576)


def test_what_an_offer_does_not_take_is_left_out_and_said() -> None:
    wish = Wish(prompt="x", seed=1, num_inference_steps=9, guidance_scale=2, negative_prompt="y")

    result = fit(wish, BARE)

    assert {note.kind: note.given for note in result.adjustments} == {
        AdjustmentKind.SEED: "",
        AdjustmentKind.STEPS: "",
        AdjustmentKind.GUIDANCE: "",
        AdjustmentKind.NEGATIVE_PROMPT: "",
    }
    request = result.request
    assert (request.seed, request.num_inference_steps, request.guidance_scale) == (None,) * 3
    assert request.negative_prompt == ""


def test_a_native_style_is_sent_in_the_services_spelling() -> None:
    result = fit(
        Wish(prompt="a fox", style="anime"), offer(native_styles=frozenset({"ANIME", "UHD"}))
    )

    assert (result.request.prompt, result.request.style) == ("a fox", "ANIME")
    assert result.adjustments == ()


def test_a_foreign_style_is_put_into_words_and_said() -> None:
    result = fit(Wish(prompt="a fox", style="anime"), BARE)

    assert result.request.prompt == "a fox, anime style, clean line art, cel shading"
    assert result.request.style is None
    assert result.adjustments == (
        Adjustment(AdjustmentKind.STYLE, "anime", "anime style, clean line art, cel shading"),
    )


def test_the_default_style_adds_nothing() -> None:
    result = fit(Wish(prompt="a fox", style="default"), BARE)

    assert (result.request.prompt, result.request.style) == ("a fox", None)
    assert result.adjustments == ()


@pytest.mark.parametrize(
    ("wish", "reason", "asked", "limit"),
    [
        (Wish(prompt="x" * 1001), MisfitReason.PROMPT_TOO_LONG, "1001", "1000"),
        (
            Wish(prompt="x" * 1000, style="anime"),
            MisfitReason.PROMPT_TOO_LONG,
            "1000",
            str(1000 - len(", anime style, clean line art, cel shading")),
        ),
        (Wish(prompt="x", style="ghibli"), MisfitReason.STYLE_UNKNOWN, "ghibli", ""),
    ],
)
def test_what_can_not_be_done_is_a_misfit(
    wish: Wish, reason: MisfitReason, asked: str, limit: str
) -> None:
    with pytest.raises(Misfit) as caught:
        fit(wish, BARE)

    misfit = caught.value
    assert (misfit.reason, misfit.asked, misfit.limit) == (reason, asked, limit)


def test_a_prompt_of_exactly_the_limit_fits() -> None:
    assert len(fit(Wish(prompt="x" * 1000), BARE).request.prompt) == 1000


def test_a_mode_the_offer_lacks_is_a_misfit() -> None:
    with pytest.raises(Misfit) as caught:
        fit(Wish(prompt="x"), BARE, Mode.INPAINTING)

    assert caught.value.reason is MisfitReason.MODE


def test_more_pictures_than_one_submission_gives_are_no_misfit() -> None:
    result = fit(Wish(prompt="x", num_images=4), offer(max_images=1))

    assert (result.request.num_images, result.adjustments) == (4, ())


def test_no_two_styles_share_a_name() -> None:
    names = [key for style in STYLES for key in {style_key(style.name), *style.aliases}]

    assert len(names) == len(set(names))
    assert all(alias == style_key(alias) for style in STYLES for alias in style.aliases)
    assert all(style.suffix for style in STYLES if style.name != "default")
    assert find_style("no such style") is None


# What must hold for any wish and any offer.

sides = st.integers(64, 9999)
wishes = st.builds(
    Wish,
    prompt=st.text(min_size=1, max_size=1200),
    negative_prompt=st.text(max_size=1200),
    aspect_ratio=st.none() | st.tuples(st.integers(1, 300), st.integers(1, 300)),
    size=st.none() | st.tuples(sides, sides),
    style=st.none() | st.sampled_from([style.name for style in STYLES]),
    seed=st.none() | st.integers(0, 2**63 - 1),
    num_images=st.integers(1, 4),
    num_inference_steps=st.none() | st.integers(1, 99_999),
    guidance_scale=st.none() | st.floats(0, 100),
    strength=st.none() | st.floats(0, 1),
)
drawn_sizes = st.sampled_from(ALL_SIZES) | st.lists(
    st.integers(8, 256).map(lambda side: side * 8), min_size=1, max_size=6
).map(lambda drawn: Sizes(tuple(drawn), (min(drawn), max(drawn))))
ranges = st.none() | st.lists(st.integers(1, 100), min_size=3, max_size=3).map(
    lambda drawn: Range(min(drawn), max(drawn), sorted(drawn)[1])
)
offers = st.builds(
    offer,
    drawn_sizes,
    steps=ranges,
    guidance=ranges,
    strength=ranges,
    seed=st.booleans(),
    max_seed=st.sampled_from([2**16 - 1, 2**32 - 1, 2**63 - 1]),
    negative_prompt=st.booleans(),
    max_prompt_chars=st.sampled_from([500, 1000, 2000]),
    native_styles=st.sampled_from([frozenset[str](), frozenset({"ANIME", "KANDINSKY"})]),
    modes=st.just(frozenset({Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE})),
)
modes = st.sampled_from([Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE])


def inside(value: float | None, limits: Range | None) -> bool:
    return value is None if limits is None else limits.low <= (value or 0) <= limits.high


@given(wishes, offers, modes)
def test_the_request_is_inside_the_offer(wish: Wish, offer: Offer, mode: Mode) -> None:
    try:
        request = fit(wish, offer, mode).request
    except Misfit:
        reject()  # too long a prompt; what is a misfit has its own tests

    assert (request.width, request.height) in offer.sizes.possible
    assert inside(request.num_inference_steps, offer.steps)
    assert inside(request.guidance_scale, offer.guidance)
    assert inside(request.strength, offer.strength if mode is Mode.IMAGE_TO_IMAGE else None)
    assert request.seed is None or (offer.seed and 0 <= request.seed <= offer.max_seed)
    assert len(request.prompt) <= offer.max_prompt_chars
    assert len(request.negative_prompt) <= offer.max_prompt_chars * offer.negative_prompt
    assert request.style is None or request.style in offer.native_styles


@given(wishes, offers)
def test_the_picture_has_the_ratio_asked_for(wish: Wish, offer: Offer) -> None:
    wish = wish.model_copy(update={"prompt": "x", "style": None})
    result = fit(wish, offer)
    made = (result.request.width, result.request.height)
    width, height = result.crop or made

    assert width <= made[0] and height <= made[1]
    assert result.crop != made
    if asked := wish.size or wish.aspect_ratio:
        ratio = asked[0] / asked[1]
        assert abs(width - height * ratio) <= 1 or abs(height - width / ratio) <= 1


@given(wishes, offers)
def test_all_that_was_changed_is_said(wish: Wish, offer: Offer) -> None:
    wish = wish.model_copy(update={"prompt": "x"})
    result = fit(wish, offer)
    request = result.request
    said = {note.kind for note in result.adjustments}

    assert len(said) == len(result.adjustments)
    assert (AdjustmentKind.SEED in said) == (request.seed != wish.seed)
    assert (AdjustmentKind.NEGATIVE_PROMPT in said) == (
        request.negative_prompt != wish.negative_prompt
    )
    assert (AdjustmentKind.STYLE in said) == (request.prompt != "x")
    assert (AdjustmentKind.STEPS in said) == (
        wish.num_inference_steps not in (None, request.num_inference_steps)
    )
    assert result.crop is None or AdjustmentKind.SIZE in said
