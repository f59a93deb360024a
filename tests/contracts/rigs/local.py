"""The local pipeline with a painter that needs no torch."""

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.local.config import PipelineConfig
from providers.local.provider import LocalProvider
from providers.local.supervisor import Upkeep
from providers.types import GenerationRequest
from tests.contracts.rigs.base import Traits, a_request
from tests.fakes.painter import load_painter


class LocalRig:
    """The whole way into the pipeline's process and back, with a painter that needs no torch."""

    traits = Traits()

    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._stack = stack
        self._prompt = "a fox"
        self._providers: list[LocalProvider] = []

    async def provider(self) -> ImageProvider:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        provider = LocalProvider(
            PipelineConfig(model="demo", cache_dir=folder),
            clock=self.clock,
            load=load_painter,
            upkeep=Upkeep(niceness=0),
        )
        self._stack.push_async_callback(provider.aclose)
        self._providers.append(provider)
        await provider.start()
        return provider

    def request(self) -> GenerationRequest:
        return a_request().model_copy(update={"prompt": self._prompt})

    def will_hang(self) -> None:
        self._prompt = "hang"

    def submissions_made(self) -> int:
        return sum(len(provider._runs) for provider in self._providers)
