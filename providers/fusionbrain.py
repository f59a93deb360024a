"""FusionBrain (https://fusionbrain.ai): Kandinsky 3, one picture a call, each given out only once."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import (
    BadAnswer,
    GenerationCanceled,
    ResultLost,
    ServiceGone,
    Unavailable,
)
from providers.fusionbrain_answers import (
    ABSENT,
    NAME,
    REMOTE_ID,
    Status,
    decode_picture,
    listing_error,
    parse_availability,
    parse_receipt,
    parse_status,
    picture_of,
    polling_error,
    refusal,
)
from providers.fusionbrain_directory import Directory, Target, known_host
from providers.fusionbrain_pipelines import Pipeline, choose
from providers.fusionbrain_styles import StyleList
from providers.fusionbrain_surfaces import ROOT, SURFACES, Surface, SurfaceName, build_form
from providers.http import HttpClient
from providers.offers.fusionbrain import FUSIONBRAIN_OFFERS
from providers.one_shot import OneShot
from providers.polling import Durations, poll_until
from providers.progress import Rising, TickingClock, estimate
from providers.recent import Recent
from providers.retries import read_again
from providers.sniffing import read_image
from providers.status import ServiceStatus
from providers.translation import following, submitting
from providers.types import (
    UNCHECKED,
    GeneratedImage,
    GenerationRequest,
    GenerationResult,
    ProgressCallback,
    Ticket,
    Verdict,
    VerdictStatus,
)
from providers.wire import Answer, Request

OFFICIAL_ROOT = "https://api-key.fusionbrain.ai"
STYLES_URL = "https://cdn.fusionbrain.ai/static/styles/key"

USUAL_SECONDS = 20.0
"""What a picture takes, as far as others have told; used for progress until we have measured."""

LONGEST_FIRST_POLL = 120.0
"""Seconds. A result nobody asks for is dropped after some five minutes, whatever the advice."""

REMEMBERED = 1000
LARGE_JSON = 500_000
"""Bytes from which an answer is decoded off the event loop."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A submission of this process: when it was made, and where its answers are to be had."""

    at: float
    surface: Surface


