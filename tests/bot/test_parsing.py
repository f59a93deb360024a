"""The grammar of `/imagine`, trap by trap, and what must hold for any text at all."""

# ruff: noqa: RUF001 - look-alike dashes, quotes and letters are what is tested

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.options import OPTION_NAMES
from bot.parsing import (
    ImagineCommand,
    ParseError,
    ParseReason,
    parse_imagine,
    render,
    split_command,
)
from providers.types import Wish

STYLES = ("default", "anime", "pixel-art", "photo", "Studio Ghibli")
MODELS = ("kandinsky-2.2", "sdxl")
PROVIDERS = ("local", "replicate")
SCHEDULERS = ("DDIM", "P-Sampler", "dpm++")


def parse(text: str) -> ImagineCommand | ParseError:
    return parse_imagine(
        text, styles=STYLES, models=MODELS, providers=PROVIDERS, schedulers=SCHEDULERS
    )


def wish(text: str) -> Wish:
    command = parse(text)
    assert isinstance(command, ImagineCommand), command
    return command.wish


def error(text: str) -> ParseError:
    command = parse(text)
    assert isinstance(command, ParseError), command
    return command


def test_reads_every_option() -> None:
    command = parse(
        'a fox --ar 16:9 --style anime --no "text, logo" --seed 7 --n 2 --steps 30'
        " --guidance 7.5 --prior-steps 10 --prior-guidance 2.5 --scheduler p_sampler --strength 0.4 --blend 0.6 --mask --depth --model sdxl --via replicate"
    )

    assert command == ImagineCommand(
        Wish(
            prompt="a fox",
            negative_prompt="text, logo",
            aspect_ratio=(16, 9),
            style="anime",
            seed=7,
            num_images=2,
            num_inference_steps=30,
            guidance_scale=7.5,
            prior_num_inference_steps=10,
            prior_guidance_scale=2.5,
            scheduler="P-Sampler",
            strength=0.4,
        ),
        model="sdxl",
        provider="replicate",
        blend=0.6,
        mask=True,
        depth=True,
    )


def test_without_options_nothing_is_preferred() -> None:
    assert parse("a fox") == ImagineCommand(Wish(prompt="a fox"))


@pytest.mark.parametrize(
    "text",
    [
        "a fox --ar 16:9",
        "--ar 16:9 a fox",
        "a --ar 16:9 fox",
        "a fox —ar 16:9",
        "a fox –ar 16:9",
        "a fox ―ar 16:9",
        "a fox —-ar 16:9",
        "a fox −−ar 16:9",
        "a fox --AR 16:9",
        "a fox --ar=16:9",
        "a fox --ar= 16:9",
        "a fox --ar\n16:9",
        "a fox --ar '16:9'",
        "a fox --aspect-ratio 16:9",
        "a fox --aspect_ratio 16:9",
        "a fox —aspect–ratio 16:9",
        "a fox --ar 16/9",
        "a fox --ar 16x9",
        "a fox --ar 16×9",
        "a fox --ar 16х9",
        "a fox --ar 16：9",
        "a fox --ar １６:９",
        "a fox --ar ١٦:٩",
        "a fox --ar '16 : 9'",
        "a fox --ar 16:9,",
        "a fox \u200f--ar 16:9",
        "a fox --ar \u200e16:9\u200e",
        "a fox --ar 1:1 --ar 16:9",
        "a fox --ar nonsense --ar 16:9",
    ],
)
def test_one_meaning_in_many_spellings(text: str) -> None:
    assert wish(text) == Wish(prompt="a fox", aspect_ratio=(16, 9))


@pytest.mark.parametrize(
    "prompt",
    [
        "a fox - quick -- and — sly –",
        "well-known fox—red",
        "-ar 16:9",
        "--5 degrees",
        "−x squared",
        "(--ar 16:9)",
        'a sign that says "HELLO"',
        "don’t stop",
        "<b>bold</b> & \\n",
        "line one\nline two",
        "لعبة ثعلب في الثلج",
        "Z̸̨̛a̷lgo e\u0301",
        "👩\u200d🎨 paints",
        "می\u200cخواهم",
    ],
)
def test_text_stays_text(prompt: str) -> None:
    assert wish(prompt) == Wish(prompt=prompt)


@pytest.mark.parametrize(
    ("typed", "prompt"),
    [
        ("a  fox\t in   snow ", "a fox in snow"),
        ("a fox \n\n  in snow", "a fox\nin snow"),
        ("a fox\r\nin\u2028snow", "a fox\nin\nsnow"),
        ("a fox --ar 1:1\nin snow", "a fox\nin snow"),
        ("a\x00 fo\x1bx\x7f", "a fox"),
        ("a \u202exof\u202c \u2066fox\u2069", "a xof fox"),
        ("\ufeffa \ud83dfox", "a fox"),
    ],
)
def test_what_a_prompt_loses(typed: str, prompt: str) -> None:
    assert wish(typed).prompt == prompt


