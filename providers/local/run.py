"""One submission on its way through the pipeline."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from providers.errors import ProviderError
from providers.local.batch import Item
from providers.types import (
    GeneratedImage,
    GenerationRequest,
    GenerationResult,
    Note,
    Progress,
    ProgressCallback,
)

Outcome = GenerationResult | ProviderError


class Run:
    """A run ends once, by whatever comes first: its pictures, an error, a cancel, a deadline.

    It belongs to the event loop it was made in; `advance`, `add_picture` and `fail` are for other
    threads.
    """

    def __init__(self, request: GenerationRequest, seeds: tuple[int, ...]) -> None:
        self.items = tuple(Item(request, seed) for seed in seeds)
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.has_ended = False
        self.listener: ProgressCallback | None = None
        self._fraction = 0.0
        self._fractions = [0.0] * len(seeds)
        self._pictures: dict[int, GeneratedImage] = {}
        self._notes: dict[Note, None] = {}

    def listen(self, listener: ProgressCallback | None) -> None:
        """Tell `listener`, from now on, how far the run is."""
        self.listener = listener
        if listener is not None and self._fraction:
            listener(Progress(self._fraction))

    def finish(self, outcome: Outcome) -> None:
        self.has_ended = True
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    def advance(self, fractions: Mapping[int, float], preview: bytes | None) -> None:
        """How far the pictures at these positions are, each from 0.0 to 1.0."""
        self._on_loop(lambda: self._advance(fractions, preview))

    def add_picture(self, position: int, picture: GeneratedImage, notes: tuple[Note, ...]) -> None:
        """The last one ends the run."""
        self._on_loop(lambda: self._add_picture(position, picture, notes))

    def fail(self, error: ProviderError) -> None:
        self.has_ended = True  # at once: no other picture of it is begun
        self._on_loop(lambda: self.finish(error))

    def _add_picture(self, position: int, picture: GeneratedImage, notes: tuple[Note, ...]) -> None:
        self._pictures[position] = picture
        self._notes |= dict.fromkeys(notes)
        if len(self._pictures) < len(self.items):
            self._advance({position: 1.0}, None)
        else:
            pictures = tuple(self._pictures[p] for p in range(len(self.items)))
            self.finish(GenerationResult(pictures, tuple(self._notes)))

    def _advance(self, fractions: Mapping[int, float], preview: bytes | None) -> None:
        """A picture that is begun anew, after a crash, takes nothing back from what was told."""
        for position, fraction in fractions.items():
            self._fractions[position] = fraction
        before = self._fraction
        self._fraction = max(before, sum(self._fractions) / len(self._fractions))
        is_news = self._fraction > before or preview is not None
        if is_news and self.listener is not None and not self.outcome.done():
            self.listener(Progress(self._fraction, preview))

    def _on_loop(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self.outcome.get_loop().call_soon_threadsafe(call)
