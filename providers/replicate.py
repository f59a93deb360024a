"""Replicate (https://replicate.com): predictions by a pinned model version."""

import logging
import math
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import BadAnswer, ProviderError, ResultLost, ServiceGone
from providers.http import HttpClient
from providers.offers.replicate import REPLICATE_OFFERS
from providers.pictures import PictureFetcher, is_data_uri
from providers.polling import Durations, poll_until
from providers.replicate_answers import NAME, REMOTE_ID, Prediction, outputs_of
from providers.replicate_api import ReplicateApi
from providers.replicate_calls import Calls
from providers.replicate_listing import CLOCK_SKEW, lost_one
from providers.replicate_payloads import payload_of
from providers.status import ServiceStatus
from providers.tqdm_logs import fraction
from providers.translation import following
from providers.types import (
    GenerationRequest,
    GenerationResult,
    Progress,
    ProgressCallback,
    Ticket,
)
from providers.urls import DownloadPolicy
from providers.webhooks import signing_key
from providers.wire import TransferError

OFFICIAL_ROOT = "https://api.replicate.com"
DELIVERY_DOMAIN = "replicate.delivery"

BAR_WEIGHTS = (25, 25, 75)
"""Steps of the three progress bars of kandinsky-2.2: prior, negative prior, decoder.

Those of 2.1 aren't known; where it has others, progress is uneven but rises.
"""

SHORTEST_CANCEL_AFTER = 5
LONGEST_CANCEL_AFTER = 24 * 3600
CANCEL_SECONDS = 10.0
START_SECONDS = 60.0
LISTED_WITHIN = 3.0
"""Seconds: what was accepted longer ago is taken to be in the service's list by now."""

OK = 200

logger = logging.getLogger(__name__)


def cancel_after(remaining: float) -> str:
    """The `Cancel-After` header: the service's own deadline, never before ours. Whole seconds."""
    bounded = min(max(remaining, SHORTEST_CANCEL_AFTER), LONGEST_CANCEL_AFTER)
    return f"{math.ceil(bounded)}s"