@pytest.mark.parametrize(
    "value",
    [
        '"text, logo"',
        "“text, logo”",
        "”text, logo”",
        "„text, logo“",
        "„text, logo”",
        "«text, logo»",
        "»text, logo«",
        "'text, logo'",
        "‘text, logo’",
        "‚text, logo‘",
        "‹text, logo›",
        "「text, logo」",
        '“text, logo"',
        '"text, logo”',
        '" text,\n logo "',
    ],
)
def test_a_quoted_value(value: str) -> None:
    read = wish(f"--no {value} a fox").negative_prompt

    assert read.split() == ["text,", "logo"]
    assert wish(f"--no {value} a fox").prompt == "a fox"


@pytest.mark.parametrize(
    ("text", "negative", "prompt"),
    [
        ("--no text watermark fox", "text", "watermark fox"),
        ("--no 'don't show' fox", "don't show", "fox"),
        ("--no ’tis fox", "’tis", "fox"),
        ('--no "--ar 1:1" fox', "--ar 1:1", "fox"),
        ("--no “say \"hi\" now” fox", 'say "hi" now', "fox"),
        ("--no “a”--seed 1 fox", "a", "fox"),
        ("fox --no=«a b»", "a b", "fox"),
    ],
)  # fmt: skip
def test_where_a_value_ends(text: str, negative: str, prompt: str) -> None:
    assert (wish(text).negative_prompt, wish(text).prompt) == (negative, prompt)


@pytest.mark.parametrize(
    ("value", "ratio", "size"),
    [
        ("1:3", (1, 3), None),
        ("3:1", (3, 1), None),
        ("1.91:1", (191, 100), None),
        ("1,5:1", (3, 2), None),
        ("32:18", (32, 18), None),
        ("63x63", (63, 63), None),
        ("1024:576", (1024, 576), None),
        ("1024x576", None, (1024, 576)),
        ("64×64", None, (64, 64)),
    ],
)
def test_ratio_or_pixels(
    value: str, ratio: tuple[int, int] | None, size: tuple[int, int] | None
) -> None:
    assert (wish(f"x --ar {value}").aspect_ratio, wish(f"x --ar {value}").size) == (ratio, size)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("--seed -1", {}),
        ("--seed random", {}),
        ("--seed –1", {}),
        ("--seed 9223372036854775807", {"seed": 2**63 - 1}),
        ("--guidance 7,5", {"guidance_scale": 7.5}),
        ("--guidance .5", {"guidance_scale": 0.5}),
        ("--cfg 0", {"guidance_scale": 0}),
        ("--strength 1", {"strength": 1}),
        ("--steps 5000", {"num_inference_steps": 5000}),
        ("--n ４", {"num_images": 4}),
        ("--n 3.", {"num_images": 3}),
        ("--style PIXELART", {"style": "pixel-art"}),
        ("--style 'pixel art'", {"style": "pixel-art"}),
        ("--style Pixel—Art", {"style": "pixel-art"}),
        ("--style none", {"style": "default"}),
        ("--style realistic", {"style": "photo"}),
        ("--style studio_ghibli", {"style": "Studio Ghibli"}),
        ("--neg blur", {"negative_prompt": "blur"}),
    ],
)
def test_values(options: str, fields: dict[str, object]) -> None:
    assert wish(f"x {options}") == Wish.model_validate({"prompt": "x", **fields})


def test_models_and_providers_are_found_by_any_spelling() -> None:
    command = parse("x --model Kandinsky2.2 --provider LOCAL")

    assert command == ImagineCommand(Wish(prompt="x"), "kandinsky-2.2", "local")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ParseError(ParseReason.NO_TEXT)),
        (" \n\u200b\x00", ParseError(ParseReason.NO_TEXT)),
        ("--ar 1:1", ParseError(ParseReason.EMPTY_PROMPT)),
        ("--ar 1:1 \u200d", ParseError(ParseReason.EMPTY_PROMPT)),
        ("x --ar", ParseError(ParseReason.MISSING_VALUE, "ar")),
        ("x --aspect --seed 1", ParseError(ParseReason.MISSING_VALUE, "ar")),
        ('x --no ""', ParseError(ParseReason.MISSING_VALUE, "no")),
        ('x --neg "blurry', ParseError(ParseReason.UNCLOSED_QUOTE, "no")),
        ("x --no «blurry --seed 1", ParseError(ParseReason.UNCLOSED_QUOTE, "no")),
    ],
)
def test_refusals_about_the_form(text: str, expected: ParseError) -> None:
    assert error(text) == expected


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("styel", "style"),
        ("Sede", "seed"),
        ("ar16:9", "ar"),
        ("guidence", "guidance"),
        ("aspekt", "ar"),
        ("п", None),
        ("zzzz", None),
    ],
)
def test_an_unknown_option_names_the_nearest(typed: str, nearest: str | None) -> None:
    expected = ParseError(
        ParseReason.UNKNOWN_OPTION, option=typed, nearest=nearest, allowed=tuple(OPTION_NAMES)
    )
    assert error(f"x --{typed} 1") == expected
    assert error(f"x —{typed}") == expected


