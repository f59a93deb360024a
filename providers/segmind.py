"""Segmind (https://docs.segmind.com): a model by its slug, on either of two surfaces.

`v1/SLUG` draws while the caller waits, and the answer is the picture; `v2/SLUG` gives a receipt to
ask with. Which one a model has is in its offer's remote name, but the answer alone decides.
"""

import asyncio
import json
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import BadAnswer, ResultLost
from providers.http import HttpClient
from providers.offers.segmind import segmind_offers
from providers.pictures import PictureFetcher, decode
from providers.polling import Durations, poll_until
from providers.retries import read_again
from providers.segmind_answers import (
    COMPLETED,
    REMOTE_ID,
    Output,
    Report,
    outputs_of,
    parse_credit,
    parse_report,
)
from providers.segmind_refusals import (
    FAILED,
    NAME,
    polling_error,
    probing_error,
    refusal,
    wait_hint,
)
from providers.sniffing import NotAPicture
from providers.status import Credit, ServiceStatus
from providers.synchronous import receiving
from providers.translation import following, submitting
from providers.types import (
    GeneratedImage,
    GenerationRequest,
    GenerationResult,
    ProgressCallback,
    Ticket,
)
from providers.urls import DownloadPolicy
from providers.wire import USUAL_SILENCE, Answer, Request

OFFICIAL_ROOT = "https://api.segmind.com"

IN_THE_ANSWER = "answer:"
"""Begins the id of a request that was answered with its pictures: nothing can be asked about it."""

LARGE_ANSWER = 500_000
"""Bytes from which an answer is read off the event loop."""

MOST_BYTES = 64_000_000
"""Of one answer: eight pictures in base64."""


def build_payload(request: GenerationRequest, offer: Offer) -> dict[str, object]:
    """The body of a submission.

    A body of bytes holds one picture, so several are asked for in base64; v2 answers addresses.
    """
    synchronous = offer.remote_name.startswith("v1/")
    chosen: dict[str, object | None] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or None,
        "samples": request.num_images,
        "img_width": request.width,
        "img_height": request.height,
        "num_inference_steps": request.num_inference_steps,
        "prior_steps": request.prior_num_inference_steps,
        "guidance_scale": request.guidance_scale,
        "scheduler": request.scheduler,
        "seed": request.seed,
        "base64": request.num_images > 1 if synchronous else None,
    }
    return {name: value for name, value in chosen.items() if value is not None}


