"""OpenAI's images API on loopback, and the servers that imitate it. By hand:

python -m tests.fakes.openai_images --port 9001
"""

import argparse
import asyncio
import base64
import functools
import io
import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
from aiohttp import BodyPartReader, web
from PIL import Image

from tests.fakes.replicate_pictures import draw
from tests.fakes.server import FakeService

SCHEMAS = json.loads((Path(__file__).parent.parent / "data/openai/schema.json").read_text())
KEY = "sk-fake-of-openai"
FIXED_SIZES = {
    "dall-e-2": {"256x256", "512x512", "1024x1024"},
    "dall-e-3": {"1024x1024", "1792x1024", "1024x1792"},
    "gpt-image-1": {"1024x1024", "1536x1024", "1024x1536"},
    "gpt-image-1.5": {"1024x1024", "1536x1024", "1024x1536"},
}
EDITING = {"dall-e-2", "gpt-image-1", "gpt-image-1.5", "gpt-image-2"}
PAINT = (200, 30, 60)
"""The colour in which a mask's transparent part is repainted."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of a submission.

    refusal: an error with this status, and the fields of its body's `error`.
    urls: pictures come as addresses. picture: these bytes in place of each.
    pictures: how many come, None for as many as asked.
    nulls: fields that are absent are written as null, as LiteLLM does.
    changes: laid over the answer.
    """

    refusal: tuple[int, dict[str, Any]] | None = None
    urls: bool = False
    picture: bytes | None = None
    pictures: int | None = None
    nulls: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


