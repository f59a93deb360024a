"""Segmind's adapter over its fake on loopback, once for each surface of the service."""

from contextlib import AsyncExitStack
from typing import ClassVar

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.http import HttpClient
from providers.segmind import SegmindProvider
from providers.types import GenerationRequest
from tests.contracts.rigs.base import Traits
from tests.fakes import faults
from tests.fakes.segmind import FakeSegmind, Plan


class SegmindRig:
    """v1: the answer to the submission is the picture."""

    traits = Traits(cancels=False, tells_progress=False)
    slugs: ClassVar[dict[str, str]] = {}
    route = "draw"

    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._stack = stack
        self._service = FakeSegmind(Plan(file_format="png"))
        self._address: str | None = None

    async def provider(self) -> ImageProvider:
        if self._service.port == 0:
            await self._stack.enter_async_context(self._service)
        provider = SegmindProvider(
            self._service.key,
            base_url=self._address or self._service.base_url,
            slugs=self.slugs,
            http=HttpClient(self.clock),
            clock=self.clock,
        )
        self._stack.push_async_callback(provider.aclose)
        return provider

    def request(self) -> GenerationRequest:
        return GenerationRequest(prompt="a fox", width=768, height=1024, num_images=2, seed=5)

    def will_hang(self) -> None:
        self._service.fault(self.route, faults.hang(self._service.released))

    def will_fail(self) -> None:
        self._service.plan = Plan(status="FAILED", error="Something went wrong")

    def will_censor(self) -> None:
        self._service.plan = Plan(status="FAILED", error="NSFW content detected")

    def will_lose_the_picture(self) -> None:
        self._service.plan = Plan(shape="addresses")
        self._service.fault("picture", faults.answer(404), times=2)

    def will_garble(self) -> None:
        self._service.fault(self.route, faults.answer(200, b'{"images": ["iVBOR'), times=99)

    def will_refuse_connections(self) -> None:
        self._address = "http://127.0.0.1:1"

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._service.fault(self.route, faults.reset_after if accepted else faults.reset_before)

    async def until_asked(self) -> None:
        await self._service.until(self.route)

    def submissions_made(self) -> int:
        return len(self._service.jobs)

    def attempts_seen(self) -> int:
        return self._service.count(self.route)


class SegmindV2Rig(SegmindRig):
    """v2: a receipt, then its status, then the address of the picture."""

    traits = Traits(cancels=False, tells_progress=False, tells_seed=False)
    slugs: ClassVar[dict[str, str]] = {"kandinsky-2.2": "v2/kandinsky2.2-txt2img"}
    route = "submit"

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_garble(self) -> None:
        self._service.fault("status", faults.answer(200, b'{"status": "COMP'), times=99)
