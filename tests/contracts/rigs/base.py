"""What the contract suite of ImageProvider needs of an implementation: to do as told."""

from dataclasses import dataclass
from typing import Protocol

from providers.base import ImageProvider
from providers.clock import Clock
from providers.types import GenerationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the service behind an implementation can't help; the suite asks for the rest.

    cancels: it can be asked to stop. tells_progress: while it draws.
    tells_seed: with the pictures.
    """

    cancels: bool = True
    tells_progress: bool = True
    tells_seed: bool = True


class Rig(Protocol):
    """One implementation that does as told; it succeeds where nothing else was said."""

    clock: Clock
    traits: Traits

    async def provider(self) -> ImageProvider:
        """A fresh instance over the same service: a restart, as far as the service sees."""
        ...

    def request(self) -> GenerationRequest:
        """For two pictures of 512x768 or, where that takes long, smaller ones."""
        ...

    def will_hang(self) -> None: ...
    def submissions_made(self) -> int:
        """How many the service has accepted: what is paid for."""
        ...


class RemoteRig(Rig, Protocol):
    """... and that can fail in all the ways a service can."""

    def will_fail(self) -> None: ...
    def will_censor(self) -> None: ...
    def will_lose_the_picture(self) -> None: ...
    def will_garble(self) -> None: ...
    def will_refuse_connections(self) -> None: ...
    def will_drop_the_answer(self, *, accepted: bool) -> None: ...
    def attempts_seen(self) -> int:
        """How many submissions have reached the service, accepted or not."""
        ...


class SynchronousRig(RemoteRig, Protocol):
    """... and whose answer to the submission is the pictures; there is nothing to ask it later."""

    async def until_asked(self) -> None:
        """Wait until a submission has reached the service."""
        ...


def a_request() -> GenerationRequest:
    return GenerationRequest(prompt="a fox", width=512, height=768, num_images=2, seed=5)
