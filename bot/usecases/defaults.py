"""What is drawn where the words don't say: the chat's choices, then the person's. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.parsing import ImagineCommand
from providers.types import Mode

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Defaults:
    """None: no preference. ratio: width and height, as in `--ar 16:9`."""

    style: str | None = None
    ratio: tuple[int, int] | None = None
    model: str | None = None


def with_defaults(
    command: ImagineCommand,
    *defaults: Defaults,
    mode: Mode = Mode.TEXT_TO_IMAGE,
    models: Collection[str],
    styles: Collection[str],
) -> ImagineCommand:
    """What the command leaves open, filled from `defaults`; of these the first that says so.

    models, styles: what can be chosen now, for this `mode`: a choice of long ago never makes a
    request fail. A picture that came along keeps its own shape, and --via its own models.
    """
    wish = command.wish
    ratio = wish.aspect_ratio
    if ratio is None and wish.size is None and mode is Mode.TEXT_TO_IMAGE:
        ratio = _first(each.ratio for each in defaults)
    style = wish.style or _first(each.style for each in defaults if each.style in styles)
    model = command.model
    if model is None and command.provider is None:
        model = _first(each.model for each in defaults if each.model in models)
    return replace(
        command,
        wish=wish.model_copy(update={"aspect_ratio": ratio, "style": style}),
        model=model,
    )


def _first(values: Iterable[Value | None]) -> Value | None:
    return next((value for value in values if value is not None), None)
