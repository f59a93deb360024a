"""Replicate (https://replicate.com/docs/reference/http): predictions by a pinned model version."""

import asyncio
import json
import logging
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import BadAnswer, ResultLost
from providers.http import HttpClient
from providers.offers.replicate import REPLICATE_OFFERS
from providers.pictures import PictureFetcher, is_data_uri
from providers.polling import Durations, poll_until
from providers.replicate_answers import (
    NAME,
    REMOTE_ID,
    Prediction,
    outputs_of,
    parse_prediction,
    polling_error,
    refusal,
    wait_hint,
)
from providers.retries import read_again
from providers.tqdm_logs import fraction
from providers.translation import following, submitting
from providers.types import (
    GenerationRequest,
    GenerationResult,
    Progress,
    ProgressCallback,
    Ticket,
)
from providers.urls import DownloadPolicy
from providers.wire import Answer, Request, TransferError

OFFICIAL_ROOT = "https://api.replicate.com"
DELIVERY_DOMAIN = "replicate.delivery"

BAR_WEIGHTS = (25, 25, 75)
"""Steps of the three progress bars of kandinsky-2.2: prior, negative prior, decoder."""

SHORTEST_CANCEL_AFTER = 5
LONGEST_CANCEL_AFTER = 24 * 3600
CANCEL_SECONDS = 10.0
LARGE_JSON = 500_000
"""Bytes from which an answer is decoded off the event loop."""

logger = logging.getLogger(__name__)


def build_payload(request: GenerationRequest, offer: Offer) -> dict[str, object]:
    """The body of `POST /predictions`; the service rejects unknown keys beside these two."""
    chosen: dict[str, object | None] = {
        "prompt": request.prompt,
        # The model puts its own long negative text right behind this one, without a separator.
        "negative_prompt": f"{request.negative_prompt}, " if request.negative_prompt else None,
        "width": request.width,
        "height": request.height,
        "num_outputs": request.num_images,
        "num_inference_steps": request.num_inference_steps,
        "num_inference_steps_prior": request.prior_num_inference_steps,
        "seed": request.seed,
        "output_format": request.output_format,
    }
    return {
        "version": offer.remote_name.rpartition(":")[2],
        "input": {name: value for name, value in chosen.items() if value is not None},
    }


def cancel_after(remaining: float) -> str:
    """The `Cancel-After` header: the service's own deadline, never before ours. Whole seconds."""
    bounded = min(max(remaining, SHORTEST_CANCEL_AFTER), LONGEST_CANCEL_AFTER)
    return f"{math.ceil(bounded)}s"


class ReplicateProvider:
    """An ImageProvider for Replicate's HTTP API.

    base_url: the API's root, with `/v1`. jitter: gives numbers from 0.0 to 1.0.
    """

    name = NAME
    repeatable = False
    max_concurrency = 8

    def __init__(
        self,
        api_token: str,
        *,
        base_url: str = f"{OFFICIAL_ROOT}/v1",
        http: HttpClient,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._authorization = {"Authorization": f"Bearer {api_token}"}
        self._http = http
        self._clock = clock
        self._jitter = jitter
        self._durations = Durations()
        self._pictures = PictureFetcher(
            http=http,
            policy=_download_policy(self._base_url),
            token_headers=self._authorization,
            clock=clock,
        )

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Nothing to get ready."""

    async def offers(self) -> tuple[Offer, ...]:
        return REPLICATE_OFFERS

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        payload = build_payload(request, offer)
        headers = {"Cancel-After": cancel_after(deadline - self._clock.monotonic())}
        with submitting(NAME):
            answer = await self._send("POST", "", deadline, payload=payload, headers=headers)
            if not answer.ok:
                raise refusal(answer)
            prediction = await _read(answer)
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
            prediction = await read_again(
                lambda: self._get(ticket.remote_id, deadline),
                BadAnswer,
                clock=self._clock,
                deadline=deadline,
                jitter=self._jitter,
            )
            if prediction.ended:
                return prediction
            report.at(fraction(prediction.logs, BAR_WEIGHTS))
            return None

        prediction = await poll_until(
            ask,
            clock=self._clock,
            deadline=deadline,
            provider=NAME,
            first=ticket.first_poll or 0.0,
            expected=self._durations.expected,
            jitter=self._jitter,
        )
        return await self._result(prediction, deadline)

    async def cancel(self, ticket: Ticket) -> None:
        if not REMOTE_ID.fullmatch(ticket.remote_id):
            return
        deadline = self._clock.monotonic() + CANCEL_SECONDS
        try:
            answer = await self._send(
                "POST", f"/{ticket.remote_id}/cancel", deadline, repeatable=True
            )
        except TransferError as error:
            logger.warning("replicate: cancel not delivered: %s", type(error).__name__)
            return
        if not answer.ok:  # as a rule: it had ended before
            logger.info("replicate: cancel answered with HTTP %d", answer.status)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _send(
        self,
        method: Literal["GET", "POST"],
        path: str,
        deadline: float,
        *,
        payload: dict[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        content = {"Content-Type": "application/json"} if payload is not None else {}
        return await self._http.send(
            Request(
                method=method,
                url=f"{self._base_url}/predictions{path}",
                deadline=deadline,
                headers={**self._authorization, **content, **(headers or {})},
                body=json.dumps(payload).encode() if payload is not None else None,
                repeatable=repeatable,
                wait_hint=wait_hint,
            )
        )

    async def _get(self, remote_id: str, deadline: float) -> Prediction:
        with following(NAME):
            answer = await self._send("GET", f"/{remote_id}", deadline)
            if not answer.ok:
                raise polling_error(answer)
            return await _read(answer)

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


async def _read(answer: Answer) -> Prediction:
    if len(answer.body) < LARGE_JSON:
        return parse_prediction(answer.json())
    return parse_prediction(await asyncio.to_thread(answer.json))


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
