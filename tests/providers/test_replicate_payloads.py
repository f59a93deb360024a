"""Every wish an offer declares is sent, under the model's own name, and nothing else is."""

import base64
import random
from io import BytesIO

import pytest
from PIL import Image

from providers.catalog import Offer
from providers.errors import InvalidRequest
from providers.offers.replicate import REPLICATE_OFFERS
from providers.replicate_payloads import LARGEST_DATA_URI, build_payload
from providers.types import GenerationRequest, InitImage, Mode
from tests.fakes.replicate_schema import SCHEMAS, errors, input_errors

OFFERS = {offer.model: offer for offer in REPLICATE_OFFERS}
NEW, OLD = OFFERS["kandinsky-2.2"], OFFERS["kandinsky-2.1"]
REQUEST = GenerationRequest(prompt="a secret fox", width=512, height=384, num_images=2)

WISHES = {
    "negative_prompt": "blurry",
    "seed": 0,
    "num_inference_steps": 50,
    "prior_num_inference_steps": 10,
    "guidance_scale": 7.5,
    "output_format": "webp",
    "num_images": 4,
    "width": 768,
    "height": 640,
    # What these models can't do, and an adapter must not send.
    "prior_guidance_scale": 2.0,
    "scheduler": "DDIM",
    "style": "ANIME",
    "mask_image": b"mask",
    "control_image": b"depth",
}
SENT = {
    "kandinsky-2.2": {
        "negative_prompt": {"negative_prompt": "blurry, "},
        "seed": {"seed": 0},
        "num_inference_steps": {"num_inference_steps": 50},
        "prior_num_inference_steps": {"num_inference_steps_prior": 10},
        "output_format": {"output_format": "webp"},
        "num_images": {"num_outputs": 4},
        "width": {"width": 768},
        "height": {"height": 640},
    },
    "kandinsky-2.1": {
        "negative_prompt": {"negative_prompt": "blurry"},
        "seed": {"seed": 0},
        "num_inference_steps": {"num_inference_steps": 50},
        "prior_num_inference_steps": {"num_steps_prior": 10},
        "guidance_scale": {"guidance_scale": 7.5},
        "num_images": {"num_outputs": 4},
        "width": {"width": 768},
        "height": {"height": 640},
    },
}


def picture(size: tuple[int, int] = (600, 600), mode: str = "RGB", kind: str = "PNG") -> bytes:
    file = BytesIO()
    Image.new(mode, size, 200 if mode == "L" else "teal").save(file, kind)
    return file.getvalue()


def with_picture(data: bytes, **changes: object) -> GenerationRequest:
    given = {"mode": Mode.IMAGE_TO_IMAGE, "init_images": (InitImage(data=data),)}
    return REQUEST.model_copy(update={**given, **changes})


def sent(request: GenerationRequest, offer: Offer) -> dict:
    """The input, checked against the service's own schemas."""
    payload = build_payload(request, offer)
    assert not errors("create_request", payload)
    assert not input_errors(payload["version"], payload["input"])
    return payload["input"]


def image_sent(request: GenerationRequest) -> tuple[bytes, Image.Image]:
    kind, _, encoded = sent(request, OLD)["image"].partition(",")
    assert kind == "data:image/jpeg;base64"
    data = base64.b64decode(encoded, validate=True)
    return data, Image.open(BytesIO(data))


def test_a_bare_request_leaves_the_rest_to_the_service() -> None:
    common = {"prompt": "a secret fox", "width": 512, "height": 384, "num_outputs": 2}
    assert sent(REQUEST, NEW) == common | {"output_format": "png"}
    assert sent(REQUEST, OLD) == common | {"task": "text2img"}


@pytest.mark.parametrize("offer", REPLICATE_OFFERS, ids=lambda offer: offer.model)
def test_a_version_is_pinned(offer: Offer) -> None:
    assert build_payload(REQUEST, offer)["version"] == offer.remote_name[-64:]


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("model", OFFERS)
def test_each_wish_changes_its_own_parameter_or_none(model: str, wish: str) -> None:
    plain = sent(REQUEST, OFFERS[model])
    wished = sent(REQUEST.model_copy(update={wish: WISHES[wish]}), OFFERS[model])
    changed = {key: wished[key] for key in wished if wished[key] != plain.get(key)}
    assert changed == SENT[model].get(wish, {})
    assert plain.keys() <= wished.keys()


@pytest.mark.parametrize(
    ("flag", "wish"),
    [
        ("steps", "num_inference_steps"),
        ("prior_steps", "prior_num_inference_steps"),
        ("guidance", "guidance_scale"),
        ("prior_guidance", "prior_guidance_scale"),
        ("seed", "seed"),
        ("negative_prompt", "negative_prompt"),
        ("native_styles", "style"),
    ],
)
@pytest.mark.parametrize("model", OFFERS)
def test_what_an_offer_declares_is_what_is_sent(model: str, flag: str, wish: str) -> None:
    assert bool(getattr(OFFERS[model], flag)) is (wish in SENT[model])


@pytest.mark.parametrize("model", OFFERS)
def test_an_offer_is_inside_the_schema(model: str) -> None:
    offer = OFFERS[model]
    schema = SCHEMAS[f"{model.replace('-', '_').replace('.', '_')}_input"]["properties"]
    assert schema["num_outputs"]["maximum"] == offer.max_images
    assert schema["num_inference_steps"]["maximum"] == offer.steps.high
    assert schema["num_inference_steps"]["default"] == offer.steps.default
    for width, height in ((side, side) for side in offer.sizes.sides):
        sent(REQUEST.model_copy(update={"width": width, "height": height}), offer)


def test_a_picture_goes_along_in_the_size_asked_for() -> None:
    request = with_picture(picture((600, 600)), strength=0.4)
    plain = sent(REQUEST, OLD)
    changed = {name: value for name, value in sent(request, OLD).items() if name not in plain}
    assert changed.keys() == {"strength", "image"}
    assert changed["strength"] == 0.4
    assert sent(request, OLD)["task"] == "text_guided_img2img"
    _, image = image_sent(request)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (512, 384))


@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "CMYK"])
def test_a_picture_of_any_mode_goes_along(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    _, image = image_sent(with_picture(picture(mode=mode, kind=kind)))
    assert image.mode == "RGB"


def test_of_another_shape_its_middle_is_sent() -> None:
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste("blue", (250, 0, 650, 300))
    file = BytesIO()
    wide.save(file, "PNG")
    _, image = image_sent(with_picture(file.getvalue()))
    for corner in ((2, 2), (509, 381)):
        red, _, blue = image.getpixel(corner)
        assert blue > 200 > red


def test_noise_is_made_small_enough() -> None:
    """What compresses worst, in the largest size."""
    noise = Image.frombytes("RGB", (1024, 1024), random.Random(1).randbytes(3 * 1024**2))  # noqa: S311
    file = BytesIO()
    noise.save(file, "JPEG", quality=95)
    data, image = image_sent(with_picture(file.getvalue(), width=1024, height=1024))
    assert len(data) <= LARGEST_DATA_URI < len(file.getvalue())
    assert image.width == image.height


@pytest.mark.parametrize("data", [b"", b"<html>", picture()[:-30]])
def test_a_picture_that_is_none_is_refused_before_anything_is_sent(data: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        build_payload(with_picture(data), OLD)
    assert refused.value.fields == ("image",)
