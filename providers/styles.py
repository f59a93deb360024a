"""The styles the bot knows by name, and their words for services that have no styles of their own."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """A look.

    name: what people type and jobs store.
    title: what buttons show.
    suffix: English words put after the prompt where a service doesn't know the style; empty
        adds nothing. English, because the models' text encoders were trained on it.
    aliases: other spellings, as `style_key()` makes them.
    """

    name: str
    title: str
    suffix: str
    aliases: tuple[str, ...] = ()


STYLES = (
    Style("default", "Default", "", ("none", "nostyle", "auto")),
    Style(
        "kandinsky",
        "Kandinsky",
        "painting in the style of Wassily Kandinsky, abstract geometric shapes, vivid colors",
        ("wassilykandinsky",),
    ),
    Style(
        "uhd",
        "Ultra HD",
        "ultra high definition, highly detailed, sharp focus",
        ("hd", "4k", "8k", "ultrahd", "detailed"),
    ),
    Style("anime", "Anime", "anime style, clean line art, cel shading", ("manga",)),
    Style(
        "photo",
        "Photo",
        "photograph, natural light, realistic, high detail",
        ("photograph", "photography", "photorealistic", "photoreal", "realistic", "realism"),
    ),
    Style("pixel-art", "Pixel art", "pixel art, 16-bit, limited palette", ("pixel", "pixels")),
    Style(
        "pencil-sketch",
        "Pencil sketch",
        "pencil sketch on paper, hatching, monochrome",
        ("pencil", "sketch", "pencildrawing"),
    ),
    Style(
        "watercolor",
        "Watercolor",
        "watercolor painting, soft washes, paper texture",
        ("watercolour", "aquarelle"),
    ),
    Style("neon", "Neon", "glowing neon lights, dark background, vivid colors", ("neonlight",)),
)


def style_key(name: str) -> str:
    """What spellings of one name share: `Pixel-Art`, `pixel art` and `PIXELART` are one."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


_BY_KEY = {key: style for style in STYLES for key in (style_key(style.name), *style.aliases)}


def find_style(name: str) -> Style | None:
    """The style of this name or alias, however it is spelled."""
    return _BY_KEY.get(style_key(name))
