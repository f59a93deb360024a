import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from providers.catalog import Offer
from providers.clock import Clock
from providers.local.config import PipelineConfig
from providers.local.diffusers_painter import DiffusersPainter, load_painter
from providers.local.provider import LocalProvider
from providers.local.supervisor import Upkeep
from providers.types import GeneratedImage, GenerationRequest, Progress, Ticket

NEVER = 1e9


class HandClock:
    """Time stands still until a test moves it."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.elapsed + seconds, woken))
        await woken

    def advance(self, seconds: float) -> None:
        self.elapsed += seconds
        for due, woken in self._sleepers:
            if due <= self.elapsed and not woken.done():
                woken.set_result(None)


@dataclass
class Watcher:
    """A progress callback that remembers, and lets a test wait for the first news."""

    fractions: list[float] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, progress: Progress) -> None:
        self.fractions.append(progress.fraction)
        self.begun.set()

    async def begins(self) -> None:
        async with asyncio.timeout(30):
            await self.begun.wait()


@dataclass
class Studio:
    """A local provider over the tiny checkpoint, and short words to use it."""

    provider: LocalProvider
    clock: HandClock
    offer: Offer

    async def submit(self, prompt: str = "a cat", **wishes: object) -> Ticket:
        request = request_for(prompt, **wishes)
        return await self.provider.submit(request, self.offer, deadline=NEVER)

    async def draw(
        self,
        prompt: str = "a cat",
        on_progress: Callable[[Progress], None] = lambda _: None,
        **wishes: object,
    ) -> tuple[GeneratedImage, ...]:
        ticket = await self.submit(prompt, **wishes)
        result = await self.provider.wait(ticket, deadline=NEVER, on_progress=on_progress)
        return result.images


def request_for(prompt: str = "a cat", **wishes: object) -> GenerationRequest:
    return GenerationRequest.model_validate(
        {"width": 512, "height": 512, "seed": 1, "num_inference_steps": 2}
        | {"prior_num_inference_steps": 2, "prompt": prompt}
        | wishes
    )


def opened(image: GeneratedImage) -> Image.Image:
    return Image.open(BytesIO(image.data))


def local_provider(cache_dir: Path, clock: Clock, **changes: Any) -> LocalProvider:
    """Over the demo checkpoint; it doesn't stand back for the other tests."""
    values: dict[str, Any] = {"model": "demo", "device": "cpu"} | changes
    return LocalProvider(
        PipelineConfig(cache_dir=cache_dir, **values),
        clock=clock,
        load=load_unmeasured,
        upkeep=Upkeep(niceness=0),
    )


def load_unmeasured(config: PipelineConfig, *, measure: bool) -> DiffusersPainter:
    """What a busy machine measures is nothing to build tests on, and takes it seconds."""
    return load_painter(config, measure=False)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One loaded provider for all tests: loading takes seconds, drawing a fraction of one."""
    pytest.importorskip("torch")
    clock = HandClock()
    provider = local_provider(tmp_path_factory.mktemp("local"), clock)
    (offer,) = asyncio.run(provider.offers())
    asyncio.run(provider.start())
    yield Studio(provider, clock, offer)
    asyncio.run(provider.aclose())
