"""What goes over the pipes between the bot and the pipeline's process. Plain data, no torch.

A picture on order goes by its number; each that was sent over is answered once, by Made, Dropped
or Failed, or by the process's death.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.local.batch import Item
from providers.local.painter import PipelineFacts
from providers.types import GeneratedImage, Note


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw these in one call, in this order."""

    items: Mapping[int, Item]


@dataclass(frozen=True, slots=True)
class Drop:
    """Nobody wants these of the running batch any more."""

    numbers: frozenset[int]


ToProcess = Draw | Drop


@dataclass(frozen=True, slots=True)
class Loaded:
    facts: PipelineFacts


@dataclass(frozen=True, slots=True)
class LoadFailed:
    """The last message of a process. option: the part of the configuration that can't be right."""

    detail: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Stepped:
    """The running batch came a step further. previews: small JPEGs, by number."""

    fraction: float
    previews: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished picture; its bytes are in the handover folder, in a file of its number's name."""

    number: int
    picture: GeneratedImage
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Failed:
    """detail: a line for the log, without any part of a prompt.

    out_of_memory: fewer at once may do. refused: these parameters never will,
    and `fields` says which.
    """

    numbers: frozenset[int]
    detail: str
    out_of_memory: bool = False
    refused: bool = False
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Free:
    """The next batch may come; pictures of the last one may still be on their way."""

    facts: PipelineFacts


@dataclass(frozen=True, slots=True)
class LogLine:
    logger: str
    level: int
    text: str


FromProcess = Loaded | LoadFailed | Stepped | Made | Dropped | Failed | Free | LogLine
