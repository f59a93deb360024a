"""OpenAI-compatible endpoints over real HTTP on loopback; the rest is in the contract suite."""

import io
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from PIL import Image

from providers.catalog import Offer, fit
from providers.errors import (
    BadAnswer,
    Censored,
    InvalidRequest,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ResultLost,
    Unauthorized,
)
from providers.http import HttpClient
from providers.offers.openai import family_of, model_word, openai_offer
from providers.openai_compatible import OpenAICompatibleProvider, build_payload
from providers.types import GenerationRequest, GenerationResult, InitImage, Mode, Wish
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.openai_images import FIXED_SIZES, PAINT, FakeOpenAI, Plan, schema_errors
from tests.fakes.server import FakeService
from tests.providers.test_given import MASK, PICTURE

MODELS = ("dall-e-2", "dall-e-3", "gpt-image-1.5", "gpt-image-2", "stablediffusion")
EDITING = [model for model in MODELS if Mode.INPAINTING in openai_offer(model).modes]


class House:
    """Endpoints and adapters that end with the test."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self.clock = FakeClock(auto=True)

    async def open(self, service: FakeService) -> FakeOpenAI:
        return await self._stack.enter_async_context(service)

    def adapter(self, service: FakeOpenAI, model: str) -> OpenAICompatibleProvider:
        provider = OpenAICompatibleProvider(
            service.key,
            base_url=service.base_url + "/",
            model=model,
            http=HttpClient(self.clock),
            clock=self.clock,
        )
        self._stack.push_async_callback(provider.aclose)
        return provider


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        yield House(stack)


@pytest.fixture
async def service(house: House) -> FakeOpenAI:
    return await house.open(FakeOpenAI(models=MODELS))


def request_for(offer: Offer, mode: Mode = Mode.TEXT_TO_IMAGE, **wish: object) -> GenerationRequest:
    request = fit(Wish(prompt="a secret fox", **wish), offer, mode).request
    if mode is Mode.TEXT_TO_IMAGE:
        return request
    given = {"init_images": (InitImage(data=PICTURE),)}
    return request.model_copy(
        update=given | ({"mask_image": MASK} if mode is Mode.INPAINTING else {})
    )


async def run(
    provider: OpenAICompatibleProvider, mode: Mode = Mode.TEXT_TO_IMAGE, **wish: object
) -> GenerationResult:
    (offer,) = await provider.offers()
    ticket = await provider.submit(request_for(offer, mode, **wish), offer, deadline=600.0)
    return await provider.wait(ticket, deadline=600.0, on_progress=lambda _progress: None)


# What is offered


@pytest.mark.parametrize(
    ("name", "word", "like"),
    [
        ("dall-e-3", "dall-e-3", "dall-e-3"),
        ("openai/DALL-E-3", "dall-e-3", "dall-e-3"),
        ("azure/gpt-image-1", "gpt-image-1", "gpt-image-1.5"),
        ("gpt-image-1-mini", "gpt-image-1-mini", "gpt-image-1.5"),
        ("chatgpt-image-latest", "chatgpt-image-latest", "gpt-image-1.5"),
        ("gpt-image-2-2026-04-21", "gpt-image-2-2026-04-21", "gpt-image-2"),
        ("stabilityai/SDXL", "sdxl", "anything"),
        ("my-dall-e-2-clone", "my-dall-e-2-clone", "anything"),
    ],
)
def test_a_name_tells_its_family(name: str, word: str, like: str) -> None:
    assert model_word(name) == word
    assert family_of(name) is family_of(like)
    assert openai_offer(name).remote_name == name


@pytest.mark.parametrize("model", FIXED_SIZES)
def test_the_sizes_are_those_of_the_document(model: str) -> None:
    assert {"{}x{}".format(*s) for s in openai_offer(model).sizes.possible} == FIXED_SIZES[model]


@pytest.mark.parametrize("ratio", [(1, 1), (3, 2), (2, 3), (4, 3), (9, 16), (16, 9), (21, 9)])
def test_free_sizes_have_every_common_ratio_without_a_crop(ratio: tuple[int, int]) -> None:
    fitted = fit(Wish(prompt="x", aspect_ratio=ratio), openai_offer("gpt-image-2"))
    assert fitted.crop is None
    assert fitted.request.width * ratio[1] == fitted.request.height * ratio[0]


def test_a_ratio_it_does_not_have_is_cropped() -> None:
    fitted = fit(Wish(prompt="x", aspect_ratio=(16, 9)), openai_offer("stablediffusion"))
    assert (fitted.request.width, fitted.request.height) == (1024, 1024)
    assert fitted.crop == (1024, 576)


# What is sent

WISHES = {
    "size": ((512, 512), {"size": "512x512"}),
    "num_images": (3, {"n": 3}),
    "negative_prompt": ("blurry", {}),
    "seed": (5, {}),
    "num_inference_steps": (9, {}),
    "guidance_scale": (3.0, {}),
    "strength": (0.5, {}),
}


@pytest.mark.parametrize("wish", WISHES)
def test_each_wish_changes_its_own_parameter_and_nothing_undeclared_is_sent(wish: str) -> None:
    value, sent = WISHES[wish]
    offer = openai_offer("dall-e-2")
    plain = build_payload(request_for(offer), offer)
    wished = build_payload(request_for(offer, **{wish: value}), offer)
    assert {key: wished[key] for key in wished if wished[key] != plain.get(key)} == sent


@pytest.mark.parametrize(
    ("model", "special"),
    [
        ("dall-e-2", {"response_format": "b64_json"}),
        ("dall-e-3", {"response_format": "b64_json"}),
        ("gpt-image-1.5", {"output_format": "png"}),
        ("gpt-image-2", {"output_format": "png"}),
        ("stablediffusion", {"response_format": "b64_json"}),
    ],
)
def test_a_bare_request(model: str, special: dict) -> None:
    offer = openai_offer(model)
    payload = build_payload(request_for(offer), offer)
    common = {"model": model, "prompt": "a secret fox", "n": 1, "size": "1024x1024"}
    assert payload == common | special
    assert schema_errors("CreateImageRequest", payload) == []


def test_the_file_format_is_asked_for_where_it_can_be() -> None:
    for model, name in (("gpt-image-1.5", "webp"), ("dall-e-3", None)):
        offer = openai_offer(model)
        request = request_for(offer).model_copy(update={"output_format": "webp"})
        assert build_payload(request, offer).get("output_format") == name


@pytest.mark.parametrize("model", MODELS)
async def test_every_size_and_number_offered_is_taken(house, service, model: str) -> None:
    provider = house.adapter(service, model)
    (offer,) = await provider.offers()
    sizes = sorted(offer.sizes.possible)
    for size in {sizes[0], sizes[-1], offer.sizes.default}:
        (image,) = (await run(provider, size=size)).images
        assert (image.width, image.height) == size
    number = min(offer.max_images, 4)
    assert len((await run(provider, num_images=number)).images) == number


@pytest.mark.parametrize("size", sorted(openai_offer("gpt-image-2").sizes.possible)[::40])
def test_free_sizes_obey_the_documents_rules(size: tuple[int, int]) -> None:
    width, height = size
    assert width % 16 == height % 16 == 0
    assert max(size) <= 3 * min(size) and width * height <= 2560 * 1440


async def test_the_key_is_sent(house, service) -> None:
    await run(house.adapter(service, "dall-e-3"))
    assert service.requests[0].headers["Authorization"] == f"Bearer {service.key}"


async def test_without_a_key_no_authorization_is_sent_at_all(house) -> None:
    service = await house.open(FakeOpenAI(key=None, models=MODELS))
    provider = house.adapter(service, "stablediffusion")
    service.plan = Plan(urls=True)
    await run(provider)
    await provider.probe(deadline=60.0)
    assert {seen.route for seen in service.requests} == {"generate", "picture", "models"}
    assert all("Authorization" not in seen.headers for seen in service.requests)


async def test_a_server_that_does_not_know_response_format_is_asked_without(house) -> None:
    service = await house.open(FakeOpenAI(models=MODELS, plain=True))
    provider = house.adapter(service, "stablediffusion")
    await run(provider)
    await run(provider)
    named = ["response_format" in seen.json for seen in service.seen("generate")]
    assert named == [True, False, False]
    assert service.made == 2


# Edits


@pytest.mark.parametrize("model", EDITING)
async def test_what_is_white_in_our_mask_is_repainted(house, service, model: str) -> None:
    (image,) = (await run(house.adapter(service, model), Mode.INPAINTING)).images
    picture = Image.open(io.BytesIO(image.data)).convert("RGB")
    assert picture.getpixel((20, 500)) == PAINT
    assert picture.getpixel((1000, 500)) == (0, 0, 255)


@pytest.mark.parametrize("model", EDITING)
async def test_an_edit_says_what_a_generation_says(house, service, model: str) -> None:
    provider = house.adapter(service, model)
    (offer,) = await provider.offers()
    await run(provider, Mode.INPAINTING, num_images=2)
    (edit,) = service.edits
    fields = {name: value for name, value in edit.items() if not isinstance(value, bytes)}
    assert fields == build_payload(request_for(offer, Mode.INPAINTING, num_images=2), offer)
    assert set(edit) - set(fields) == {"image", "mask"}


async def test_a_picture_without_a_mask_goes_as_it_was_given(house, service) -> None:
    await run(house.adapter(service, "gpt-image-1.5"), Mode.IMAGE_TO_IMAGE)
    (edit,) = service.edits
    assert edit["image"] == PICTURE
    assert "mask" not in edit


async def test_a_broken_picture_is_refused_before_anything_is_sent(house, service) -> None:
    provider = house.adapter(service, "gpt-image-1.5")
    (offer,) = await provider.offers()
    for mode in (Mode.IMAGE_TO_IMAGE, Mode.INPAINTING):
        request = request_for(offer, mode).model_copy(
            update={"init_images": (InitImage(data=b"no"),)}
        )
        with pytest.raises(InvalidRequest):
            await provider.submit(request, offer, deadline=600.0)
    assert service.requests == []


# What comes back


@pytest.mark.parametrize("urls", [True, False])
async def test_explicit_nulls_are_no_answer_but_do_no_harm(house, service, urls: bool) -> None:
    service.plan = Plan(urls=urls, nulls=True)
    result = await run(house.adapter(service, "dall-e-2"), num_images=2)
    assert len(result.images) == 2


async def test_of_several_pictures_those_that_came_are_given(house, service) -> None:
    service.plan = Plan(pictures=1)
    assert len((await run(house.adapter(service, "dall-e-2"), num_images=3)).images) == 1


async def test_an_empty_list_is_a_censored_picture(house, service) -> None:
    service.plan = Plan(pictures=0)
    with pytest.raises(Censored):
        await run(house.adapter(service, "dall-e-2"))


async def test_the_key_goes_with_the_services_own_files(house, service) -> None:
    service.plan = Plan(urls=True)
    await run(house.adapter(service, "dall-e-2"))
    assert service.seen("picture")[0].headers["Authorization"] == f"Bearer {service.key}"


async def test_the_key_goes_to_no_other_host(house, service) -> None:
    other = await house.open(FakeOpenAI())
    other._pictures.append(PICTURE)
    service.plan = Plan(changes={"data": [{"url": f"{other.origin}/files/0"}]})
    (image,) = (await run(house.adapter(service, "dall-e-2"))).images
    assert image.data == PICTURE
    assert "Authorization" not in other.seen("picture")[0].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "https://localhost/a.png",
        "https://10.0.0.1/a.png",
        "file:///etc/passwd",
        "http://public.example/a.png",
        "not an address",
    ],
)
async def test_an_address_cannot_lead_inside(house, service, url: str) -> None:
    service.plan = Plan(changes={"data": [{"url": url}]})
    with pytest.raises(BadAnswer):
        await run(house.adapter(service, "dall-e-2"))
    assert service.made == 1


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
async def test_a_picture_that_cannot_be_had_is_lost_and_never_asked_for_anew(
    house, service, status: int
) -> None:
    service.plan = Plan(urls=True)
    service.fault("picture", faults.answer(status), times=20)
    with pytest.raises(ResultLost):
        await run(house.adapter(service, "dall-e-2"))
    assert (service.count("generate"), service.made) == (1, 1)


async def test_an_empty_account_is_told_at_once(house, service) -> None:
    service.fault("generate", faults.answer(429, {"error": {"code": "insufficient_quota"}}))
    with pytest.raises(OutOfCredit):
        await run(house.adapter(service, "dall-e-2"))
    assert service.count("generate") == 1
    assert house.clock.slept == []


async def test_a_throttle_says_how_long_it_lasts(house, service) -> None:
    told = {"error": {"message": "Please try again in 5s.", "code": "rate_limit_exceeded"}}
    service.fault("generate", faults.answer(429, told))
    with pytest.raises(RateLimited) as limited:
        await run(house.adapter(service, "dall-e-2"))
    assert limited.value.retry_after == 5.0


async def test_the_probe_lists_the_models(house, service) -> None:
    status = await house.adapter(service, "dall-e-2").probe(deadline=60.0)
    assert status.models == MODELS


async def test_the_probe_finds_a_wrong_key(house, service) -> None:
    provider = house.adapter(service, "dall-e-2")
    service.key = "sk-another"
    with pytest.raises(Unauthorized):
        await provider.probe(deadline=60.0)


async def test_nothing_secret_is_logged_or_raised(house, service, caplog) -> None:
    provider = house.adapter(service, "dall-e-2")
    told = {"message": "bad prompt: a secret fox", "param": "a secret fox", "code": "x"}
    errors = []
    with caplog.at_level(logging.DEBUG):
        for status in (400, 403, 404, 500, 503):
            service.plan = Plan(refusal=(status, told))
            with pytest.raises(ProviderError) as refused:
                await run(provider)
            errors.append(refused.value)
    ours = [record for record in caplog.records if record.name.startswith("providers")]
    assert "secret" not in f"{errors!r} {[record.getMessage() for record in ours]}"
    assert service.key not in caplog.text