class FusionBrainProvider:
    """An ImageProvider for FusionBrain's HTTP API.

    base_url: the host's root. api: the surface to use, None to find out. jitter: gives numbers
    from 0.0 to 1.0.

    The service can't cancel: `cancel` ends our own waiting, in this process, and the picture is
    made and dropped over there.
    """

    name = NAME
    repeatable = False
    max_concurrency = 4  # no limit is documented

    def __init__(
        self,
        api_key: str,
        secret_key: str,
        *,
        base_url: str = OFFICIAL_ROOT,
        api: SurfaceName | None = None,
        styles_url: str = STYLES_URL,
        http: HttpClient,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._root = base_url.rstrip("/") + ROOT
        self._keys = {"X-Key": f"Key {api_key}", "X-Secret": f"Secret {secret_key}"}
        self._http = http
        self._clock = clock
        self._jitter = jitter
        surfaces = tuple(SURFACES.values()) if api is None else (SURFACES[api],)
        self._directory = Directory(self._get, surfaces, clock)
        self._styles = StyleList(styles_url, http=http, clock=clock)
        self._answers = OneShot(self._ask)
        self._durations = Durations()
        self._made: Recent[_Made] = Recent(REMEMBERED)
        self._canceled: Recent[bool] = Recent(REMEMBERED)

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Nothing to get ready."""

    async def offers(self) -> tuple[Offer, ...]:
        names = await self._styles.names()
        if names is None:
            return FUSIONBRAIN_OFFERS
        return tuple(replace(offer, native_styles=frozenset(names)) for offer in FUSIONBRAIN_OFFERS)

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        target = await self._directory.target(deadline)
        try:
            return await self._hand_in(request, target, deadline)
        except Unavailable:
            self._directory.forget()  # disabled, it may be, and another isn't
            raise
        except ServiceGone:
            # 404: nothing was accepted, and what we remembered may be what is gone.
            self._directory.forget()
            moved = await self._directory.target(deadline)
            if moved == target:
                raise
            return await self._hand_in(request, moved, deadline)

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        remote_id = ticket.remote_id
        if not REMOTE_ID.fullmatch(remote_id):
            raise ResultLost(NAME, "not an id of this service")
        first = 0.0 if self._answers.has_ended(remote_id) else ticket.first_poll or 0.0
        tick = self._ticker(remote_id, first, on_progress)
        tick()

        async def ask() -> Status | None:
            status = await read_again(
                lambda: self._answers.ask(remote_id, deadline),
                BadAnswer,
                clock=self._clock,
                deadline=deadline,
                jitter=self._jitter,
            )
            return status if status.ended else None

        status = await poll_until(
            ask,
            clock=TickingClock(self._clock, tick),
            deadline=deadline,
            provider=NAME,
            first=min(first, LONGEST_FIRST_POLL),
            expected=self._durations.expected,
            jitter=self._jitter,
        )
        picture = picture_of(status)
        with following(NAME):
            image = await asyncio.to_thread(_image, picture, status.censored)
        return GenerationResult((image,))

    async def cancel(self, ticket: Ticket) -> None:
        if not self._answers.has_ended(ticket.remote_id):
            self._canceled.put(ticket.remote_id, True)

    async def probe(self, *, deadline: float) -> ServiceStatus:
        surface, pipelines = await self._directory.listing(deadline)
        return ServiceStatus(  # its pipelines have names of their own, which no offer has
            styles=await self._styles.names(deadline=deadline),
            takes_work=await self._takes_work(surface, pipelines, deadline),
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _hand_in(self, request: GenerationRequest, target: Target, deadline: float) -> Ticket:
        headers, body = build_form(request, target.surface, target.pipeline_id)
        with submitting(NAME), known_host():
            answer = await self._http.send(
                Request(
                    method="POST",
                    url=self._root + target.surface.run,
                    headers={**self._keys, **headers},
                    body=body,
                    deadline=deadline,
                )
            )
            if not answer.ok:
                raise refusal(answer)
            receipt = parse_receipt(answer.json())
        self._made.put(receipt.remote_id, _Made(self._clock.monotonic(), target.surface))
        return Ticket(receipt.remote_id, first_poll=receipt.first_poll)

    async def _get(self, path: str, deadline: float) -> Answer:
        return await self._http.send(
            Request(method="GET", url=self._root + path, headers=self._keys, deadline=deadline)
        )

    async def _ask(self, remote_id: str, deadline: float) -> Status:
        made = self._made.get(remote_id)
        surface = made.surface if made else await self._directory.surface(deadline)
        with following(NAME):
            answer = await self._get(surface.status + remote_id, deadline)
            if not answer.ok:
                raise polling_error(answer)
            status = parse_status(await _json(answer))
        if status.files and not status.censored and made:
            self._durations.add(self._clock.monotonic() - made.at)
        return status

    async def _takes_work(
        self, surface: Surface, pipelines: Sequence[Pipeline], deadline: float
    ) -> bool:
        try:
            chosen = choose(pipelines)
        except Unavailable:
            return False
        with following(NAME), known_host():
            answer = await self._get(surface.availability.format(chosen.id), deadline)
            if answer.status in ABSENT:
                return True  # as the list has it
            if not answer.ok:
                raise listing_error(answer)
            return parse_availability(answer.json())

    def _ticker(
        self, remote_id: str, advised: float, on_progress: ProgressCallback
    ) -> Callable[[], None]:
        """Tells the progress, and ends the wait for what was canceled meanwhile."""
        rising = Rising(on_progress)
        made = self._made.get(remote_id)
        start = made.at if made else self._clock.monotonic()
        expected = self._durations.expected or advised or USUAL_SECONDS

        def tick() -> None:
            if self._canceled.get(remote_id):
                raise GenerationCanceled(NAME, "by us; the service can't")
            rising.at(estimate(self._clock.monotonic() - start, expected))

        return tick


async def _json(answer: Answer) -> object:
    if len(answer.body) < LARGE_JSON:
        return answer.json()
    return await asyncio.to_thread(answer.json)


def _image(text: str, censored: bool | None) -> GeneratedImage:
    """Blocks. Raises NotAPicture."""
    data = decode_picture(text)
    info = read_image(data)
    # It says of every picture whether it was censored: that is a look at it.
    verdict = UNCHECKED if censored is None else Verdict(VerdictStatus.ALLOWED, "image", NAME)
    return GeneratedImage(data, info.media_type, info.width, info.height, verdict=verdict)
