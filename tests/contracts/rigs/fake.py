"""The scripted provider of `providers/testing.py`, told what to do."""

from contextlib import AsyncExitStack

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.errors import BadAnswer, GenerationFailed, ResultLost, Unavailable
from providers.testing import (
    FakeProvider,
    Submission,
    censor_picture,
    fail,
    hang,
    lose_answer,
    refuse,
    succeed,
)
from providers.types import GenerationRequest
from tests.contracts.rigs.base import Traits, a_request


class FakeRig:
    traits = Traits()

    def __init__(self, _stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._script = [succeed()]
        self._accepted: dict[str, Submission] = {}

    async def provider(self) -> ImageProvider:
        self._provider = FakeProvider(
            lambda _request: self._script[-1], clock=self.clock, accepted=self._accepted
        )
        return self._provider

    def request(self) -> GenerationRequest:
        return a_request()

    def will_hang(self) -> None:
        self._script.append(hang())

    def will_fail(self) -> None:
        self._script.append(fail(GenerationFailed("fake")))

    def will_censor(self) -> None:
        self._script.append(censor_picture("nsfw"))

    def will_lose_the_picture(self) -> None:
        self._script.append(fail(ResultLost("fake")))

    def will_garble(self) -> None:
        self._script.append(fail(BadAnswer("fake")))

    def will_refuse_connections(self) -> None:
        self._script.append(refuse(Unavailable("fake")))

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._script.append(lose_answer(accepted=accepted))

    def submissions_made(self) -> int:
        return len(self._accepted)

    def attempts_seen(self) -> int:
        return len(self._provider.requests)
