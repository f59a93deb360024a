"""Nebula Block's adapter over its fake on loopback."""

from contextlib import AsyncExitStack
from typing import ClassVar

from providers.base import ImageProvider
from providers.errors import (
    Censored,
    GenerationFailed,
    InvalidRequest,
    OutOfCredit,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.http import HttpClient
from providers.nebula import NebulaProvider
from providers.types import GenerationRequest
from tests.contracts.rigs.base import a_request
from tests.contracts.rigs.http import Call, HttpRig
from tests.fakes import faults
from tests.fakes.faults import answer
from tests.fakes.nebula import KEY, FakeNebula, Plan


class NebulaRig(HttpRig):
    synchronous = True
    cancels = False
    shows_progress = False
    endings = (GenerationFailed, Censored)

    routes: ClassVar = {Call.SUBMIT: "generate", Call.PROBE: "models"}
    refusals: ClassVar = {
        InvalidRequest: answer(422, {"status": "failed", "message": "no"}),
        Unauthorized: answer(401, {"status": "failed", "message": "no"}),
        OutOfCredit: answer(200, {"status": "failed", "message": "Insufficient credits"}),
        RateLimited: answer(429, {"status": "failed"}, retry_after="45"),
        ServiceGone: answer(404, {"status": "failed", "message": "no"}),
        Unavailable: answer(503, {"status": "error", "message": "Service overloaded"}),
    }

    def __init__(self, stack: AsyncExitStack) -> None:
        self._service = FakeNebula()
        super().__init__(stack, self._service, secrets=(KEY,))

    def connect(self, base_url: str, http: HttpClient) -> ImageProvider:
        return NebulaProvider(KEY, base_url=base_url, http=http, clock=self.clock)

    def request(self) -> GenerationRequest:
        return a_request().model_copy(update={"num_images": 1})

    def will_hang(self) -> None:
        self.will_meet(Call.SUBMIT, faults.hang(self._service.released))

    def will_fail(self) -> None:
        self._service.plan = Plan(failure="Something went wrong")

    def will_censor(self) -> None:
        self._service.plan = Plan(failure="The generated image was flagged as NSFW")

    def will_send_as_picture(self, data: bytes) -> None:
        self._service.plan = Plan(picture=data)

    def submissions_made(self) -> int:
        return self._service.made