@pytest.mark.parametrize(
    ("option", "value", "reason", "nearest", "allowed"),
    [
        ("n", "99", ParseReason.OUT_OF_RANGE, "4", ("1", "4")),
        ("n", "0", ParseReason.OUT_OF_RANGE, "1", ("1", "4")),
        ("n", "-3", ParseReason.OUT_OF_RANGE, "1", ("1", "4")),
        ("n", "two", ParseReason.BAD_VALUE, None, ("1", "4")),
        ("n", "²½", ParseReason.BAD_VALUE, None, ("1", "4")),
        ("n", "9" * 5000, ParseReason.OUT_OF_RANGE, "4", ("1", "4")),
        ("ar", "5:1", ParseReason.OUT_OF_RANGE, "3:1", ("1:3", "3:1")),
        ("ar", "100x1000", ParseReason.OUT_OF_RANGE, "1:3", ("1:3", "3:1")),
        ("ar", "wide", ParseReason.BAD_VALUE, None, ("1:3", "3:1")),
        ("ar", "0:9", ParseReason.BAD_VALUE, None, ("1:3", "3:1")),
        ("ar", "9:0.0", ParseReason.BAD_VALUE, None, ("1:3", "3:1")),
        ("ar", "-16:9", ParseReason.BAD_VALUE, None, ("1:3", "3:1")),
        ("ar", "16", ParseReason.BAD_VALUE, None, ("1:3", "3:1")),
        ("guidance", "nan", ParseReason.BAD_VALUE, None, ("0", "100")),
        ("guidance", "1e3", ParseReason.BAD_VALUE, None, ("0", "100")),
        ("guidance", "-1", ParseReason.OUT_OF_RANGE, "0", ("0", "100")),
        ("strength", "1,1", ParseReason.OUT_OF_RANGE, "1", ("0", "1")),
        ("seed", "-2", ParseReason.OUT_OF_RANGE, "0", ("0", str(2**63 - 1))),
        ("seed", str(2**63), ParseReason.OUT_OF_RANGE, str(2**63 - 1), ("0", str(2**63 - 1))),
        ("steps", "0", ParseReason.OUT_OF_RANGE, "1", ("1", "99999")),
        ("style", "anmie", ParseReason.UNKNOWN_VALUE, "anime", tuple(sorted(STYLES))),
        ("style", "neon", ParseReason.UNKNOWN_VALUE, None, tuple(sorted(STYLES))),
        ("model", "kandinsky", ParseReason.UNKNOWN_VALUE, "kandinsky-2.2", MODELS),
        ("via", "replica", ParseReason.UNKNOWN_VALUE, "replicate", PROVIDERS),
        ("scheduler", "dimm", ParseReason.UNKNOWN_VALUE, "DDIM", SCHEDULERS),
        ("scheduler", "euler", ParseReason.UNKNOWN_VALUE, None, SCHEDULERS),
    ],
)
def test_a_wrong_value_names_what_is_allowed(
    option: str, value: str, reason: ParseReason, nearest: str | None, allowed: tuple[str, ...]
) -> None:
    refused = error(f"x --{option} {value}")

    assert (refused.reason, refused.option) == (reason, option)
    assert (refused.nearest, refused.allowed) == (nearest, allowed)
    assert refused.value == value or (len(refused.value) == 40 and refused.value.endswith("…"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("/imagine a fox", ("imagine", None, "a fox")),
        ("/Imagine@Some_Bot a fox", ("imagine", "Some_Bot", "a fox")),
        ("/imagine\na fox\nin snow", ("imagine", None, "a fox\nin snow")),
        ("/imagine@bot", ("imagine", "bot", "")),
        ("/imagine—ar 1:1 a fox", ("imagine", None, "—ar 1:1 a fox")),
        ("  /imagine", ("imagine", None, "")),
        ("a fox /imagine", ("", None, "a fox /imagine")),
        ("/ imagine", ("", None, "/ imagine")),
        ("", ("", None, "")),
    ],
)
def test_split_command(text: str, parts: tuple[str, str | None, str]) -> None:
    assert split_command(text) == parts


