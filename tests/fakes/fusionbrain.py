"""FusionBrain on loopback, both surfaces, as strict as the service is said to be."""

import asyncio
import base64
import json
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.replicate_pictures import draw
from tests.fakes.server import FakeService

KEYS = ("key_fake", "secret_fake")
PIPELINES: list[dict[str, Any]] = [
    {"id": "a17740da-e8a0-4816-876a-000000000031", "version": 3.1},
    {"id": "a17740da-e8a0-4816-876a-000000000030", "version": 3.0},
    {"id": "a17740da-e8a0-4816-876a-000000000032", "version": 3.2},
    {"id": "a17740da-e8a0-4816-876a-000000000022", "version": 2.2},
]
MODELS = [{"id": 4, "name": "Kandinsky", "version": 3.1, "type": "TEXT2IMAGE"}]
STYLES = ("KANDINSKY", "UHD", "ANIME", "DEFAULT")
ID_NAME = {"pipeline": "pipeline", "text2image": "model"}
_COMMON = {"type", "width", "height", "numImages", "style", "generateParams"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of one submission.

    It ends at its GET number `gets`, or `seconds` after it was made where that is set.
    status: the word it ends with. ended: laid over the last answer, result and all.
    status_time: advised in the receipt; None leaves it out.
    """

    gets: int = 2
    seconds: float | None = None
    status: str = "DONE"
    censored: object = False
    files: tuple[object, ...] | None = None
    ended: Mapping[str, Any] = field(default_factory=dict)
    status_time: object = None


@dataclass
class Run:
    """One accepted submission: the surface it came by, the form as it was read."""

    surface: str
    drawn_by: str
    params: dict[str, Any]
    plan: Plan
    born: float
    gets: int = 0

    @property
    def over(self) -> bool:
        if self.plan.seconds is not None:
            return time.monotonic() - self.born >= self.plan.seconds
        return self.gets >= self.plan.gets


class FakeFusionBrain(FakeService):
    """surfaces: those that are there; the paths of the others answer 404.

    A result is given out once: with the answer that ends it the record is gone.
    availability: the body of that answer. blocked: the body, without a uuid, of a 201.
    overlaps: how often an id was asked about while it was being asked about.
    """

    def __init__(self, plan: Plan | None = None, *, surfaces: tuple[str, ...] = ("pipeline",)):
        super().__init__()
        self.plan = plan or Plan()
        self.plans: deque[Plan] = deque()
        self.surfaces = surfaces
        self.pipelines = [_whole(entry) for entry in PIPELINES]
        self.models = [dict(entry) for entry in MODELS]
        self.availability: object = {"status": "ACTIVE"}
        self.blocked: object = None
        self.runs: dict[str, Run] = {}
        self.made: list[Run] = []
        self.overlaps = 0
        self._asked: set[str] = set()

    @property
    def styles_url(self) -> str:
        return f"{self.origin}/static/styles/key"

    def routes(self) -> list[web.RouteDef]:
        root = "/key/api/v1/"
        return [
            web.get(f"{root}pipelines", self._on("pipeline", "list", self._pipelines)),
            web.post(f"{root}pipeline/run", self._on("pipeline", "run", self._run)),
            web.get(f"{root}pipeline/status/{{id}}", self._on("pipeline", "status", self._status)),
            web.get(
                f"{root}pipeline/{{id}}/availability",
                self._on("pipeline", "availability", self._availability),
            ),
            web.get(f"{root}models", self._on("text2image", "models", self._models)),
            web.post(f"{root}text2image/run", self._on("text2image", "run", self._run)),
            web.get(
                f"{root}text2image/status/{{id}}", self._on("text2image", "status", self._status)
            ),
            web.get(
                f"{root}text2image/availability",
                self._on("text2image", "availability", self._availability),
            ),
            web.get("/static/styles/key", self.handle("styles", self._styles)),
        ]

    def _on(self, surface: str, route: str, handler: Any) -> Any:
        async def checked(request: web.Request) -> web.StreamResponse:
            if surface not in self.surfaces:
                return spring(404, "Not Found", request)
            given = (request.headers.get("X-Key"), request.headers.get("X-Secret"))
            if given != (f"Key {KEYS[0]}", f"Secret {KEYS[1]}"):
                return spring(401, "Unauthorized", request)
            return await handler(request)

        return self.handle(route, checked)

    async def _pipelines(self, _request: web.Request) -> web.Response:
        return web.json_response(self.pipelines)

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response(self.models)

    async def _availability(self, _request: web.Request) -> web.Response:
        return web.json_response(self.availability)

    async def _styles(self, request: web.Request) -> web.Response:
        assert "X-Key" not in request.headers and "X-Secret" not in request.headers
        return web.json_response([{"name": name, "titleEn": name.title()} for name in STYLES])

    async def _run(self, request: web.Request) -> web.Response:
        surface = "pipeline" if "/pipeline/" in request.path else "text2image"
        form = await _form(request)
        if isinstance(form, str):
            return spring(415, form, request)
        if (problem := _wrong_parts(form, surface)) is not None:
            return spring(400, problem, request)
        drawn_by, params = form[f"{ID_NAME[surface]}_id"].decode(), json.loads(form["params"])
        if (problem := _wrong_params(params, surface)) is not None:
            return spring(400, problem, request)
        known = self.pipelines if surface == "pipeline" else self.models
        if drawn_by not in {str(entry["id"]) for entry in known}:
            return spring(404, "no such pipeline", request)
        if self.blocked is not None:
            return web.json_response(self.blocked, status=201)
        return self._receipt(surface, drawn_by, params)

    def _receipt(self, surface: str, drawn_by: str, params: dict[str, Any]) -> web.Response:
        plan = self.plans.popleft() if self.plans else self.plan
        remote_id = str(uuid.uuid4())
        self.runs[remote_id] = Run(surface, drawn_by, params, plan, time.monotonic())
        self.made.append(self.runs[remote_id])
        receipt = {"status": "INITIAL", "uuid": remote_id}
        if plan.status_time is not None:
            receipt["status_time"] = plan.status_time
        return web.json_response(receipt, status=201)

    async def _status(self, request: web.Request) -> web.Response:
        remote_id = request.match_info["id"]
        if remote_id in self._asked:
            self.overlaps += 1
        self._asked.add(remote_id)
        try:
            await asyncio.sleep(0)
            return self._answer(remote_id, request)
        finally:
            self._asked.discard(remote_id)

    def _answer(self, remote_id: str, request: web.Request) -> web.Response:
        surface = "pipeline" if "/pipeline/" in request.path else "text2image"
        run = self.runs.get(remote_id)
        if run is None or run.surface != surface:
            return spring(404, "Not Found", request)
        run.gets += 1
        if not run.over:
            word = "INITIAL" if run.gets == 1 else "PROCESSING"
            return web.json_response({"uuid": remote_id, "status": word})
        del self.runs[remote_id]
        return web.json_response(self._last(remote_id, run))

    def _last(self, remote_id: str, run: Run) -> dict[str, Any]:
        plan = run.plan
        picture = draw(run.params["width"], run.params["height"], len(self.made), "jpeg")
        files = [base64.b64encode(picture).decode()] if plan.files is None else list(plan.files)
        body: dict[str, Any] = {"uuid": remote_id, "status": plan.status}
        if plan.status == "DONE" and run.surface == "pipeline":
            body |= {"result": {"files": files, "censored": plan.censored}, "generationTime": 17}
        elif plan.status == "DONE":
            body |= {"images": files, "censored": plan.censored, "errorDescription": None}
        return body | dict(plan.ended)


async def _form(request: web.Request) -> dict[str, bytes] | str:
    """The parts by name, or why they can't be read."""
    if request.content_type != "multipart/form-data":
        return f"Content type '{request.content_type}' not supported"
    form: dict[str, bytes] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader) and part.name is not None
        assert part.name not in form, "a part that comes twice"
        kind = part.headers.get("Content-Type")
        if part.name == "params" and kind != "application/json":
            return "Content type 'application/octet-stream' not supported"
        assert part.name == "params" or kind is None
        form[part.name] = bytes(await part.read())
    return form


