"""A POST whose answer was lost: found again where the service lists what it has accepted."""

from datetime import timedelta

from bot.usecases.outage import waits_out
from providers.base import Reconciling
from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import OutcomeUnknown, ProviderError, Unavailable
from providers.gate import Gate
from providers.types import GenerationRequest, Ticket
from storage.base import Storage
from storage.records import Submission

SETTLING = timedelta(seconds=20)
"""By then a request that was on its way when its answer got lost is in the list, or never will be."""

LOOK_EVERY = 2.0  # seconds
OTHERS_BEFORE = timedelta(hours=1)
"""How much longer ago a submission may be on record than the service says it accepted it."""


class LostSubmissions:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def recover(
        self,
        submission: Submission,
        request: GenerationRequest,
        offer: Offer,
        gate: Gate,
        *,
        deadline: float,
    ) -> Ticket:
        """Find it and put its id on record.

        Raises Unavailable where the service surely has none, and OutcomeUnknown where nobody can
        tell: such a one must not be repeated.
        """
        provider = gate.provider
        if not isinstance(provider, Reconciling):
            raise OutcomeUnknown(provider.name, "it can't be asked what it has accepted")
        while True:
            settled = self._clock.now() - submission.created_at >= SETTLING
            async with gate.reconciling:
                ticket = await self._look(submission, request, offer, provider, deadline)
                if ticket is not None:
                    await self._record(submission, ticket)
                    return ticket
            if settled:
                await self._end(submission)
                raise Unavailable(submission.provider, "it has no such submission")
            if self._clock.monotonic() + LOOK_EVERY >= deadline:
                raise OutcomeUnknown(submission.provider, "no time left to look for it")
            await self._clock.sleep(LOOK_EVERY)

    async def _look(
        self,
        submission: Submission,
        request: GenerationRequest,
        offer: Offer,
        provider: Reconciling,
        deadline: float,
    ) -> Ticket | None:
        since = submission.created_at
        known = await self._known(submission)
        try:
            return await provider.find(request, offer, since=since, known=known, deadline=deadline)
        except ProviderError as error:
            raise OutcomeUnknown(submission.provider, f"asked, got {error}") from error

    @waits_out
    async def _known(self, submission: Submission) -> set[str]:
        since = submission.created_at - OTHERS_BEFORE
        async with self._storage.reading() as view:
            return await view.jobs.remote_ids(submission.provider, since=since)

    @waits_out
    async def _record(self, submission: Submission, ticket: Ticket) -> None:
        async with self._storage.transaction() as tx:
            await tx.jobs.record_remote_id(submission.id, ticket.remote_id)

    @waits_out
    async def _end(self, submission: Submission) -> None:
        async with self._storage.transaction() as tx:
            await tx.jobs.end_submission(submission.id)