class ReplicateProvider:
    """An ImageProvider for Replicate's HTTP API; also Probing, Reconciling and Listening.

    base_url: the API's root, with `/v1`. jitter: gives numbers from 0.0 to 1.0.
    callback_url: where the service can reach `hear`. webhook_secret: what it signs its calls with;
    asked for at the start where it isn't given.
    """

    name = NAME
    repeatable = False
    max_concurrency = 8

    def __init__(
        self,
        api_token: str,
        *,
        base_url: str = f"{OFFICIAL_ROOT}/v1",
        callback_url: str | None = None,
        webhook_secret: str | None = None,
        http: HttpClient,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.callback_url = callback_url
        self._api = ReplicateApi(
            api_token, base_url=base_url, http=http, clock=clock, jitter=jitter
        )
        self._http = http
        self._clock = clock
        self._jitter = jitter
        self._durations = Durations()
        self._calls = Calls(clock, signing_key(webhook_secret) if webhook_secret else None)
        self._pictures = PictureFetcher(
            http=http,
            policy=_download_policy(self._api.base_url),
            token_headers=self._api.authorization,
            clock=clock,
        )

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Ask for the key of the service's calls; without one, asking has to do."""
        if self.callback_url is None or self._calls.key is not None:
            return
        try:
            secret = await self._api.webhook_secret(deadline=self._in(START_SECONDS))
            self._calls.key = signing_key(secret)
        except (ProviderError, ValueError) as error:
            logger.warning("replicate: no webhooks, no key for them: %s", type(error).__name__)

    async def offers(self) -> tuple[Offer, ...]:
        return REPLICATE_OFFERS

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        payload = await payload_of(request, offer)
        prediction = await self._api.create(
            payload | self._callback(),
            cancel_after=cancel_after(deadline - self._clock.monotonic()),
            deadline=deadline,
        )
        result = await self._inline_result(prediction, request.num_images, deadline)
        return Ticket(prediction.id, result)

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        if ticket.result is not None:
            return ticket.result
        if not REMOTE_ID.fullmatch(ticket.remote_id):
            raise ResultLost(NAME, "not an id of this service")
        report = _Rising(on_progress)

        async def ask() -> Prediction | None:
            prediction = await self._api.prediction(ticket.remote_id, deadline=deadline)
            if prediction.ended:
                return prediction
            report.at(fraction(prediction.logs, BAR_WEIGHTS))
            return None

        with self._calls.expected_for(ticket.remote_id) as bell:
            prediction = await poll_until(
                ask,
                clock=bell,
                deadline=deadline,
                provider=NAME,
                first=ticket.first_poll or 0.0,
                shortest=self._calls.shortest_pause,
                expected=self._durations.expected,
                jitter=self._jitter,
            )
        return await self._result(prediction, deadline)

    def hear(self, headers: Mapping[str, str], body: bytes) -> bool:
        return self._calls.hear(headers, body)

    async def find(
        self,
        request: GenerationRequest,
        offer: Offer,
        *,
        since: datetime,
        known: Collection[str],
        deadline: float,
    ) -> Ticket | None:
        payload = await payload_of(request, offer)
        ago = (self._clock.now() - since).total_seconds()
        await self._clock.sleep(min(max(LISTED_WITHIN - ago, 0.0), LISTED_WITHIN))
        listed = await self._api.created_since(since - CLOCK_SKEW, deadline=deadline)
        remote_id = lost_one(listed, payload, since=since, known=known)
        return Ticket(remote_id) if remote_id is not None else None

    async def probe(self, *, deadline: float) -> ServiceStatus:
        """Which of the pinned versions are still there. Raises ServiceGone where none is."""
        await self._api.check_account(deadline=deadline)
        names = [offer.remote_name for offer in REPLICATE_OFFERS]
        there = [name for name in names if await self._api.has_version(name, deadline=deadline)]
        if not there:
            raise ServiceGone(NAME, "none of the models is there any more")
        return ServiceStatus(models=tuple(there))

    async def cancel(self, ticket: Ticket) -> None:
        if not REMOTE_ID.fullmatch(ticket.remote_id):
            return
        try:
            status = await self._api.cancel(ticket.remote_id, deadline=self._in(CANCEL_SECONDS))
        except TransferError as error:
            logger.warning("replicate: cancel not delivered: %s", type(error).__name__)
            return
        if status != OK:  # as a rule: it had ended before
            logger.info("replicate: cancel answered with HTTP %d", status)

    async def aclose(self) -> None:
        await self._http.aclose()

    def _in(self, seconds: float) -> float:
        return self._clock.monotonic() + seconds

    def _callback(self) -> dict[str, object]:
        """What asks the service to call; nothing while its calls couldn't be checked."""
        if self.callback_url is None or self._calls.key is None:
            return {}
        return {"webhook": self.callback_url, "webhook_events_filter": ["completed"]}

    async def _inline_result(
        self, prediction: Prediction, asked: int, deadline: float
    ) -> GenerationResult | None:
        """The pictures of a synchronous answer, which says `processing` even when all are there.

        None where they aren't in the answer itself: the id must be stored before anything is
        fetched, so `wait` does the rest.
        """
        outputs = prediction.outputs or ()
        whole = prediction.status == "succeeded" or (
            prediction.status == "processing" and len(outputs) >= asked
        )
        if not (whole and outputs and all(map(is_data_uri, outputs))):
            return None
        try:
            with following(NAME):
                return await self._result(replace(prediction, status="succeeded"), deadline)
        except BadAnswer as error:
            logger.warning("replicate: inline picture unreadable: %s", error.detail)
            return None

    async def _result(self, prediction: Prediction, deadline: float) -> GenerationResult:
        outputs = outputs_of(prediction)
        if prediction.seconds is not None:
            self._durations.add(prediction.seconds)
        with following(NAME):
            images = await self._pictures.fetch_all(
                outputs, seed=prediction.seed, deadline=deadline
            )
        return GenerationResult(images)


def _download_policy(base_url: str) -> DownloadPolicy:
    official = base_url.startswith(f"{OFFICIAL_ROOT}/")
    return DownloadPolicy(base_url, DELIVERY_DOMAIN if official else None)


class _Rising:
    """Reports progress only when it has grown."""

    def __init__(self, on_progress: ProgressCallback) -> None:
        self._on_progress = on_progress
        self._highest = 0.0

    def at(self, fraction: float | None) -> None:
        if fraction is not None and fraction > self._highest:
            self._highest = fraction
            self._on_progress(Progress(fraction))
