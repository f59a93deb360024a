"""Nebula Block over real HTTP on loopback; what all providers promise is in the contract suite."""

import base64
import io
import logging
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from providers.catalog import Offer, fit
from providers.errors import (
    Censored,
    GenerationFailed,
    InvalidRequest,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.http import HttpClient
from providers.nebula import NebulaProvider, build_payload
from providers.offers.nebula import NEBULA_OFFERS
from providers.types import GenerationRequest, GenerationResult, InitImage, Mode, Wish
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.nebula import PAINT, TAKES, FakeNebula, Plan
from tests.providers.test_given import MASK, PICTURE

SDXL, SCHNELL, FILL = NEBULA_OFFERS
REQUEST = GenerationRequest(prompt="a secret fox", width=512, height=384)
INPAINTING = REQUEST.model_copy(
    update={
        "mode": Mode.INPAINTING,
        "init_images": (InitImage(data=PICTURE),),
        "mask_image": MASK,
    }
)


@pytest.fixture
async def service() -> AsyncIterator[FakeNebula]:
    async with FakeNebula() as service:
        yield service


@pytest.fixture
async def nebula(service: FakeNebula) -> AsyncIterator[NebulaProvider]:
    clock = FakeClock(auto=True)
    provider = NebulaProvider(
        service.key, base_url=service.base_url + "/", http=HttpClient(clock), clock=clock
    )
    yield provider
    await provider.aclose()


async def run(
    provider: NebulaProvider, request: GenerationRequest = REQUEST, offer=SDXL
) -> GenerationResult:
    ticket = await provider.submit(request, offer, deadline=600.0)
    return await provider.wait(ticket, deadline=600.0, on_progress=lambda _progress: None)


# What is sent

WISHES = {
    "negative_prompt": ("blurry", {"negative_prompt": "blurry"}),
    "seed": (0, {"seed": 0}),
    "num_inference_steps": (31, {"num_steps": 31}),
    "guidance_scale": (6.5, {"guidance_scale": 6.5}),
    "size": ((640, 656), {"width": 640, "height": 656}),
}
UNDECLARED = {("seed", "sdxl"), ("seed", "flux-fill")} | {
    ("negative_prompt", model) for model in ("flux-schnell", "flux-fill")
}
"""By the table of the documents."""


def request_for(offer: Offer, **wish: object) -> GenerationRequest:
    (mode,) = offer.modes
    request = fit(Wish(prompt="a secret fox", **({"size": (512, 384)} | wish)), offer, mode).request
    given = INPAINTING if mode is Mode.INPAINTING else REQUEST
    return request.model_copy(
        update={"init_images": given.init_images, "mask_image": given.mask_image}
    )


@pytest.mark.parametrize("offer", NEBULA_OFFERS, ids=lambda offer: offer.model)
@pytest.mark.parametrize("wish", WISHES)
def test_each_wish_changes_its_own_parameter_and_only_where_it_is_declared(offer, wish) -> None:
    value, sent = WISHES[wish]
    plain = build_payload(request_for(offer), offer)
    wished = build_payload(request_for(offer, **{wish: value}), offer)
    changed = {key for key in wished if wished[key] != plain.get(key)}
    changed -= {"image", "mask"}  # they follow the size
    assert {key: wished[key] for key in changed} == (
        {} if (wish, offer.model) in UNDECLARED else sent
    )


@pytest.mark.parametrize("offer", NEBULA_OFFERS, ids=lambda offer: offer.model)
def test_nothing_is_sent_that_the_model_does_not_take(offer) -> None:
    assert set(build_payload(request_for(offer), offer)) <= TAKES[offer.remote_name]


def test_a_bare_request_leaves_the_rest_to_the_service() -> None:
    assert build_payload(REQUEST, SDXL) == {
        "model": "stabilityai/stable-diffusion-xl-base-1.0",
        "prompt": "a secret fox",
        "width": 512,
        "height": 384,
    }


@pytest.mark.parametrize(("seed", "sent"), [(None, -1), (0, 0), (7, 7)])
def test_where_no_seed_is_given_the_model_chooses_one(seed, sent) -> None:
    payload = build_payload(REQUEST.model_copy(update={"seed": seed}), SCHNELL)
    assert payload["seed"] == sent


def test_every_size_is_divisible_by_16() -> None:
    for offer in NEBULA_OFFERS:
        assert not [size for size in offer.sizes.possible if size[0] % 16 or size[1] % 16]


@pytest.mark.parametrize("offer", NEBULA_OFFERS, ids=lambda offer: offer.model)
async def test_every_offer_is_taken_by_the_service(nebula, service, offer) -> None:
    (image,) = (await run(nebula, request_for(offer), offer)).images
    assert (image.width, image.height) == (512, 384)
    assert service.seen("generate")[0].headers["Authorization"] == f"Bearer {service.key}"


@pytest.mark.parametrize(("offer", "seed"), [(SDXL, None), (SCHNELL, 7)])
async def test_the_seed_is_told_where_there_is_one(nebula, offer, seed) -> None:
    (image,) = (await run(nebula, REQUEST.model_copy(update={"seed": 7}), offer)).images
    assert image.seed == seed


# Inpainting


async def test_picture_and_mask_go_in_bare_base64_and_of_one_size(nebula, service) -> None:
    await run(nebula, INPAINTING, FILL)
    body = service.seen("generate")[0].json
    sizes = set()
    for name in ("image", "mask"):
        assert not body[name].startswith("data:")
        sizes.add(Image.open(io.BytesIO(base64.b64decode(body[name], validate=True))).size)
    assert sizes == {(512, 384)}


async def test_what_is_white_in_the_mask_is_repainted(nebula) -> None:
    (image,) = (await run(nebula, INPAINTING, FILL)).images
    picture = Image.open(io.BytesIO(image.data)).convert("RGB")
    assert picture.getpixel((20, 200)) == PAINT
    assert picture.getpixel((490, 200)) == (0, 0, 255)


async def test_a_broken_picture_is_refused_before_anything_is_sent(nebula, service) -> None:
    broken = INPAINTING.model_copy(update={"init_images": (InitImage(data=b"no"),)})
    with pytest.raises(InvalidRequest):
        await run(nebula, broken, FILL)
    assert service.requests == []


# What comes back


@pytest.mark.parametrize("older", ["image_b64", "image_file"])
async def test_older_answers_are_read_too(nebula, service, older) -> None:
    service.plan = Plan(older=older)
    assert len((await run(nebula)).images) == 1


async def test_a_data_prefix_does_no_harm(nebula, service) -> None:
    await run(nebula)
    encoded = base64.b64encode(PICTURE).decode()
    service.plan = Plan(changes={"data": [{"b64_json": f"data:image/png;base64,{encoded}"}]})
    assert (await run(nebula)).images[0].data == PICTURE


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Something went wrong", GenerationFailed),
        ("", GenerationFailed),
        ("Insufficient credits in your account", OutOfCredit),
        ("Rate limit exceeded", RateLimited),
        ("Unauthorized access", Unauthorized),
        ("Invalid API key", Unauthorized),
        ("Model foo was not found", ServiceGone),
        ("The service is overloaded", Unavailable),
        ("width must be divisible by 16", InvalidRequest),
        ("NSFW content detected", Censored),
        ("Blocked by our content policy", Censored),
    ],
)
async def test_a_failure_within_a_200(nebula, service, message, kind) -> None:
    service.plan = Plan(failure=message)
    with pytest.raises(ProviderError) as failed:
        await run(nebula)
    assert type(failed.value) is kind
    assert not message or message not in str(failed.value)
    assert service.count("generate") == 1


