"""The two surfaces FusionBrain has had, and what is sent to each.

`pipeline` is the one of 2025. `text2image` is the one of the older documents; some of its hosts
have wanted a `pipeline_id` since 2024.
"""

import json
from dataclasses import dataclass
from typing import Literal

from providers.multipart import encode_multipart, text_part
from providers.types import GenerationRequest

ROOT = "/key/api/v1/"

SurfaceName = Literal["pipeline", "text2image"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Paths below ROOT, and the names of what the two call differently.

    listing: all there is to draw with. availability: `{}` stands for the chosen one's id.
    """

    name: SurfaceName
    listing: str
    run: str
    status: str
    availability: str
    id_field: str
    negative_prompt: str


PIPELINE = Surface(
    name="pipeline",
    listing="pipelines",
    run="pipeline/run",
    status="pipeline/status/",
    availability="pipeline/{}/availability",
    id_field="pipeline_id",
    negative_prompt="negativePromptDecoder",
)
TEXT2IMAGE = Surface(
    name="text2image",
    listing="models",
    run="text2image/run",
    status="text2image/status/",
    availability="text2image/availability?model_id={}",
    id_field="model_id",
    negative_prompt="negativePromptUnclip",
)
SURFACES: dict[SurfaceName, Surface] = {surface.name: surface for surface in (PIPELINE, TEXT2IMAGE)}
"""In the order they are tried in where none is configured."""


def build_params(request: GenerationRequest, surface: Surface) -> dict[str, object]:
    """The form's JSON part."""
    chosen: dict[str, object | None] = {
        "type": "GENERATE",
        "width": request.width,
        "height": request.height,
        "numImages": request.num_images,  # `num_images`, as one sample has it, is ignored
        "style": request.style,
        surface.negative_prompt: request.negative_prompt or None,
        "generateParams": {"query": request.prompt},
    }
    return {name: value for name, value in chosen.items() if value is not None}


def build_form(
    request: GenerationRequest, surface: Surface, drawn_by: str
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a submission; `drawn_by` is the id of a pipeline or model."""
    params = json.dumps(build_params(request, surface))
    content_type, body = encode_multipart(
        [
            text_part(surface.id_field, drawn_by),
            # Without a content type of its own the service answers 415.
            text_part("params", params, "application/json"),
        ]
    )
    return {"Content-Type": content_type}, body
