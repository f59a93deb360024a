"""The adapter of OpenAI-compatible endpoints over its fake on loopback."""

from contextlib import AsyncExitStack
from typing import ClassVar

from providers.base import ImageProvider
from providers.errors import (
    Censored,
    GenerationFailed,
    InvalidRequest,
    OutOfCredit,
    RateLimited,
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.http import HttpClient
from providers.openai_compatible import OpenAICompatibleProvider
from providers.types import GenerationRequest
from tests.contracts.rigs.base import a_request
from tests.contracts.rigs.http import ALWAYS, Call, HttpRig
from tests.fakes import faults
from tests.fakes.faults import Fault, answer
from tests.fakes.openai_images import KEY, FakeOpenAI, Plan


def refused(status: int, code: str, **headers: str) -> Fault:
    told = {"message": "no", "type": "invalid_request_error", "param": None, "code": code}
    return answer(status, {"error": told}, **headers)


class OpenAIRig(HttpRig):
    """OpenAI's own: pictures inside the answer."""

    synchronous = True
    cancels = False
    shows_progress = False
    endings = (GenerationFailed, Censored)
    model: ClassVar = "gpt-image-1.5"
    key: ClassVar[str | None] = KEY

    routes: ClassVar = {Call.SUBMIT: "generate", Call.PROBE: "models"}
    refusals: ClassVar = {
        InvalidRequest: refused(400, "invalid_value"),
        Unauthorized: refused(401, "invalid_api_key"),
        OutOfCredit: refused(429, "insufficient_quota"),
        RateLimited: refused(429, "rate_limit_exceeded", retry_after="45"),
        ServiceGone: refused(404, "model_not_found"),
        Unavailable: refused(503, "engine_overloaded"),
    }

    def __init__(self, stack: AsyncExitStack) -> None:
        self._service = FakeOpenAI(key=self.key, models=(self.model,))
        super().__init__(stack, self._service, secrets=(KEY,))

    def connect(self, base_url: str, http: HttpClient) -> ImageProvider:
        return OpenAICompatibleProvider(
            self.key, base_url=base_url, model=self.model, http=http, clock=self.clock
        )

    def request(self) -> GenerationRequest:
        return a_request().model_copy(update={"width": 1024, "height": 1536})

    def will_hang(self) -> None:
        self.will_meet(Call.SUBMIT, faults.hang(self._service.released))

    def will_fail(self) -> None:
        self._service.plan = Plan(refusal=(500, {"message": "Sorry", "type": "server_error"}))

    def will_censor(self) -> None:
        details = {"moderation_stage": "output", "categories": ["violence"]}
        told = {"code": "moderation_blocked", "message": "no", "moderation_details": details}
        self._service.plan = Plan(refusal=(400, told))

    def will_send_as_picture(self, data: bytes) -> None:
        self._service.plan = Plan(picture=data)

    def submissions_made(self) -> int:
        return self._service.made


class OpenAIUrlsRig(OpenAIRig):
    """A server of one's own, without a key: its pictures are files to be fetched."""

    endings = (GenerationFailed, Censored, ResultLost)
    model: ClassVar = "stablediffusion"
    key: ClassVar[str | None] = None
    routes: ClassVar = {**OpenAIRig.routes, Call.PICTURE: "picture"}

    def __init__(self, stack: AsyncExitStack) -> None:
        super().__init__(stack)
        self._service.plan = Plan(urls=True)

    def request(self) -> GenerationRequest:
        return a_request().model_copy(update={"width": 512, "height": 512, "num_images": 1})

    def will_lose_the_picture(self) -> None:
        self.will_meet(Call.PICTURE, answer(404), times=ALWAYS)

    def will_send_as_picture(self, data: bytes) -> None:
        HttpRig.will_send_as_picture(self, data)
