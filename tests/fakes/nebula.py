"""Nebula Block on loopback. What its documents don't say is as the adapter's comments assume."""

import asyncio
import base64
import binascii
import io
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from PIL import Image

from tests.fakes.replicate_pictures import draw
from tests.fakes.server import FakeService

KEY = "ak_fake-of-nebula"
COMMON = {"model", "prompt", "width", "height", "num_steps", "guidance_scale"}
TAKES: dict[str, set[str]] = {
    "stabilityai/stable-diffusion-xl-base-1.0": COMMON | {"negative_prompt"},
    "black-forest-labs/FLUX.1-schnell": COMMON | {"seed"},
    "black-forest-labs/FLUX.1-Fill-dev": COMMON | {"image", "mask"},
}
"""The table of the documents."""

PAINT = (200, 30, 60)
"""The colour in which a mask's white is repainted."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of a submission.

    failure: the message of a failed envelope, which comes with `status`.
    picture: these bytes in place of the one asked for.
    changes: laid over the answer. older: the answer's shape before spring 2025.
    """

    failure: str | None = None
    status: int = 200
    picture: bytes | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    older: str | None = None


class FakeNebula(FakeService):
    root = "/api/v1"

    def __init__(self, plan: Plan | None = None, *, key: str = KEY) -> None:
        super().__init__()
        self.plan = plan or Plan()
        self.key = key
        self.made = 0

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{self.root}/images/generation", self.handle("generate", self._generate)),
            web.get(f"{self.root}/serverless/models", self.handle("models", self._models)),
        ]

    async def _generate(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        body = await request.json()
        if (problem := await asyncio.to_thread(problem_of, body)) is not None:
            return failed(problem, 400)
        if self.plan.failure is not None:
            return failed(self.plan.failure, self.plan.status)
        self.made += 1
        picture = self.plan.picture
        if picture is None:
            picture = await asyncio.to_thread(_picture, body)
        return web.json_response(self._answer(body["model"], picture) | self.plan.changes)

    def _answer(self, model: str, picture: bytes) -> dict[str, Any]:
        encoded = base64.b64encode(picture).decode()
        if self.plan.older == "image_b64":
            return {"image_b64": encoded}
        if self.plan.older is not None:
            return {"data": {self.plan.older: encoded}, "status": "success"}
        return {
            "model": model,
            "object": "list",
            "data": [{"timings": {"inference": 1.5}, "index": 0, "b64_json": encoded}],
            "message": "Image generated successfully",
            "status": "success",
        }

    async def _models(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        models = [
            {"model_name": name, "model_alias": name, "model_type": "Image", "price": "0.01"}
            for name in TAKES
        ]
        models.append({"model_name": "Qwen/QwQ-32B", "model_alias": "q", "model_type": "Text"})
        return web.json_response({"data": {"models": models}, "status": "success", "message": "ok"})

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.key}":
            return None
        return failed("Unauthorized", 401)


def failed(message: str, status: int) -> web.Response:
    return web.json_response({"status": "failed", "message": message, "data": None}, status=status)


def problem_of(body: dict[str, Any]) -> str | None:
    """What the documents have against a request."""
    takes = TAKES.get(body.get("model", ""))
    if takes is None:
        return "model not found"
    if unknown := set(body) - takes:
        return f"invalid fields: {sorted(unknown)}"
    if body["width"] % 16 or body["height"] % 16:
        return "width and height must be divisible by 16"
    if "image" not in takes:
        return None
    try:
        sizes = {_decoded(body[name]).size for name in ("image", "mask")}
    except (KeyError, binascii.Error, OSError):
        return "image and mask must be base64 encoded images"
    right = sizes == {(body["width"], body["height"])}
    return None if right else "mask must have the size of the image"


def _decoded(encoded: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(encoded, validate=True)))


def _picture(body: dict[str, Any]) -> bytes:
    if "mask" not in body:
        return draw(body["width"], body["height"], max(body.get("seed", 0), 0))
    picture = _decoded(body["image"]).convert("RGB")
    picture.paste(PAINT, mask=_decoded(body["mask"]).convert("L"))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
