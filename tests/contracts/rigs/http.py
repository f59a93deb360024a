"""What every service behind HTTP has in common: a fake on loopback, and wires that break."""

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import AsyncExitStack
from enum import StrEnum
from typing import ClassVar

from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from providers.errors import NotAccepted
from providers.http import HttpClient
from tests.contracts.rigs.base import RemoteRig
from tests.fakes import faults
from tests.fakes.faults import Fault
from tests.fakes.server import FakeService

ALWAYS = 99
"""Times; more than any adapter asks again."""

NOWHERE = "http://127.0.0.1:1"


class Call(StrEnum):
    """What an adapter asks a service for."""

    SUBMIT = "submit"  # to accept a request; what is paid for
    FOLLOW = "follow"  # how an accepted one does; a synchronous service has no such call
    PICTURE = "picture"  # for a finished picture's bytes; none where they come in another answer
    PROBE = "probe"  # how it does, with the key; only where the adapter is Probing


class HttpRig(RemoteRig):
    """A rig of one writes `routes`, `refusals`, `connect`, what is missing of `will_*`, and
    `submissions_made`.

    routes: the name under which the fake service handles each call there is.
    refusals: the answer to a submission that means this error. A 429's must ask for a wait that
        is too long for a retry (`Retry-After: 45`), so that it comes through.
    secrets: what must never be seen in a log or an error, keys of all kinds.
    """

    routes: ClassVar[Mapping[Call, str]]
    refusals: ClassVar[Mapping[type[NotAccepted], Fault]]

    def __init__(
        self, stack: AsyncExitStack, service: FakeService, *, secrets: tuple[str, ...]
    ) -> None:
        self.clock: Clock = SystemClock()
        self.secrets = secrets
        self._stack = stack
        self._faulty = service
        self._origin: str | None = None

    @abstractmethod
    def connect(self, base_url: str, http: HttpClient) -> ImageProvider:
        """The adapter with the service's key, on this rig's clock."""

    async def provider(self) -> ImageProvider:
        if self._faulty.port == 0:
            await self._stack.enter_async_context(self._faulty)
        base_url = (self._origin or self._faulty.origin) + self._faulty.root
        provider = self.connect(base_url, HttpClient(self.clock))
        self._stack.push_async_callback(provider.aclose)
        return provider

    def will_meet(self, call: Call, *troubles: Fault, times: int = 1) -> None:
        """What the next calls of this kind meet, one after the other; then all is well again."""
        for trouble in troubles:
            self._faulty.fault(self.routes[call], trouble, times=times)

    def will_send_as_picture(self, data: bytes) -> None:
        """These bytes in place of every picture. Overridden where there is no call for them."""
        self.will_meet(
            Call.PICTURE, faults.answer(200, data, content_type="image/png"), times=ALWAYS
        )

    def will_refuse(self, kind: type[NotAccepted]) -> None:
        self.will_meet(Call.SUBMIT, self.refusals[kind])

    def will_garble(self) -> None:
        call = Call.SUBMIT if self.synchronous else Call.FOLLOW
        garbled = faults.answer(200, b'{"id": "x", "sta', content_type="application/json")
        self.will_meet(call, garbled, times=ALWAYS)

    def will_refuse_connections(self) -> None:
        self._origin = NOWHERE

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self.will_meet(Call.SUBMIT, faults.reset_after if accepted else faults.reset_before)

    def attempts_seen(self) -> int:
        return self._faulty.count(self.routes[Call.SUBMIT])
