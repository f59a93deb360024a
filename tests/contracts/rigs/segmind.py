"""Segmind's adapter over its fake on loopback, once for each surface of the service."""

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
from providers.http import HttpClient
from providers.segmind import SegmindProvider
from providers.types import GenerationRequest
from tests.contracts.rigs.http import ALWAYS, Call, HttpRig
from tests.fakes import faults
from tests.fakes.faults import answer
from tests.fakes.segmind import KEY, FakeSegmind, Plan


class SegmindRig(HttpRig):
    """v1: the answer to the submission is the picture."""

    synchronous = True
    cancels = False
    shows_progress = False
    slugs: ClassVar[dict[str, str]] = {}

    routes: ClassVar = {Call.SUBMIT: "draw", Call.PROBE: "credits"}
    refusals: ClassVar = {
        InvalidRequest: answer(400, {"error": "Invalid parameters: samples"}),
        Unauthorized: answer(401, {"error": "Unauthorized"}),
        OutOfCredit: answer(406, {"error": "Insufficient credits"}),
        RateLimited: answer(429, {"error": "no"}, x_rate_limit_reset_at_utc="2999-01-01T00:00:00Z"),
        ServiceGone: answer(410, {"error": "retired"}),
        Unavailable: answer(503, {"error": "overloaded"}),
    }

    def __init__(self, stack: AsyncExitStack) -> None:
        self._service = FakeSegmind(Plan(file_format="png"))
        super().__init__(stack, self._service, secrets=(KEY,))

    def connect(self, base_url: str, http: HttpClient) -> ImageProvider:
        return SegmindProvider(
            KEY, base_url=base_url, slugs=self.slugs, http=http, clock=self.clock
        )

    def request(self) -> GenerationRequest:
        return GenerationRequest(prompt="a fox", width=768, height=1024, num_images=2, seed=5)

    def will_hang(self) -> None:
        self.will_meet(Call.SUBMIT, faults.hang(self._service.released))

    def will_fail(self) -> None:
        self._service.plan = Plan(status="FAILED", error="Something went wrong")

    def will_censor(self) -> None:
        self._service.plan = Plan(status="FAILED", error="NSFW content detected")

    def will_lose_the_picture(self) -> None:
        self._service.plan = Plan(shape="addresses")
        self._service.fault("picture", answer(404), times=ALWAYS)

    def will_send_as_picture(self, data: bytes) -> None:
        self.will_meet(Call.SUBMIT, answer(200, data, content_type="image/png"), times=ALWAYS)

    def submissions_made(self) -> int:
        return len(self._service.jobs)


class SegmindV2Rig(SegmindRig):
    """v2: a receipt, then its status, then the address of the picture."""

    synchronous = False
    tells_seed = False
    slugs: ClassVar[dict[str, str]] = {"kandinsky-2.2": "v2/kandinsky2.2-txt2img"}
    routes: ClassVar = {
        Call.SUBMIT: "submit",
        Call.FOLLOW: "status",
        Call.PICTURE: "picture",
        Call.PROBE: "credits",
    }

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_send_as_picture(self, data: bytes) -> None:
        HttpRig.will_send_as_picture(self, data)
