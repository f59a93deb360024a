"""What draws in the pipeline's process: a diffusers pipeline or, in tests, something lighter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from providers.catalog import Offer
from providers.local.batch import Drawn, Item, Watcher
from providers.local.config import PipelineConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineFacts:
    """What is known of a pipeline once it is loaded.

    offload: `none`, `model` or `sequential`, where memory is short.
    at_once: pictures in one call that this machine draws fastest.
    peak_memory: bytes, of the accelerator or else of the process; 0 where nobody counts.
    checks_pictures: whether something looks at the finished pictures.
    offer: what it can do, None where that is no more than its checkpoint tells.
    """

    model: str
    device: str
    dtype: str
    offload: str = "none"
    at_once: int = 1
    peak_memory: int = 0
    checks_pictures: bool = False
    offer: Offer | None = None
    process_id: int


class Painter(Protocol):
    @property
    def facts(self) -> PipelineFacts: ...

    def draw(self, items: Sequence[Item], watcher: Watcher) -> list[Drawn | None]:
        """One picture an item, None where it was dropped; the items share their `batch_key`.

        Raises Stopped where all were dropped, and whatever the pipeline does.
        """
        ...


class PainterLoader(Protocol):
    """A function of a module: the pipeline's process imports it anew."""

    def __call__(self, config: PipelineConfig, *, measure: bool) -> Painter:
        """Load the model, and measure how many pictures to draw at once unless told not to.

        Raises Unavailable, its detail one line for the owner.
        """
        ...
