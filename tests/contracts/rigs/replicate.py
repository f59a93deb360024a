"""Replicate's adapter over its fake on loopback."""

from contextlib import AsyncExitStack

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.http import HttpClient
from providers.replicate import ReplicateProvider
from providers.types import GenerationRequest
from tests.contracts.rigs.base import Traits, a_request
from tests.fakes import faults
from tests.fakes.replicate import FakeReplicate, Plan


class ReplicateRig:
    traits = Traits()

    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._stack = stack
        self._service = FakeReplicate()
        self._address: str | None = None

    async def provider(self) -> ImageProvider:
        if self._service.port == 0:
            await self._stack.enter_async_context(self._service)
        provider = ReplicateProvider(
            self._service.token,
            base_url=self._address or self._service.base_url,
            http=HttpClient(self.clock),
            clock=self.clock,
        )
        self._stack.push_async_callback(provider.aclose)
        return provider

    def request(self) -> GenerationRequest:
        return a_request()

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_fail(self) -> None:
        self._service.plan = Plan(status="failed", error="Director: unexpected (E8765)")

    def will_censor(self) -> None:
        self._service.plan = Plan(status="failed", error="NSFW content detected. Try again.")

    def will_lose_the_picture(self) -> None:
        self._service.plan = Plan(ended={"output": None, "data_removed": True})

    def will_garble(self) -> None:
        self._service.fault("get", faults.answer(200, b'{"id": "x", "sta'), times=99)

    def will_refuse_connections(self) -> None:
        self._address = "http://127.0.0.1:1/v1"

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._service.fault("create", faults.reset_after if accepted else faults.reset_before)

    def submissions_made(self) -> int:
        return len(self._service.predictions)

    def attempts_seen(self) -> int:
        return self._service.count("create")