class SegmindProvider:
    """An ImageProvider for Segmind's HTTP API; it is Probing and Metered, too.

    base_url: the API's root, without a version. slugs: see `segmind_offers`.
    jitter: gives numbers from 0.0 to 1.0.
    """

    name = NAME
    repeatable = False
    max_concurrency = 4

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = OFFICIAL_ROOT,
        slugs: Mapping[str, str] | None = None,
        http: HttpClient,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = {"x-api-key": api_key}  # as a bearer token the service refuses it
        self._offers = segmind_offers(slugs or {})
        self._http = http
        self._clock = clock
        self._jitter = jitter
        self._durations = Durations()
        self._credit: Credit | None = None
        self._pictures = PictureFetcher(
            http=http,
            policy=DownloadPolicy(self._base_url),
            token_headers={},  # finished pictures are open to all, and elsewhere
            clock=clock,
        )

    @property
    def credit(self) -> Credit | None:
        return self._credit

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Nothing to get ready."""

    async def offers(self) -> tuple[Offer, ...]:
        return self._offers

    async def probe(self, *, deadline: float) -> ServiceStatus:
        with following(NAME):
            answer = await self._send("GET", "v1/get-user-credits", deadline)
        if not answer.ok:
            raise probing_error(answer, self._clock.now())
        self._credit = parse_credit(answer) or self._credit
        return ServiceStatus(credit=self._credit)

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        payload = build_payload(request, offer)
        with submitting(NAME):
            answer = await self._send("POST", offer.remote_name, deadline, payload=payload)
        if not answer.ok:
            raise refusal(answer, self._clock.now())
        report = await self._read(answer)
        if report.status == FAILED or not (report.outputs or report.id):
            raise refusal(answer, self._clock.now())
        if not report.outputs:
            return Ticket(report.id)
        seed = request.seed if report.seed is None else report.seed
        with receiving(NAME):
            result = await self._result(report.outputs, seed, deadline)
        return Ticket(report.id or _id_of(answer), result)

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        """The service tells no progress, so none is reported."""
        if ticket.result is not None:
            return ticket.result
        if not REMOTE_ID.fullmatch(ticket.remote_id):
            raise ResultLost(NAME, "no id that can be asked about")
        report = await poll_until(
            lambda: self._end_of(ticket.remote_id, deadline),
            clock=self._clock,
            deadline=deadline,
            provider=NAME,
            first=ticket.first_poll or 0.0,
            expected=self._durations.expected,
            jitter=self._jitter,
        )
        outputs = outputs_of(report)
        if report.seconds is not None:
            self._durations.add(report.seconds)
        with following(NAME):
            return await self._result(outputs, report.seed, deadline)

    async def cancel(self, ticket: Ticket) -> None:
        """The service has no way to take a request back."""

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _send(
        self,
        method: Literal["GET", "POST"],
        path: str,
        deadline: float,
        *,
        payload: dict[str, object] | None = None,
    ) -> Answer:
        content = {"Content-Type": "application/json"} if payload is not None else {}
        return await self._http.send(
            Request(
                method=method,
                url=f"{self._base_url}/{path}",
                deadline=deadline,
                headers={**self._key, **content},
                body=json.dumps(payload).encode() if payload is not None else None,
                max_bytes=MOST_BYTES,
                silence=None if method == "POST" else USUAL_SILENCE,
                wait_hint=lambda answer: wait_hint(answer, self._clock.now()),
            )
        )

    async def _end_of(self, remote_id: str, deadline: float) -> Report | None:
        """The ended request, with its pictures where it has any; None while it goes on.

        The addresses are made of the id, and not those of the receipt: only the id outlives a
        restart, and the key goes to no host that an answer names.
        """
        report = await self._ask(f"v2/requests/{remote_id}/status", deadline)
        if report.status == COMPLETED and not report.outputs:
            report = await self._ask(f"v2/requests/{remote_id}", deadline)
        return report if report.ended else None

    async def _ask(self, path: str, deadline: float) -> Report:
        async def once() -> Report:
            with following(NAME):
                answer = await self._send("GET", path, deadline)
            if not answer.ok:
                raise polling_error(answer)
            report = await self._read(answer)
            if not (report.status or report.outputs):
                raise BadAnswer(NAME, "neither a status nor a picture")
            return report

        return await read_again(
            once, BadAnswer, clock=self._clock, deadline=deadline, jitter=self._jitter
        )

    async def _read(self, answer: Answer) -> Report:
        if len(answer.body) < LARGE_ANSWER:
            report = parse_report(answer)
        else:
            report = await asyncio.to_thread(parse_report, answer)
        self._credit = report.credit or self._credit
        return report

    async def _result(
        self, outputs: tuple[Output, ...], seed: int | None, deadline: float
    ) -> GenerationResult:
        addresses = [output for output in outputs if isinstance(output, str)]
        blobs = [output for output in outputs if isinstance(output, bytes)]
        fetched = await self._pictures.fetch_all(addresses, seed=seed, deadline=deadline)
        decoded = await asyncio.to_thread(_decode_all, blobs, seed) if blobs else ()
        return GenerationResult(fetched + decoded)


def _decode_all(blobs: Sequence[bytes], seed: int | None) -> tuple[GeneratedImage, ...]:
    """Those that are pictures: what came with a damaged one is made and paid for.

    Raises NotAPicture where none is.
    """
    images: list[GeneratedImage] = []
    troubles: list[NotAPicture] = []
    for blob in blobs:
        try:
            images.append(decode(blob, seed))
        except NotAPicture as error:
            troubles.append(error)
    if not images:
        raise troubles[0]
    return tuple(images)


def _id_of(answer: Answer) -> str:
    """Of a request that was answered at once: by its own number where it has one."""
    number = answer.headers.get("x-request-id", "")
    return IN_THE_ANSWER + (number if REMOTE_ID.fullmatch(number) else uuid.uuid4().hex)