class FakeOpenAI(FakeService):
    """Requests and answers are checked against OpenAI's document.

    key: None for a server that has none, and expects no Authorization header.
    models: what it has; those it knows by OpenAI's names obey OpenAI's rules.
    plain: it refuses `response_format`, whatever the model.
    edits: the fields and files of each edit, as they came.
    """

    root = "/v1"

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        key: str | None = KEY,
        models: Iterable[str] = (*FIXED_SIZES, "gpt-image-2"),
        plain: bool = False,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self.plan = plan or Plan()
        self.key = key
        self.models = tuple(models)
        self.plain = plain
        self.made = 0
        self.edits: list[dict[str, Any]] = []
        self._pictures: list[bytes] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/images/generations", self.handle("generate", self._generate)),
            web.post("/v1/images/edits", self.handle("edit", self._edit)),
            web.get("/v1/models", self.handle("models", self._models)),
            web.get("/files/{number}", self.handle("picture", self._picture)),
        ]

    async def _generate(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        body = await request.json()
        if (problem := self._problem("CreateImageRequest", body)) is not None:
            return problem
        size = body.get("size", "1024x1024")
        width, height = map(int, size.split("x"))
        file_format = body.get("output_format", "png")
        count = body.get("n", 1) if self.plan.pictures is None else self.plan.pictures
        pictures = [
            await asyncio.to_thread(draw, width, height, number, file_format)
            for number in range(count)
        ]
        return self._answer(body, pictures)

    async def _edit(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        body = await _form(request)
        self.edits.append(body)
        readable = {k: "binary" if isinstance(v, bytes) else v for k, v in body.items()}
        if (problem := self._problem("CreateImageEditRequest", readable)) is not None:
            return problem
        if body["model"] not in EDITING:
            return error(400, "invalid_value", param="model")
        if (wrong := await asyncio.to_thread(_wrong_files, body)) is not None:
            return error(400, "invalid_image", param=wrong)
        picture = await asyncio.to_thread(_edited, body)
        return self._answer(body, [picture] * body.get("n", 1))

    def _problem(self, schema: str, body: dict[str, Any]) -> web.Response | None:
        unknown = set(body) - set(SCHEMAS["$defs"][schema]["properties"])
        if unknown:
            return error(400, "unknown_parameter", param=min(unknown))
        if problems := schema_errors(schema, body):
            return error(400, "invalid_value", message=problems[0])
        if self.plan.refusal is not None:
            status, told = self.plan.refusal
            return web.json_response({"error": told}, status=status)
        if self.plain and "response_format" in body:
            return error(400, "unknown_parameter", param="response_format")
        if body.get("model") not in self.models:
            return error(404, "model_not_found")
        return _broken_rule(body)

    def _answer(self, body: dict[str, Any], pictures: list[bytes]) -> web.Response:
        self.made += 1
        if self.plan.picture is not None:
            pictures = [self.plan.picture] * len(pictures)
        answer: dict[str, Any] = {"created": 1767268800, "data": list(map(self._entry, pictures))}
        if body["model"].startswith("gpt-image"):
            tokens = {"text_tokens": 9, "image_tokens": 0}
            answer["usage"] = {
                "input_tokens": 9,
                "output_tokens": 4160,
                "total_tokens": 4169,
                "input_tokens_details": tokens,
            }
        assert not schema_errors("ImagesResponse", answer), schema_errors("ImagesResponse", answer)
        if self.plan.nulls:
            absent = dict.fromkeys(("b64_json", "url", "revised_prompt"))
            answer["data"] = [absent | entry for entry in answer["data"]]
            answer = dict.fromkeys(("background", "quality", "size", "usage")) | answer
        return web.json_response(answer | self.plan.changes)

    def _entry(self, picture: bytes) -> dict[str, Any]:
        if not self.plan.urls:
            return {"b64_json": base64.b64encode(picture).decode()}
        self._pictures.append(picture)
        return {"url": f"{self.origin}/files/{len(self._pictures) - 1}"}

    async def _models(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        known = [
            {"id": name, "object": "model", "created": 1, "owned_by": "system"}
            for name in self.models
        ]
        answer = {"object": "list", "data": known}
        assert not schema_errors("ListModelsResponse", answer)
        return web.json_response(answer)

    async def _picture(self, request: web.Request) -> web.Response:
        picture = self._pictures[int(request.match_info["number"])]
        return web.Response(body=picture, content_type="image/png")

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        expected = None if self.key is None else f"Bearer {self.key}"
        if request.headers.get("Authorization") == expected:
            return None
        return error(401, "invalid_api_key")


def error(status: int, code: str, *, message: str = "no", param: str | None = None) -> web.Response:
    told = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return web.json_response({"error": told}, status=status)


def schema_errors(name: str, value: object) -> list[str]:
    return [problem.message for problem in _validator(name).iter_errors(value)]


@functools.cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMAS | {"$ref": f"#/$defs/{name}"})


def _broken_rule(body: dict[str, Any]) -> web.Response | None:
    """What the document says in words about the models."""
    model, size = body["model"], body.get("size", "1024x1024")
    is_gpt = model.startswith("gpt-image")
    forbidden = "response_format" if is_gpt else "output_format"
    if forbidden in body and (is_gpt or model in FIXED_SIZES):
        return error(400, "unknown_parameter", param=forbidden)
    if model == "dall-e-3" and body.get("n", 1) != 1:
        return error(400, "invalid_value", param="n")
    allowed = FIXED_SIZES.get(model)
    right = size in allowed if allowed else model != "gpt-image-2" or _is_free_size(size)
    return None if right else error(400, "invalid_value", param="size")


def _is_free_size(size: str) -> bool:
    width, height = map(int, size.split("x"))
    whole = width % 16 == 0 and height % 16 == 0
    return whole and max(width, height) <= 3 * min(width, height) and width * height <= 2560 * 1440


async def _form(request: web.Request) -> dict[str, Any]:
    """Files as bytes, `n` as the number it stands for; `image[]` is how a list of one is written."""
    body: dict[str, Any] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader) and part.name is not None
        data = bytes(await part.read())
        if part.filename is None:
            body[part.name] = int(data) if part.name == "n" else data.decode()
        else:
            assert re.fullmatch(r"image/(png|jpeg|webp)", part.headers["Content-Type"])
            body[part.name.removesuffix("[]")] = data
    return body


def _wrong_files(body: dict[str, Any]) -> str | None:
    """The file the document has something against."""
    picture = _opened(body["image"])
    if body["model"] == "dall-e-2" and (picture.format != "PNG" or picture.width != picture.height):
        return "image"
    if "mask" not in body:
        return None
    mask = _opened(body["mask"])
    wrong = mask.format != "PNG" or mask.mode != "RGBA" or mask.size != picture.size
    return "mask" if wrong else None


def _edited(body: dict[str, Any]) -> bytes:
    width, height = map(int, body["size"].split("x"))
    picture = _opened(body["image"]).convert("RGB")
    if "mask" in body:
        keep = _opened(body["mask"]).getchannel("A")
        picture.paste(PAINT, mask=keep.point(lambda alpha: 255 - alpha))
    file = io.BytesIO()
    picture.resize((width, height)).save(file, body.get("output_format", "png"))
    return file.getvalue()


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


async def _serve(port: int, key: str | None) -> None:
    async with FakeOpenAI(key=key, port=port) as service:
        sys.stdout.write(f"{service.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="OpenAI's images API on loopback")
    parser.add_argument("--port", type=int, default=0, help="0: any free one, printed")
    parser.add_argument("--key", default=KEY)
    options = parser.parse_args()
    asyncio.run(_serve(options.port, options.key))


if __name__ == "__main__":
    main()
