"""The one interface every image service and the local pipeline stand behind."""

from typing import Protocol

from providers.catalog import Offer
from providers.types import GenerationRequest, GenerationResult, ProgressCallback, Ticket


class ImageProvider(Protocol):
    """A place where pictures are made.

    name: the registry's word for it (`replicate`, `local`, ...).
    repeatable: a submission whose fate is unknown may simply be made again, since it costs
        nothing and leaves nothing behind (the local pipeline); a paid service is never repeatable.
    max_concurrency: how many submissions it works on at once; may change while it runs.

    `deadline` is a point on the provider's clock (`Clock.monotonic()`); past it every call
    raises DeadlineExceeded. Cancelling the awaiting task is safe at any moment.
    """

    name: str
    repeatable: bool

    @property
    def max_concurrency(self) -> int: ...

    async def check(self) -> None:
        """Look at what can be wrong before the first request, without the network and quickly.

        Raises Unavailable; its `detail` is one line for the owner.
        """
        ...

    async def start(self) -> None:
        """Get ready (load a model, say); may take minutes. The first request does it otherwise.

        Raises Unavailable.
        """
        ...

    async def offers(self) -> tuple[Offer, ...]:
        """What it can do. Raises nothing: a service that can't be asked answers from the catalog."""
        ...

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        """Hand in one request; return as soon as the service has accepted it.

        Raises NotAccepted and its kin where nothing was accepted, OutcomeUnknown where the
        answer was lost, Censored where the prompt was refused, BadAnswer (accepted, but the
        receipt can't be read).
        """
        ...

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        """Follow a submission to its end; works after a restart from the ticket's remote_id alone.

        Raises Censored, GenerationFailed, GenerationCanceled, ResultLost, BadAnswer,
        DeadlineExceeded; Unavailable or Unauthorized only after its own retries gave up.
        """
        ...

    async def cancel(self, ticket: Ticket) -> None:
        """Ask to stop, best effort and idempotent: an ended or unknown submission is no error."""
        ...

    async def aclose(self) -> None: ...
