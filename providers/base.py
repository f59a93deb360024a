"""The one interface every image service and the local pipeline stand behind, and what some can do
beyond it: `Probing`, `Metered`, `Reconciling`, `Listening`. Who needs one of these asks with `isinstance`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

from providers.catalog import Offer
from providers.status import Credit, ServiceStatus
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
        receipt can't be read). A synchronous service's answer is the pictures themselves: they are
        in the ticket, and what `wait` raises elsewhere is raised here.
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


@runtime_checkable
class Probing(Protocol):
    """It can be asked how it does, free of charge."""

    async def probe(self, *, deadline: float) -> ServiceStatus:
        """Ask, with the key. Raises ProviderError: Unauthorized, ServiceGone, Unavailable, ..."""
        ...


@runtime_checkable
class Metered(Protocol):
    """It says now and then what is left of the credit."""

    @property
    def credit(self) -> Credit | None:
        """As it last said; None as long as it hasn't."""
        ...


@runtime_checkable
class Reconciling(Protocol):
    """It lists what it has accepted, so that a submission whose answer was lost can be found."""

    async def find(
        self,
        request: GenerationRequest,
        offer: Offer,
        *,
        since: datetime,
        known: Collection[str],
        deadline: float,
    ) -> Ticket | None:
        """The submission of this very request, accepted at `since` or after it.

        since: when the lost POST was about to be sent, UTC. known: remote ids that are on record
        for other submissions. None: the service surely has none, so nothing was accepted.
        Raises ProviderError where the service can't be asked: the outcome stays unknown.
        """
        ...


@runtime_checkable
class Listening(Protocol):
    """Its service may call when a submission has ended. `wait` hears of it, and asks on without it."""

    @property
    def callback_url(self) -> str | None:
        """Where the service is told to call: our own web server takes it there. None: nowhere."""
        ...

    def hear(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Take one call, at once; header names in lower case.

        False: it can't be shown to come from the service, and nothing came of it.
        """
        ...
