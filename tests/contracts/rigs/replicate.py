"""Replicate's adapter over its fake on loopback."""

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
from providers.replicate import ReplicateProvider
from tests.contracts.rigs.http import Call, HttpRig
from tests.fakes.faults import answer
from tests.fakes.replicate import TOKEN, FakeReplicate, Plan


class ReplicateRig(HttpRig):
    reconciles = True
    routes: ClassVar = {
        Call.SUBMIT: "create",
        Call.FOLLOW: "get",
        Call.PICTURE: "picture",
        Call.PROBE: "account",
    }
    refusals: ClassVar = {
        InvalidRequest: answer(422, {"title": "Input validation failed"}),
        Unauthorized: answer(401, {"title": "Unauthenticated"}),
        OutOfCredit: answer(402, {"title": "Insufficient credit"}),
        RateLimited: answer(429, {"detail": "Your rate limit resets in ~45s."}),
        ServiceGone: answer(422, {"title": "Invalid version or not permitted"}),
        Unavailable: answer(503, {"detail": "at capacity"}),
    }

    def __init__(self, stack: AsyncExitStack) -> None:
        self._service = FakeReplicate()
        super().__init__(stack, self._service, secrets=(TOKEN,))

    def connect(self, base_url: str, http: HttpClient) -> ImageProvider:
        return ReplicateProvider(TOKEN, base_url=base_url, http=http, clock=self.clock)

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_fail(self) -> None:
        self._service.plan = Plan(status="failed", error="Director: unexpected (E8765)")

    def will_censor(self) -> None:
        self._service.plan = Plan(status="failed", error="NSFW content detected. Try again.")

    def will_lose_the_picture(self) -> None:
        self._service.plan = Plan(ended={"output": None, "data_removed": True})

    def submissions_made(self) -> int:
        return len(self._service.predictions)
