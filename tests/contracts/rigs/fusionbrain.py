"""FusionBrain's adapter over its fake on loopback: one JPEG a call, and no word of its seed."""

from contextlib import AsyncExitStack

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.fusionbrain import FusionBrainProvider
from providers.http import HttpClient
from providers.types import GenerationRequest
from tests.contracts.rigs.base import a_request
from tests.fakes import faults
from tests.fakes.fusionbrain import KEYS, FakeFusionBrain, Plan


class FusionBrainRig:
    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._stack = stack
        self._service = FakeFusionBrain()
        self._address: str | None = None

    async def provider(self) -> ImageProvider:
        if self._service.port == 0:
            await self._stack.enter_async_context(self._service)
        provider = FusionBrainProvider(
            *KEYS,
            base_url=self._address or self._service.base_url,
            styles_url=self._service.styles_url,
            http=HttpClient(self.clock),
            clock=self.clock,
        )
        self._stack.push_async_callback(provider.aclose)
        return provider

    def request(self) -> GenerationRequest:
        changes = {"num_images": 1, "seed": None, "output_format": "jpeg"}
        return a_request().model_copy(update=changes)

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_fail(self) -> None:
        self._service.plan = Plan(status="FAIL", ended={"errorDescription": "string"})

    def will_censor(self) -> None:
        self._service.plan = Plan(censored=True)

    def will_lose_the_picture(self) -> None:
        self._service.fault("status", faults.reset_after)
        self._service.plan = Plan(gets=1)

    def will_garble(self) -> None:
        self._service.fault("status", faults.answer(200, b'{"uuid": "x", "sta'), times=99)

    def will_refuse_connections(self) -> None:
        self._address = "http://127.0.0.1:1"

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._service.fault("run", faults.reset_after if accepted else faults.reset_before)

    def submissions_made(self) -> int:
        return len(self._service.made)

    def attempts_seen(self) -> int:
        return self._service.count("run")
