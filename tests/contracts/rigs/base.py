"""What the contract suite of ImageProvider needs of an implementation: to do as told.

What a service can't do at all is said by a rig's class attributes; the suite then demands what
can honestly be demanded in its place.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import ClassVar, Literal

from providers.base import ImageProvider
from providers.clock import Clock
from providers.errors import (
    Censored,
    GenerationFailed,
    NotAccepted,
    ProviderError,
    ResultLost,
)
from providers.types import GenerationRequest


class Rig(ABC):
    """One implementation that does as told; it succeeds where nothing else was said.

    synchronous: the answer to a submission is its result, and there is nothing to follow.
    cancels: what runs there can be stopped.
    shows_progress: it says how far it is.
    tells_seed: with the pictures, where its offer takes one.
    """

    synchronous: ClassVar[bool] = False
    cancels: ClassVar[bool] = True
    shows_progress: ClassVar[bool] = True
    tells_seed: ClassVar[bool] = True

    clock: Clock

    @abstractmethod
    async def provider(self) -> ImageProvider:
        """A fresh instance over the same service: a restart, as far as the service sees."""

    def request(self) -> GenerationRequest:
        """For two pictures of 512x768 or, where that can't be or takes long, fewer or smaller."""
        return a_request()

    @abstractmethod
    def will_hang(self) -> None: ...

    @abstractmethod
    def submissions_made(self) -> int:
        """How many the service has accepted: what is paid for."""


class RemoteRig(Rig):
    """... and that can fail in all the ways a service can.

    refusals: what it can say in place of accepting anything.
    endings: how an accepted submission can end there without pictures.
    censors: at which stage its moderation says no.
    reconciles: it lists what it accepted, and the adapter is Reconciling.
    """

    refusals: ClassVar[Collection[type[NotAccepted]]]
    endings: ClassVar[Collection[type[ProviderError]]] = (GenerationFailed, Censored, ResultLost)
    censors: ClassVar[Literal["prompt", "image"]] = "image"
    reconciles: ClassVar[bool] = False

    @abstractmethod
    def will_refuse(self, kind: type[NotAccepted]) -> None:
        """The next submission alone."""

    def will_fail(self) -> None:
        raise NotImplementedError

    def will_censor(self) -> None:
        raise NotImplementedError

    def will_lose_the_picture(self) -> None:
        raise NotImplementedError

    @abstractmethod
    def will_garble(self) -> None:
        """The answer that tells the result, every time it is asked for."""

    @abstractmethod
    def will_refuse_connections(self) -> None: ...

    @abstractmethod
    def will_drop_the_answer(self, *, accepted: bool) -> None:
        """The one to the next submission."""

    @abstractmethod
    def attempts_seen(self) -> int:
        """How many submissions have reached the service, accepted or not."""

    def will_end(self, kind: type[ProviderError]) -> None:
        """Every submission from now on, in this of its `endings`."""
        if kind is GenerationFailed:
            self.will_fail()
        elif kind is Censored:
            self.will_censor()
        else:
            self.will_lose_the_picture()


def a_request() -> GenerationRequest:
    return GenerationRequest(prompt="a fox", width=512, height=768, num_images=2, seed=5)
