"""From a request to the body of `POST /predictions`: each model has its own words for the same things."""

import asyncio
from collections.abc import Callable

from providers.catalog import Offer
from providers.enclosing import jpeg_data_uri
from providers.errors import InvalidRequest
from providers.replicate_answers import NAME
from providers.sniffing import NotAPicture
from providers.types import GenerationRequest

LARGEST_DATA_URI = 256_000
"""Bytes of a file up to which the service recommends to send it inside the body."""

Input = dict[str, object | None]


def build_payload(request: GenerationRequest, offer: Offer) -> dict[str, object]:
    """The service rejects unknown keys beside these two, and others that say where to call back.

    Blocks where there is a picture. Raises InvalidRequest for one that can't be read.
    """
    chosen = _common(request) | _OWN[model_of(offer)](request)
    return {
        "version": version_of(offer),
        "input": {name: value for name, value in chosen.items() if value is not None},
    }


async def payload_of(request: GenerationRequest, offer: Offer) -> dict[str, object]:
    """`build_payload`, off the event loop where it takes long."""
    if not request.init_images:
        return build_payload(request, offer)
    return await asyncio.to_thread(build_payload, request, offer)


def model_of(offer: Offer) -> str:
    return offer.remote_name.partition(":")[0]


def version_of(offer: Offer) -> str:
    return offer.remote_name.rpartition(":")[2]


def _common(request: GenerationRequest) -> Input:
    return {
        "prompt": request.prompt,
        "width": request.width,
        "height": request.height,
        "num_outputs": request.num_images,
        "num_inference_steps": request.num_inference_steps,
        "seed": request.seed,
    }


def _kandinsky_2_2(request: GenerationRequest) -> Input:
    return {
        # The model puts its own long negative text right behind this one, without a separator.
        "negative_prompt": f"{request.negative_prompt}, " if request.negative_prompt else None,
        "num_inference_steps_prior": request.prior_num_inference_steps,
        "output_format": request.output_format,
    }


def _kandinsky_2_1(request: GenerationRequest) -> Input:
    return {
        "task": "text_guided_img2img" if request.init_images else "text2img",
        # Where it is left out the model has words of its own: low quality, bad quality.
        "negative_prompt": request.negative_prompt or None,
        "num_steps_prior": request.prior_num_inference_steps,
        "guidance_scale": request.guidance_scale,
        "strength": request.strength,
        "image": _image(request),
    }


_OWN: dict[str, Callable[[GenerationRequest], Input]] = {
    "ai-forever/kandinsky-2.2": _kandinsky_2_2,
    "ai-forever/kandinsky-2-1": _kandinsky_2_1,
}


def _image(request: GenerationRequest) -> str | None:
    """In the size asked for: the model stretches whatever has another shape."""
    if not request.init_images:
        return None
    size = (request.width, request.height)
    try:
        return jpeg_data_uri(request.init_images[0].data, size, max_bytes=LARGEST_DATA_URI)
    except NotAPicture as error:
        raise InvalidRequest(NAME, f"the given picture: {error}", ("image",)) from error
