"""The local pipeline as an image service: whatever diffusers can load, in a process of its own."""

import asyncio
import logging
import secrets
from uuid import uuid4

from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import (
    DeadlineExceeded,
    GenerationCanceled,
    ProviderError,
    ResultLost,
    Unavailable,
)
from providers.local.checkpoint import check_config, offer_for
from providers.local.companions import check_companions
from providers.local.config import PipelineConfig
from providers.local.devices import check_device
from providers.local.diffusers_painter import load_painter
from providers.local.loader import check_dtype
from providers.local.painter import PainterLoader, PipelineFacts
from providers.local.run import Run
from providers.local.supervisor import USUAL_UPKEEP, Supervisor, Upkeep
from providers.status import ServiceStatus
from providers.types import GenerationRequest, GenerationResult, ProgressCallback, Ticket

logger = logging.getLogger(__name__)

KEPT_RESULTS = 16
"""Finished runs kept for a `wait()` that may still come; older ones are forgotten."""

SEED_LIMIT = 2**63
"""Seeds are taken modulo this: what torch and a database's integer both hold."""

DRAWN_SEED_LIMIT = 2**32
"""A seed that nobody asked for stays short enough to be typed."""


class LocalProvider:
    """One checkpoint on this machine, loaded at the first use or by `start()`.

    load: what loads it in its process; something lighter in tests.

    Its submissions live in memory: after a restart of the bot each is a ResultLost, and, being
    repeatable, may be made again. A death of the pipeline's process costs each picture it had one
    more try, drawn alone; a second one fails it.
    """

    name = "local"
    repeatable = True

    def __init__(
        self,
        config: PipelineConfig,
        *,
        clock: Clock,
        load: PainterLoader = load_painter,
        upkeep: Upkeep = USUAL_UPKEEP,
    ) -> None:
        self._config = config
        self._clock = clock
        self._supervisor = Supervisor(config, load, upkeep)
        self._runs: dict[str, Run] = {}
        self._closed = False

    @property
    def max_concurrency(self) -> int:
        """The batch that is drawn and the next one; what draws one by one gets one by one."""
        at_once = self.facts.at_once if self.facts else 1
        return 2 * at_once if at_once > 1 else 1

    @property
    def facts(self) -> PipelineFacts | None:
        """Of the loaded pipeline, None where none is loaded now."""
        return self._supervisor.facts

    @property
    def trouble(self) -> str | None:
        """Why the model can't be loaded, in one line for the owner."""
        error = self._supervisor.trouble
        return error.detail if error else None

    async def check(self) -> None:
        """Raise Unavailable, its detail one line for the owner, where the model plainly can't load.

        Milliseconds, without importing torch; `start()` finds the rest.
        """
        check_dtype(self._config.dtype)
        await asyncio.to_thread(check_companions, self._config)
        await asyncio.to_thread(check_config, self._config)
        if self._config.device is not None:
            await asyncio.to_thread(check_device, self._config.device)

    async def probe(self, *, deadline: float) -> ServiceStatus:
        """As `check()`, and whether it could be loaded. Raises Unavailable."""
        self._refuse_late(deadline)
        if (trouble := self._supervisor.trouble) is not None:
            raise trouble.with_traceback(None)
        await self.check()
        return ServiceStatus()

    async def start(self) -> None:
        """Load the model now rather than at the first request. Raises Unavailable."""
        if self._closed:
            raise Unavailable(self.name, "closed")
        await asyncio.wrap_future(self._supervisor.start())

    async def offers(self) -> tuple[Offer, ...]:
        if self.facts and self.facts.offer:
            return (self.facts.offer,)
        try:
            offer = await asyncio.to_thread(offer_for, self._config)
        except Unavailable as error:
            logger.warning("the local model can't be offered: %s", error.detail)
            return ()
        return (offer,)

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        self._refuse_late(deadline)
        if self._closed:
            raise Unavailable(self.name, "closed")
        if self.trouble is not None:
            raise Unavailable(self.name, self.trouble)
        self._forget_old_runs()
        run_id = uuid4().hex
        run = self._runs[run_id] = Run(request, _seeds(request))
        self._supervisor.draw(run)
        return Ticket(remote_id=run_id)

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        self._refuse_late(deadline)
        run = self._runs.get(ticket.remote_id)
        if run is None:
            raise ResultLost(self.name, "made by another process, or long ago")
        run.listen(on_progress)
        try:
            async with asyncio.TaskGroup() as group:
                expiry = group.create_task(self._expire(run, deadline))
                outcome = await asyncio.shield(run.outcome)
                expiry.cancel()
        finally:
            run.listen(None)
        if isinstance(outcome, Unavailable):
            del self._runs[ticket.remote_id]  # it was never begun: a later try submits it anew
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome

    async def cancel(self, ticket: Ticket) -> None:
        if run := self._runs.get(ticket.remote_id):
            self._end(run, GenerationCanceled(self.name))

    async def aclose(self) -> None:
        """Cancel what runs and stop the process; no file of it is left."""
        self._closed = True
        for run in self._runs.values():
            run.finish(GenerationCanceled(self.name, "closing"))
        await asyncio.to_thread(self._supervisor.close)

    def _end(self, run: Run, error: ProviderError) -> None:
        if not run.has_ended:
            run.finish(error)
            self._supervisor.leave_out(run)

    def _refuse_late(self, deadline: float) -> None:
        if self._clock.monotonic() >= deadline:
            raise DeadlineExceeded(self.name)

    async def _expire(self, run: Run, deadline: float) -> None:
        await self._clock.sleep(deadline - self._clock.monotonic())
        self._end(run, DeadlineExceeded(self.name))

    def _forget_old_runs(self) -> None:
        ended = [run_id for run_id, run in self._runs.items() if run.outcome.done()]
        for run_id in ended[:-KEPT_RESULTS]:
            del self._runs[run_id]


def _seeds(request: GenerationRequest) -> tuple[int, ...]:
    """One seed a picture: the asked (or a drawn) one and those after it."""
    first = secrets.randbelow(DRAWN_SEED_LIMIT) if request.seed is None else request.seed
    return tuple((first + i) % SEED_LIMIT for i in range(request.num_images))
