"""FusionBrain's adapter over its fake on loopback: one JPEG a call, and no word of its seed."""

import base64
from contextlib import AsyncExitStack
from typing import ClassVar

from providers.base import ImageProvider
from providers.errors import (
    InvalidRequest,
    OutOfCredit,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.fusionbrain import FusionBrainProvider
from providers.http import HttpClient
from providers.types import GenerationRequest
from tests.contracts.rigs.base import a_request
from tests.contracts.rigs.http import Call, HttpRig
from tests.fakes import faults
from tests.fakes.fusionbrain import KEYS, FakeFusionBrain, Plan


class FusionBrainRig(HttpRig):
    """Its `cancel` ends the wait alone: the service knows nothing of it."""

    routes: ClassVar = {Call.SUBMIT: "run", Call.FOLLOW: "status", Call.PROBE: "list"}
    refusals: ClassVar = {
        InvalidRequest: faults.answer(400, {"message": "too long"}),
        Unauthorized: faults.answer(401, {"message": "Unauthorized"}),
        OutOfCredit: faults.answer(402),
        RateLimited: faults.answer(429, {}, Retry_After="45"),
        ServiceGone: faults.answer(404, {"message": "Not Found"}),
        Unavailable: faults.answer(201, {"model_status": "DISABLED_BY_QUEUE"}),
    }

    def __init__(self, stack: AsyncExitStack) -> None:
        self._service = FakeFusionBrain()
        super().__init__(stack, self._service, secrets=KEYS)

    def connect(self, base_url: str, http: HttpClient) -> ImageProvider:
        return FusionBrainProvider(
            *KEYS,
            base_url=base_url,
            styles_url=self._service.styles_url,
            http=http,
            clock=self.clock,
        )

    def request(self) -> GenerationRequest:
        return a_request().model_copy(update={"num_images": 1})

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_fail(self) -> None:
        self._service.plan = Plan(status="FAIL", ended={"errorDescription": "string"})

    def will_censor(self) -> None:
        self._service.plan = Plan(censored=True)

    def will_lose_the_picture(self) -> None:
        """The one answer that had it never arrives."""
        self._service.plan = Plan(gets=1)
        self.will_meet(Call.FOLLOW, faults.reset_after)

    def will_send_as_picture(self, data: bytes) -> None:
        self._service.plan = Plan(files=(base64.b64encode(data).decode(),))

    def submissions_made(self) -> int:
        return len(self._service.made)
