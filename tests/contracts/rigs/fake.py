"""The scripted provider of `providers/testing.py`, told what to do."""

from contextlib import AsyncExitStack

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.errors import (
    BadAnswer,
    GenerationFailed,
    InvalidRequest,
    NotAccepted,
    OutOfCredit,
    RateLimited,
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.testing import (
    Behaviour,
    FakeProvider,
    Submission,
    censor_picture,
    fail,
    hang,
    lose_answer,
    refuse,
    succeed,
)
from tests.contracts.rigs.base import RemoteRig


class FakeRig(RemoteRig):
    refusals = (InvalidRequest, Unauthorized, OutOfCredit, RateLimited, ServiceGone, Unavailable)

    def __init__(self, _stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._always = succeed()
        self._once: Behaviour | None = None
        self._accepted: dict[str, Submission] = {}

    async def provider(self) -> ImageProvider:
        self._provider = FakeProvider(
            lambda _request: self._next(), clock=self.clock, accepted=self._accepted
        )
        return self._provider

    def will_refuse(self, kind: type[NotAccepted]) -> None:
        self._once = refuse(kind("fake"))

    def will_hang(self) -> None:
        self._always = hang()

    def will_fail(self) -> None:
        self._always = fail(GenerationFailed("fake"))

    def will_censor(self) -> None:
        self._always = censor_picture("nsfw")

    def will_lose_the_picture(self) -> None:
        self._always = fail(ResultLost("fake"))

    def will_garble(self) -> None:
        self._always = fail(BadAnswer("fake"))

    def will_refuse_connections(self) -> None:
        self._always = refuse(Unavailable("fake"))

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._once = lose_answer(accepted=accepted)

    def submissions_made(self) -> int:
        return len(self._accepted)

    def attempts_seen(self) -> int:
        return len(self._provider.requests)

    def _next(self) -> Behaviour:
        behaviour, self._once = self._once or self._always, None
        return behaviour
