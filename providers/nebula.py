"""Nebula Block (https://docs.nebulablock.com): pictures in the answer to one POST.

Its documents show a GET in one sample; every other one, and every client, POSTs.
"""

import asyncio
import base64
import json
from typing import Literal

from providers.catalog import Offer
from providers.clock import Clock
from providers.given import GivenPictures
from providers.http import HttpClient
from providers.nebula_answers import NAME, models_of, pictures_of, probe_error, refusal
from providers.offers.nebula import NEBULA_OFFERS
from providers.pictures import PictureFetcher, as_data_uri
from providers.status import ServiceStatus
from providers.synchronous import (
    PICTURES_CAP,
    finished_ticket,
    json_of,
    receiving,
    result_of,
)
from providers.translation import following, submitting
from providers.types import (
    GenerationRequest,
    GenerationResult,
    Mode,
    ProgressCallback,
    Ticket,
)
from providers.urls import DownloadPolicy
from providers.wire import Answer, Request

OFFICIAL_ROOT = "https://api.nebulablock.com/api/v1"
ANY_SEED = -1


def build_payload(request: GenerationRequest, offer: Offer) -> dict[str, object]:
    """The body of `POST /images/generation`. Slow where pictures are given: call it in a thread.

    Raises InvalidRequest for given bytes that are no picture.
    """
    chosen: dict[str, object | None] = {
        "model": offer.remote_name,
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or None,
        "width": request.width,
        "height": request.height,
        "num_steps": request.num_inference_steps,
        "guidance_scale": request.guidance_scale,
        "seed": _seed(request, offer),
        **_given(request),
    }
    return {name: value for name, value in chosen.items() if value is not None}


def _seed(request: GenerationRequest, offer: Offer) -> int | None:
    """A model that has seeds is told to choose one by -1, as the documents do."""
    if not offer.seed:
        return None
    return ANY_SEED if request.seed is None else request.seed


def _given(request: GenerationRequest) -> dict[str, object]:
    """The picture and its mask in bare base64, without a `data:` prefix."""
    if request.mode is not Mode.INPAINTING:
        return {}
    given = GivenPictures(request, NAME)
    return {
        name: base64.b64encode(data).decode()
        for name, data in (("image", given.picture()), ("mask", given.mask()))
    }


class NebulaProvider:
    """An ImageProvider for Nebula Block's HTTP API. base_url: its root, with `/api/v1`."""

    name = NAME
    repeatable = False
    max_concurrency = 4

    def __init__(
        self, api_key: str, *, base_url: str = OFFICIAL_ROOT, http: HttpClient, clock: Clock
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._authorization = {"Authorization": f"Bearer {api_key}"}
        self._http = http
        self._clock = clock
        self._pictures = PictureFetcher(
            http=http, policy=DownloadPolicy(self._base_url), token_headers={}, clock=clock
        )

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Nothing to get ready."""

    async def offers(self) -> tuple[Offer, ...]:
        return NEBULA_OFFERS

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        body = await asyncio.to_thread(lambda: json.dumps(build_payload(request, offer)).encode())
        with submitting(NAME):
            answer = await self._send("POST", "/images/generation", deadline, body)
            if not answer.ok:
                raise refusal(answer)
            pictures = pictures_of(await json_of(answer))
        with receiving(NAME):
            images = await self._pictures.fetch_all(
                [as_data_uri(picture) for picture in pictures],
                seed=request.seed if offer.seed else None,
                deadline=deadline,
            )
        return finished_ticket(GenerationResult(images))

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        return result_of(ticket, NAME, clock=self._clock, deadline=deadline)

    async def cancel(self, ticket: Ticket) -> None:
        """The service can't be stopped, and has no ids."""

    async def probe(self, *, deadline: float) -> ServiceStatus:
        with following(NAME):
            answer = await self._send("GET", "/serverless/models", deadline)
            if not answer.ok:
                raise probe_error(answer)
            return ServiceStatus(models=models_of(await json_of(answer)))

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _send(
        self,
        method: Literal["GET", "POST"],
        path: str,
        deadline: float,
        body: bytes | None = None,
    ) -> Answer:
        content = {"Content-Type": "application/json"} if body is not None else {}
        return await self._http.send(
            Request(
                method=method,
                url=f"{self._base_url}{path}",
                deadline=deadline,
                headers={**self._authorization, **content},
                body=body,
                max_bytes=PICTURES_CAP,
                silence=None,  # the answer comes when the picture is done
            )
        )