@pytest.mark.parametrize(
    ("message", "stage"),
    [("Your prompt violates our content policy", "prompt"), ("Output flagged as NSFW", "image")],
)
async def test_what_was_censored_is_told(nebula, service, message, stage) -> None:
    service.plan = Plan(failure=message)
    with pytest.raises(Censored) as censored:
        await run(nebula)
    assert (censored.value.verdict.stage, censored.value.verdict.source) == (stage, "nebula")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"status": "failed", "message": "x"}, InvalidRequest),
        (400, {"status": "failed", "message": "model x is not supported"}, ServiceGone),
        (400, {"error": {"code": "content_policy_violation"}}, Censored),
        (401, {}, Unauthorized),
        (402, {}, OutOfCredit),
        (403, {}, Unauthorized),
        (404, {}, ServiceGone),
        (405, b"<html>", ServiceGone),
        (408, {}, OutcomeUnknown),
        (410, {}, ServiceGone),
        (413, b"", InvalidRequest),
        (422, {"detail": [{"loc": ["body", "width"]}]}, InvalidRequest),
        (500, {"status": "failed", "message": "CUDA error"}, GenerationFailed),
        (500, b"<html>", OutcomeUnknown),
        (502, b"<html>", OutcomeUnknown),
        (503, {"message": "busy"}, Unavailable),
        (503, b"<html>", OutcomeUnknown),
        (302, b"", Unavailable),
    ],
)
async def test_each_refusal_has_its_meaning(nebula, service, status, body, kind) -> None:
    service.fault("generate", faults.answer(status, body))
    with pytest.raises(ProviderError) as refused:
        await run(nebula)
    assert type(refused.value) is kind
    assert service.count("generate") == 1


async def test_a_long_throttle_says_how_long(nebula, service) -> None:
    service.fault("generate", faults.answer(429, {}, retry_after="45"))
    with pytest.raises(RateLimited) as limited:
        await run(nebula)
    assert limited.value.retry_after == 45


async def test_the_probe_lists_the_image_models(nebula) -> None:
    assert set((await nebula.probe(deadline=60.0)).models) == set(TAKES)


async def test_every_model_offered_has_the_services_own_name(nebula) -> None:
    models = (await nebula.probe(deadline=60.0)).models
    assert {offer.remote_name for offer in await nebula.offers()} <= set(models)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorized), (500, Unavailable), (502, Unavailable)]
)
async def test_a_probe_that_fails_knows_its_outcome(nebula, service, status, kind) -> None:
    service.fault("models", faults.answer(status, b"<html>"), times=20)
    with pytest.raises(kind):
        await nebula.probe(deadline=600.0)


async def test_nothing_secret_is_logged_or_raised(nebula, service, caplog) -> None:
    service.plan = Plan(failure="bad prompt: a secret fox")
    with caplog.at_level(logging.DEBUG), pytest.raises(GenerationFailed) as failed:
        await run(nebula)
    ours = [record for record in caplog.records if record.name.startswith("providers")]
    assert "secret" not in f"{failed.value!r} {[record.getMessage() for record in ours]}"
    assert service.key not in caplog.text
