"""Any endpoint that speaks OpenAI's images API: its own, LocalAI's, a LiteLLM proxy's.

The pictures come in the answer to the POST
(https://platform.openai.com/docs/api-reference/images).
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Literal

from providers.catalog import Offer
from providers.clock import Clock
from providers.given import GivenPictures
from providers.http import HttpClient
from providers.multipart import Part, encode_multipart, text_part
from providers.offers.openai import family_of, openai_offer
from providers.openai_answers import (
    NAME,
    models_of,
    outputs_of,
    probe_error,
    refusal,
    refuses_response_format,
    wait_hint,
)
from providers.pictures import PictureFetcher
from providers.sniffing import NotAPicture, read_image
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

GENERATIONS, EDITS = "/images/generations", "/images/edits"


def build_payload(request: GenerationRequest, offer: Offer) -> dict[str, object]:
    """The parameters that generations and edits have in common."""
    family = family_of(offer.remote_name)
    payload: dict[str, object] = {
        "model": offer.remote_name,
        "prompt": request.prompt,
        "n": request.num_images,
        "size": f"{request.width}x{request.height}",
    }
    if family.response_format:
        payload["response_format"] = "b64_json"
    if family.output_format:
        payload["output_format"] = request.output_format
    return payload


def given_parts(request: GenerationRequest) -> list[Part]:
    """The files of an edit. Slow: call it in a thread. Raises InvalidRequest for broken ones."""
    given = GivenPictures(request, NAME)
    if request.mode is not Mode.INPAINTING:
        # As it was given: the model looks at it, and makes a picture of the asked shape itself.
        return [_file("image", request.init_images[0].data) or _png("image", given.picture())]
    return [_png("image", given.picture()), _png("mask", given.see_through_mask())]


def _file(name: str, data: bytes) -> Part | None:
    try:
        kind = read_image(data).media_type
    except NotAPicture:
        return None
    return Part(name, data, kind, f"{name}.{kind.partition('/')[2]}")


def _png(name: str, data: bytes) -> Part:
    return Part(name, data, "image/png", f"{name}.png")


class OpenAICompatibleProvider:
    """An ImageProvider for one model at one endpoint.

    api_key: None where the endpoint asks for none; no Authorization header is sent then.
    base_url: the API's root, with `/v1`.
    """

    name = NAME
    repeatable = False
    max_concurrency = 4

    def __init__(
        self,
        api_key: str | None,
        *,
        base_url: str,
        model: str,
        http: HttpClient,
        clock: Clock,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._authorization = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._offer = openai_offer(model)
        self._http = http
        self._clock = clock
        self._names_response_format = True
        self._pictures = PictureFetcher(
            http=http,
            policy=DownloadPolicy(self._base_url),
            token_headers=self._authorization,
            clock=clock,
        )

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Nothing to get ready."""

    async def offers(self) -> tuple[Offer, ...]:
        return (self._offer,)

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        with submitting(NAME):
            answer = await self._ask(request, offer, deadline)
            if self._names_response_format and refuses_response_format(answer):
                # Nothing was accepted, so it may be asked again; and this endpoint has told
                # something about itself that a name in front of it couldn't.
                self._names_response_format = False
                answer = await self._ask(request, offer, deadline)
            if not answer.ok:
                raise refusal(answer)
            outputs = outputs_of(await json_of(answer))
        with receiving(NAME):
            images = await self._pictures.fetch_all(outputs, seed=None, deadline=deadline)
        return finished_ticket(GenerationResult(images))

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        return result_of(ticket, NAME, clock=self._clock, deadline=deadline)

    async def cancel(self, ticket: Ticket) -> None:
        """The service can't be stopped, and has no ids."""

    async def probe(self, *, deadline: float) -> ServiceStatus:
        with following(NAME):
            answer = await self._send("GET", "/models", deadline)
            if not answer.ok:
                raise probe_error(answer)
            return ServiceStatus(models=models_of(await json_of(answer)))

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _ask(self, request: GenerationRequest, offer: Offer, deadline: float) -> Answer:
        payload = build_payload(request, offer)
        if not self._names_response_format:
            payload.pop("response_format", None)
        if request.mode is Mode.TEXT_TO_IMAGE:
            content = {"Content-Type": "application/json"}
            return await self._send(
                "POST", GENERATIONS, deadline, content, json.dumps(payload).encode()
            )
        content, body = await asyncio.to_thread(_edit, payload, request)
        return await self._send("POST", EDITS, deadline, content, body)

    async def _send(
        self,
        method: Literal["GET", "POST"],
        path: str,
        deadline: float,
        content: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        return await self._http.send(
            Request(
                method=method,
                url=f"{self._base_url}{path}",
                deadline=deadline,
                headers={**self._authorization, **(content or {})},
                body=body,
                max_bytes=PICTURES_CAP,
                wait_hint=wait_hint,
                silence=None,  # the answer comes when the picture is done
            )
        )


def _edit(payload: dict[str, object], request: GenerationRequest) -> tuple[dict[str, str], bytes]:
    fields = [text_part(name, value) for name, value in payload.items()]
    content_type, body = encode_multipart([*fields, *given_parts(request)])
    return {"Content-Type": content_type}, body
