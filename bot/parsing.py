"""`/imagine a fox --style anime --ar 16:9` -> ImagineCommand or ParseError; pure.

The grammar is told for people in `docs/commands.md`. Reading goes in three steps, each in its
own module: `lexing` cuts text into prompt and options, `options` reads each value, and here
the command is put together.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.commands.lexing import RawOption, clean, is_visible, scan
from bot.commands.options import (
    FLAGS,
    Choices,
    Fields,
    Reader,
    canonical_option,
    is_flag,
    readers,
    shorten,
)
from bot.commands.refusals import ParseError, ParseReason, Refused
from providers.types import Wish

__all__ = [
    "CommandParts",
    "ImagineCommand",
    "ParseError",
    "ParseReason",
    "parse_imagine",
    "render",
    "split_command",
]

_BESIDE_THE_WISH = ("model", "provider", "blend", *sorted(FLAGS))
_COMMAND = re.compile(r"\s*/(\w+)(?:@(\w+))?", re.ASCII)
_QUOTES = (
    ('"', '"', '"'),
    ("“", "”", "“”"),
    ("«", "»", "»"),
    ("「", "」", "」"),
)  # opens, closes, unfit


class CommandParts(NamedTuple):
    """A message cut after its command word: `command` is lower case, "" where there is none."""

    command: str
    bot_username: str | None
    rest: str


@dataclass(frozen=True, slots=True)
class ImagineCommand:
    """What was asked for, of whom, and what to do with the pictures that came along.

    model, provider: None where that is left to the bot.
    blend: how much the given pictures count against the words, 0 to 1; None: it wasn't said.
    mask: one of the given pictures shows where to paint. depth: only the picture's depth counts.
    """

    wish: Wish
    model: str | None = None
    provider: str | None = None
    blend: float | None = None
    mask: bool = False
    depth: bool = False


def split_command(text: str) -> CommandParts:
    """`/Imagine@some_bot a fox` -> ("imagine", "some_bot", "a fox")."""
    found = _COMMAND.match(text)
    if found is None:
        return CommandParts("", None, text.strip())
    return CommandParts(found[1].lower(), found[2], text[found.end() :].strip())


def parse_imagine(
    text: str,
    *,
    styles: Collection[str],
    models: Collection[str],
    providers: Collection[str],
    schedulers: Collection[str] = (),
) -> ImagineCommand | ParseError:
    """Read what follows the command word. Raises nothing, whatever the text.

    styles, models, ...: the names that can be chosen now; the answer uses their spelling.
    """
    try:
        return _parse(clean(text), Choices(styles, models, providers, schedulers))
    except Refused as refusal:
        return refusal.error


def _parse(text: str, choices: Choices) -> ImagineCommand:
    if not is_visible(text):
        raise Refused(ParseError(ParseReason.NO_TEXT))
    found = scan(text, is_flag)
    fields = _read(found.options, choices)
    if not is_visible(found.prompt):
        raise Refused(ParseError(ParseReason.EMPTY_PROMPT))
    beside = {name: fields.pop(name) for name in _BESIDE_THE_WISH if name in fields}
    return ImagineCommand(Wish(prompt=found.prompt, **fields), **beside)


def _read(options: tuple[RawOption, ...], choices: Choices) -> Fields:
    last = {canonical_option(option.name): option for option in options}
    reader = readers(choices)
    fields: Fields = {}
    for name, option in last.items():
        fields |= {name: True} if name in FLAGS else _read_value(name, option, reader[name])
    return fields


def _read_value(name: str, option: RawOption, reader: Reader) -> Fields:
    if not option.closed:
        raise Refused(ParseError(ParseReason.UNCLOSED_QUOTE, name))
    if not option.value:
        raise Refused(ParseError(ParseReason.MISSING_VALUE, name))
    try:
        return reader(option.value)
    except Refused as refusal:
        raise Refused(replace(refusal.error, option=name, value=shorten(option.value))) from None


def render(command: ImagineCommand) -> str:
    """The text that `parse_imagine` reads back as this command."""
    wish = command.wish
    options = {
        "ar": _sides(wish),
        "style": wish.style and _quoted(wish.style),
        "no": wish.negative_prompt and _quoted(wish.negative_prompt),
        "seed": wish.seed,
        "n": wish.num_images if wish.num_images > 1 else None,
        "steps": wish.num_inference_steps,
        "guidance": _decimal(wish.guidance_scale),
        "prior-steps": wish.prior_num_inference_steps,
        "prior-guidance": _decimal(wish.prior_guidance_scale),
        "scheduler": wish.scheduler and _quoted(wish.scheduler),
        "strength": _decimal(wish.strength),
        "blend": _decimal(command.blend),
        "model": command.model and _quoted(command.model),
        "via": command.provider and _quoted(command.provider),
    }
    given = (f"--{name} {value}" for name, value in options.items() if value not in (None, ""))
    flags = (f"--{name}" for name in sorted(FLAGS) if getattr(command, name))
    return " ".join([wish.prompt, *given, *flags])


def _sides(wish: Wish) -> str | None:
    if wish.size:
        return "{}x{}".format(*wish.size)
    return "{}:{}".format(*wish.aspect_ratio) if wish.aspect_ratio else None


def _decimal(number: float | None) -> str | None:
    return None if number is None else f"{number:.4f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    """The text as one value: bare where it is one plain word, else in quotes it doesn't hold."""
    if re.fullmatch(r"[\w.][\w.-]*", text):
        return text
    for opening, closing, unfit in _QUOTES:
        if not any(quote in text for quote in unfit):
            return opening + text + closing
    return '"' + text.replace('"', "'") + '"'