# What must hold for any text.

grammar_bits = st.sampled_from(
    [*"-—–\"“”'«=:x 1\n\x00\u202e\ud800\u200f", "--", "16:9", "anime", "a fox", *OPTION_NAMES]
)
messy_text = st.text(st.characters()) | st.lists(grammar_bits).map("".join)


@given(messy_text)
def test_never_raises(text: str) -> None:
    command = parse(text)

    if isinstance(command, ImagineCommand):
        assert command.wish.prompt.strip()
        command.wish.model_dump_json()  # what can't be stored was removed
    split_command(text)


@pytest.mark.parametrize(
    "text",
    [
        "a fox --mask",
        "--mask a fox",
        "a —mask fox",
        "a --MASK fox",
        "a fox --inpaint --mask",
        "--mask=a fox",
    ],
)
def test_a_flag_takes_no_word_of_the_prompt(text: str) -> None:
    assert parse(text) == ImagineCommand(Wish(prompt="a fox"), mask=True)


def test_a_flag_may_stand_before_another_option() -> None:
    command = parse("--depth --seed 7 a fox")

    assert command == ImagineCommand(Wish(prompt="a fox", seed=7), depth=True)


words = st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S"]), min_size=1)
plain_prompts = (
    st.lists(words, min_size=1)
    .map(" ".join)
    .filter(lambda text: any(c.isalnum() for c in text))
    .filter(lambda text: "-" not in text and not any("\u2013" <= c <= "\u2e3b" for c in text))
)


@given(plain_prompts)
def test_a_prompt_without_options_comes_back_as_itself(prompt: str) -> None:
    assert parse(prompt) == ImagineCommand(Wish(prompt=prompt))


def test_the_order_of_options_does_not_matter() -> None:
    pieces = ("a fox", "--ar 16:9", '--no "text\nlogo"', "—style anime", "–seed=3")

    assert len({render(parse(" ".join(order))) for order in permutations(pieces)}) == 1  # type: ignore[arg-type] - an error would fail here too


commands = st.builds(
    ImagineCommand,
    st.builds(
        Wish,
        prompt=plain_prompts,
        negative_prompt=st.just("") | plain_prompts.filter(lambda text: '"' not in text),
        aspect_ratio=st.sampled_from([None, (16, 9), (191, 100), (1, 3)]),
        style=st.none() | st.sampled_from(STYLES),
        seed=st.none() | st.integers(0, 2**63 - 1),
        num_images=st.integers(1, 4),
        num_inference_steps=st.none() | st.integers(1, 99_999),
        guidance_scale=st.none() | st.integers(0, 1_000_000).map(lambda number: number / 10_000),
        prior_num_inference_steps=st.none() | st.integers(1, 99_999),
        prior_guidance_scale=st.none() | st.integers(0, 10_000).map(lambda number: number / 10_000),
        scheduler=st.none() | st.sampled_from(SCHEDULERS),
        strength=st.none() | st.integers(0, 10_000).map(lambda number: number / 10_000),
    ),
    st.none() | st.sampled_from(MODELS),
    st.none() | st.sampled_from(PROVIDERS),
    st.none() | st.integers(0, 10_000).map(lambda number: number / 10_000),
    st.booleans(),
    st.booleans(),
)


@given(commands)
def test_a_rendered_command_reads_back_as_itself(command: ImagineCommand) -> None:
    assert parse(render(command)) == command


@given(messy_text)
def test_what_was_read_survives_rendering(text: str) -> None:
    command = parse(text)

    if isinstance(command, ImagineCommand):
        assert parse(render(command)) == command


decimals = st.decimals(1, 1000, places=3).map(str)


@given(decimals, decimals)
def test_a_decimal_ratio_survives_rendering(width: str, height: str) -> None:
    command = parse(f"x --ar {width}:{height}")

    if isinstance(command, ImagineCommand):
        assert parse(render(command)) == command
    else:
        assert command.reason is ParseReason.OUT_OF_RANGE


@pytest.mark.parametrize("negative", ['say "hi"', "“hi” now", "a “b” \"c\"", "it's"])  # fmt: skip
def test_rendering_quotes_what_holds_quotes(negative: str) -> None:
    command = ImagineCommand(Wish(prompt="a fox", negative_prompt=negative, size=(640, 480)))

    assert parse(render(command)) == command