def _wrong_parts(form: dict[str, bytes], surface: str) -> str | None:
    needed = (f"{ID_NAME[surface]}_id", "params")
    missing = [name for name in needed if name not in form]
    if missing:
        return f"Required parameter '{missing[0]}' is not present."
    return None if set(form) == set(needed) else "an unknown part"


def _wrong_params(params: Any, surface: str) -> str | None:
    """What the service's own validator finds; an unknown key is our own strictness."""
    negative = "negativePromptDecoder" if surface == "pipeline" else "negativePromptUnclip"
    if unknown := set(params) - _COMMON - {negative}:
        return f"unknown: {sorted(unknown)}"
    query = params.get("generateParams", {}).get("query", "")
    sides = (params.get("width"), params.get("height"))
    rules = {
        "type": params.get("type") == "GENERATE",
        "sides": all(type(side) is int and 128 <= side <= 1024 for side in sides),
        "numImages": params.get("numImages") == 1,
        "query": 1 <= len(query) <= 1000 and not query.isspace(),
        "style": params.get("style", "DEFAULT") in STYLES,
        "negative": 1 <= len(params.get(negative, "x")) <= 1000,
    }
    return next((f"wrong {name}" for name, holds in rules.items() if not holds), None)


def _whole(entry: dict[str, Any]) -> dict[str, Any]:
    names = {"name": "Kandinsky", "nameEn": "Kandinsky"}
    return names | {"status": "ACTIVE", "type": "TEXT2IMAGE", "tags": []} | entry


def spring(status: int, message: str, request: web.Request) -> web.Response:
    """The error body of the framework behind the service."""
    reason = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}.get(status, "Error")
    body = {
        "timestamp": "2026-01-01T00:00:00.000+00:00",
        "status": status,
        "error": reason,
        "message": message,
        "path": request.path,
    }
    return web.json_response(body, status=status)
