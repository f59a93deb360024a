"""Segmind over real HTTP on loopback; what all providers promise is in the contract suite."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from providers.base import Metered, Probing
from providers.catalog import Offer, fit
from providers.clock import SystemClock
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationFailed,
    InvalidRequest,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.http import HttpClient
from providers.offers.segmind import SEGMIND_OFFERS, segmind_offers
from providers.retries import READING_ATTEMPTS
from providers.segmind import SegmindProvider, build_payload
from providers.status import Credit, ServiceStatus
from providers.types import GenerationRequest, GenerationResult, Ticket, Wish
from providers.wire import USUAL_SILENCE, Answer, Request
from tests.fakes import faults
from tests.fakes.clock import START, FakeClock
from tests.fakes.replicate_pictures import draw
from tests.fakes.segmind import COST, PARAMETERS, FakeSegmind, Plan

V1_22, V1_21 = SEGMIND_OFFERS
V2_22, V2_21 = segmind_offers(
    {"kandinsky-2.2": "v2/kandinsky2.2-txt2img", "kandinsky-2.1": "v2/kandinsky2.1-txt2im"}
)
OFFERS = (V1_22, V1_21, V2_22, V2_21)
REQUEST = GenerationRequest(prompt="a secret fox", width=768, height=1024)


@pytest.fixture
async def service() -> AsyncIterator[FakeSegmind]:
    async with FakeSegmind() as service:
        yield service


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=True)


@pytest.fixture
async def segmind(service: FakeSegmind, clock: FakeClock) -> AsyncIterator[SegmindProvider]:
    provider = SegmindProvider(
        service.key, base_url=service.base_url + "/", http=HttpClient(clock), clock=clock
    )
    yield provider
    await provider.aclose()


async def submit(
    provider: SegmindProvider, offer: Offer = V1_22, *, deadline: float = 600.0, **changes: object
) -> Ticket:
    request = REQUEST.model_copy(update=changes)
    return await provider.submit(request, offer, deadline=deadline)


async def wait(
    provider: SegmindProvider, ticket: Ticket, deadline: float = 600.0
) -> GenerationResult:
    return await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)


async def run(
    provider: SegmindProvider, offer: Offer = V1_22, **changes: object
) -> GenerationResult:
    return await wait(provider, await submit(provider, offer, **changes))


# What is sent

GREEDY = Wish(
    prompt="a fox",
    negative_prompt="blurry",
    aspect_ratio=(1, 1),
    seed=7,
    num_images=4,
    num_inference_steps=33,
    guidance_scale=5.5,
    prior_num_inference_steps=12,
    prior_guidance_scale=3,
    scheduler="p-sampler",
    strength=0.5,
)
"""Asks for all there is."""

ALWAYS = {"prompt", "samples", "img_width", "img_height"}


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.remote_name)
def test_what_an_offer_declares_is_sent_and_nothing_else(offer: Offer) -> None:
    sent = build_payload(fit(GREEDY, offer).request, offer)
    declared = {
        "negative_prompt": offer.negative_prompt,
        "seed": offer.seed,
        "num_inference_steps": offer.steps,
        "prior_steps": offer.prior_steps,
        "guidance_scale": offer.guidance,
        "scheduler": offer.schedulers,
        "base64": offer.remote_name.startswith("v1/"),
    }
    assert set(sent) == ALWAYS | {name for name, able in declared.items() if able}
    assert set(sent) <= set(PARAMETERS[offer.remote_name[3:]])


@pytest.mark.parametrize(
    ("field", "value", "sent"),
    [
        ("prompt", "an owl", {"prompt": "an owl"}),
        ("negative_prompt", "blurry", {"negative_prompt": "blurry"}),
        ("seed", 0, {"seed": 0}),
        ("num_inference_steps", 50, {"num_inference_steps": 50}),
        ("prior_num_inference_steps", 10, {"prior_steps": 10}),
        ("guidance_scale", 3.5, {"guidance_scale": 3.5}),
        ("scheduler", "P-Sampler", {"scheduler": "P-Sampler"}),
        ("num_images", 4, {"samples": 4, "base64": True}),
        ("width", 1024, {"img_width": 1024}),
        ("height", 768, {"img_height": 768}),
    ],
)
def test_each_wish_changes_its_own_parameter(field: str, value: object, sent: dict) -> None:
    plain = build_payload(REQUEST, V1_22)
    wished = build_payload(REQUEST.model_copy(update={field: value}), V1_22)
    assert {key: wished[key] for key in wished if wished[key] != plain.get(key)} == sent


def test_a_bare_request_leaves_the_rest_to_the_service() -> None:
    bare = {"prompt": "a secret fox", "samples": 1, "img_width": 768, "img_height": 1024}
    assert build_payload(REQUEST, V1_22) == {**bare, "base64": False}
    assert build_payload(REQUEST, V2_22) == bare


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.remote_name)
async def test_the_service_takes_all_an_offer_declares(segmind, offer: Offer) -> None:
    """... at both ends of each range, in every size; the fake is as strict as the pages."""
    ends = {
        "num_images": (1, offer.max_images),
        "num_inference_steps": (offer.steps.low, offer.steps.high),
        "seed": (0, offer.max_seed),
        "negative_prompt": ("", "blurry"),
        "scheduler": offer.schedulers,
        "prior_num_inference_steps": offer.prior_steps
        and (offer.prior_steps.low, offer.prior_steps.high),
        "guidance_scale": offer.guidance and (offer.guidance.low, offer.guidance.high),
    }
    width, height = offer.sizes.default
    for field, values in ends.items():
        for value in values or ():
            await submit(segmind, offer, **{"width": width, "height": height, field: value})
    for width, height in offer.sizes.possible:
        await submit(segmind, offer, width=width, height=height)


async def test_the_headers_of_a_submission(segmind, service) -> None:
    await submit(segmind)
    (seen,) = service.seen("draw")
    assert (seen.method, seen.path) == ("POST", "/v1/kandinsky2.2-txt2img")
    assert seen.headers["x-api-key"] == service.key
    assert seen.headers["Content-Type"] == "application/json"
    assert "Authorization" not in seen.headers


async def test_slugs_are_a_setting(service, clock) -> None:
    provider = SegmindProvider(
        service.key,
        base_url=service.base_url,
        slugs={"kandinsky-2.1": "kandinsky2.1-txt2img", "kandinsky-2.2": "v2/k22"},
        http=HttpClient(clock),
        clock=clock,
    )
    offers = {offer.model: offer for offer in await provider.offers()}
    for offer in offers.values():
        with pytest.raises(ServiceGone):
            await submit(provider, offer)
    await provider.aclose()
    assert {seen.path for seen in service.requests} == {"/v1/kandinsky2.1-txt2img", "/v2/k22"}


@pytest.mark.parametrize(
    "slugs",
    [
        {"sdxl": "sdxl"},
        {"kandinsky-2.2": ""},
        {"kandinsky-2.2": "../v1/x"},
        {"kandinsky-2.2": "v3/x"},
        {"kandinsky-2.2": "a/b"},
        {"kandinsky-2.2": "x?y"},
    ],
)
def test_a_wrong_slug_is_refused(slugs) -> None:
    with pytest.raises(ValueError, match=r"isn't offered|a slug is"):
        segmind_offers(slugs)


# What comes back, at once


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("shape", [None, "image", "mislabelled"])
async def test_the_picture_is_what_its_bytes_say(segmind, service, file_format, shape) -> None:
    service.plan = Plan(file_format=file_format, shape=shape)
    (image,) = (await run(segmind)).images
    assert (image.media_type, image.width, image.height) == (f"image/{file_format}", 768, 1024)


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ("bytes", 1),
        ("image", 1),
        ("string", 1),
        ("text", 1),
        ("images", 3),
        ("list", 3),
        ("objects", 3),
        ("data-uris", 3),
        ("addresses", 3),
    ],
)
async def test_pictures_come_in_every_shape_whatever_was_asked(
    segmind, service, shape: str, count: int
) -> None:
    """Where fewer come than were asked for, those are the result."""
    service.plan = Plan(shape=shape)
    ticket = await submit(segmind, num_images=3)
    assert ticket.result is not None
    assert await wait(segmind, ticket) is ticket.result
    assert len(ticket.result.images) == count
    assert service.count("status") == 0


async def test_a_damaged_picture_does_not_cost_the_others(segmind, service) -> None:
    good = base64.b64encode(draw(64, 64, 1)).decode()
    body = {"images": [good[:40], good, "!!"]}
    service.fault("draw", faults.answer(200, body))
    assert len((await run(segmind, num_images=3)).images) == 1


async def test_the_seed_is_the_one_the_service_says_else_ours(segmind, service) -> None:
    (image,) = (await run(segmind, seed=None)).images
    (job,) = service.jobs.values()
    assert image.seed == job.seed
    service.plan = Plan(headers={"x-seed-value": None})
    assert (await run(segmind, seed=5)).images[0].seed == 5
    assert (await run(segmind, seed=None)).images[0].seed is None


async def test_the_id_of_an_answer_is_its_number_or_made_up(segmind, service) -> None:
    ticket = await submit(segmind)
    assert ticket.remote_id == f"answer:{next(iter(service.jobs))}"
    service.plan = Plan(headers={"x-request-id": None})
    first, second = [(await submit(segmind)).remote_id for _ in range(2)]
    assert first.startswith("answer:") and first != second
    service.plan = Plan(headers={"x-request-id": "../up"})
    assert "/" not in (await submit(segmind)).remote_id


async def test_nothing_is_asked_about_an_answer_after_a_restart(segmind, service) -> None:
    ticket = await submit(segmind)
    with pytest.raises(ResultLost):
        await wait(segmind, Ticket(ticket.remote_id))
    assert len(service.requests) == 1


async def test_addresses_of_pictures_are_fetched_without_the_key(segmind, service) -> None:
    service.plan = Plan(shape="addresses")
    await submit(segmind)
    (seen,) = service.seen("picture")
    assert not {"x-api-key", "Authorization"} & set(seen.headers)


@pytest.mark.parametrize(("status", "kind"), [(404, ResultLost), (500, ResultLost)])
async def test_what_was_paid_for_is_lost_and_never_unaccepted(
    segmind, service, status, kind
) -> None:
    service.plan = Plan(shape="addresses")
    service.fault("picture", faults.answer(status), times=20)
    with pytest.raises(kind):
        await submit(segmind)


# What comes back, later


@pytest.mark.parametrize("offer", [V2_22, V1_22], ids=["asked", "unasked"])
async def test_a_receipt_is_followed(segmind, service, offer) -> None:
    service.plan = Plan(shape="receipt", gets=3)
    ticket = await submit(segmind, offer)
    assert (ticket.remote_id, ticket.result) == (next(iter(service.jobs)), None)
    (image,) = (await wait(segmind, ticket)).images
    assert (image.media_type, image.width) == ("image/jpeg", 768)
    assert (service.count("status"), service.count("result")) == (3, 1)


async def test_several_pictures_of_a_receipt(segmind) -> None:
    assert len((await run(segmind, V2_22, num_images=4)).images) == 4


async def test_the_key_goes_to_no_address_of_a_receipt(segmind, service) -> None:
    elsewhere = "https://elsewhere.example/v2/requests/x"
    service.plan = Plan(changes={"status_url": elsewhere, "response_url": elsewhere})
    assert len((await run(segmind, V2_22)).images) == 1
    assert "x-api-key" not in service.seen("picture")[0].headers


@pytest.mark.parametrize("form", ["{address}", ["{address}"], "{base64}", {"image": "{base64}"}])
async def test_an_output_in_any_form(segmind, service, form) -> None:
    ticket = await submit(segmind, V2_22)
    picture = base64.b64encode(draw(64, 32, 1)).decode()

    def filled(value):
        if isinstance(value, str):
            address = f"{service.origin}/generations/{ticket.remote_id}/0.jpeg"
            return value.format(address=address, base64=picture)
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        return [filled(inner) for inner in value]

    service.fault("status", faults.answer(200, {"status": "COMPLETED"}))
    service.fault("result", faults.answer(200, {"status": "COMPLETED", "output": filled(form)}))
    assert len((await wait(segmind, ticket)).images) == 1


async def test_a_result_that_lags_behind_its_status_is_asked_for_again(segmind, service) -> None:
    ticket = await submit(segmind, V2_22)
    service.fault("status", faults.answer(200, {"status": "COMPLETED"}))
    service.fault("result", faults.answer(200, {"status": "PROCESSING"}))
    assert len((await wait(segmind, ticket)).images) == 1


async def test_an_unknown_status_is_waited_on_until_the_deadline(segmind, service) -> None:
    service.plan = Plan(status="PONDERING")
    with pytest.raises(DeadlineExceeded):
        await run(segmind, V2_22)


async def test_past_generations_tell_when_to_ask(segmind) -> None:
    await run(segmind, V2_22)
    assert segmind._durations.expected == pytest.approx(2.5)


@pytest.mark.parametrize("output", [None, "", []])
async def test_completed_without_an_output_is_lost(segmind, service, output) -> None:
    service.plan = Plan(output=output)
    with pytest.raises(ResultLost):
        await run(segmind, V2_22)


@pytest.mark.parametrize(
    "output", [5, True, "not an address", "http://10.0.0.1/a", [[[[[["x"]]]]]], {"no": "key"}]
)
async def test_an_unreadable_output(segmind, service, output) -> None:
    service.plan = Plan(output=output)
    with pytest.raises((BadAnswer, ResultLost)):
        await run(segmind, V2_22)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("NSFW content detected", ("image", ("nsfw",))),
        ("The prompt was rejected by our safety system", ("prompt", ("sensitive",))),
        ("Output flagged as sensitive", ("image", ("sensitive",))),
        ("Input did not pass moderation", ("prompt", ("sensitive",))),
    ],
)
async def test_censored(segmind, service, text, verdict) -> None:
    service.plan = Plan(status="FAILED", error=text)
    for offer in (V1_22, V2_22):
        with pytest.raises(Censored) as censored:
            await run(segmind, offer)
        said = censored.value.verdict
        assert (said.status, said.source) == ("blocked", "segmind")
        assert (said.stage, said.categories) == verdict


@pytest.mark.parametrize(
    "text", ["Prompt is Mandatory and must be string", "is case-sensitive", ""]
)
async def test_failed_and_told_with_422(segmind, service, text) -> None:
    service.plan = Plan(status="FAILED", error=text)
    with pytest.raises(GenerationFailed) as failed:
        await run(segmind, V2_22)
    assert (service.count("status"), service.count("result")) == (2, 0)
    assert failed.value.transient is False


async def test_failed_and_told_with_200(segmind, service) -> None:
    service.fault("submit", faults.answer(200, {"request_id": "x", "status": "FAILED"}))
    with pytest.raises(GenerationFailed):
        await submit(segmind, V2_22)
    ticket = await submit(segmind, V2_22)
    service.fault("status", faults.answer(200, {"status": "failed", "error": "no"}))
    with pytest.raises(GenerationFailed):
        await wait(segmind, ticket)


# Refusals

REFUSALS = [
    (400, {"error": "samples is not in range"}, InvalidRequest),
    (400, {"error": "NSFW prompt"}, Censored),
    (401, {"error": "Missing Authorization or x-api-key in header"}, Unauthorized),
    (401, {"error": "Unauthorized. API key is invalid or may have expired..."}, Unauthorized),
    (400, {"error": "x", "error_description": "x", "status_code": 401}, Unauthorized),
    (200, {"error": "x", "error_description": "x", "status_code": 403}, Unauthorized),
    (402, {}, OutOfCredit),
    (403, {"error": "Forbidden"}, Unauthorized),
    (404, {"error": "Not found"}, ServiceGone),
    (405, b"<html>Method Not Allowed</html>", ServiceGone),
    (406, {"error": "Invalid content type"}, InvalidRequest),
    (406, {"error": "Insufficient credits"}, OutOfCredit),
    (406, {"error": "Team spend limit reached"}, OutOfCredit),
    (406, b"", OutOfCredit),
    (410, b"", ServiceGone),
    (413, b"<html>", InvalidRequest),
    (422, {"detail": "wrong type"}, InvalidRequest),
    (422, {"status": "FAILED", "error": "out of memory"}, GenerationFailed),
    (422, {"status": "FAILED", "error": "nsfw"}, Censored),
    (301, b"", Unavailable),
    (500, {"error": "Server had some issue with processing"}, GenerationFailed),
    (500, {"error": "rejected by moderation"}, Censored),
    (500, b"<html>", OutcomeUnknown),
    (502, b"<html>", OutcomeUnknown),
    (503, b"<html>", OutcomeUnknown),
    (503, {"error": "at capacity"}, Unavailable),
    (504, {"error": "timeout"}, OutcomeUnknown),
    (200, {"error": "something"}, GenerationFailed),
    (200, {"error": "nsfw"}, Censored),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
async def test_refusals(segmind, service, status, body, kind) -> None:
    for offer, route in ((V1_22, "draw"), (V2_22, "submit")):
        service.fault(route, faults.answer(status, body))
        with pytest.raises(ProviderError) as error:
            await submit(segmind, offer)
        assert type(error.value) is kind
        assert service.count(route) == 1


async def test_a_wrong_key_an_empty_account_and_an_unknown_model(service, clock) -> None:
    provider = SegmindProvider(
        "SG_wrong", base_url=service.base_url, http=HttpClient(clock), clock=clock
    )
    with pytest.raises(Unauthorized):
        await submit(provider)
    service.key, service.credits = "SG_wrong", 0.001
    with pytest.raises(OutOfCredit):
        await submit(provider)
    with pytest.raises(InvalidRequest):
        await submit(provider, width=512)
    await provider.aclose()
    assert service.jobs == {}


RESETS = [
    "2026-01-01T12:00:45Z",
    "2026-01-01T12:00:45+00:00",
    "2026-01-01T13:00:45.000+01:00",
    "2026-01-01 12:00:45",
    "1767268845",
    "1767268845000",
    "Thu, 01 Jan 2026 12:00:45 GMT",
]


@pytest.mark.parametrize("reset", RESETS)
async def test_a_throttle_says_when_it_ends(segmind, service, clock, reset) -> None:
    assert clock.now() == START
    service.fault("draw", faults.answer(429, b"", x_rate_limit_reset_at_utc=reset))
    with pytest.raises(RateLimited) as limited:
        await submit(segmind)
    assert limited.value.retry_after == 45
    assert service.count("draw") == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry_After": "45"}, 45),
        ({"x_rate_limit_reset_at_utc": "soon", "Retry_After": "45"}, 45),
    ],
)
async def test_a_throttle_without_a_readable_moment(segmind, service, headers, seconds) -> None:
    service.fault("draw", faults.answer(429, {"error": "slow down"}, **headers), times=9)
    with pytest.raises(RateLimited) as limited:
        await submit(segmind)
    assert limited.value.retry_after == seconds


@pytest.mark.parametrize(("ahead", "wait"), [(5, 5.0), (-600, 1.0)])
async def test_a_throttle_lasts_until_its_reset(segmind, service, ahead, wait) -> None:
    moment = (START + timedelta(seconds=ahead)).isoformat()
    service.fault("draw", faults.answer(429, b"", x_rate_limit_reset_at_utc=moment))
    with pytest.raises(RateLimited) as limited:
        await submit(segmind)
    assert limited.value.retry_after == wait


# After acceptance


@pytest.mark.parametrize("route", ["status", "result"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (403, Unauthorized),
        (404, ResultLost),
        (410, ResultLost),
        (422, GenerationFailed),
        (500, Unavailable),
        (502, Unavailable),
        (400, Unavailable),
    ],
)
async def test_answers_about_an_accepted_request(segmind, service, route, status, kind) -> None:
    ticket = await submit(segmind, V2_22)
    service.fault(route, faults.answer(status, b"<html>"), times=20)
    with pytest.raises(kind):
        await wait(segmind, ticket)


async def test_a_gateway_that_stumbles_is_got_over(segmind, service) -> None:
    ticket = await submit(segmind, V2_22)
    for route in ("status", "result", "picture"):
        for fault in (
            faults.bad_gateway(),
            faults.reset_before,
            faults.answer(429, {}),
            faults.cut_short,
        ):
            service.fault(route, fault)
    assert len((await wait(segmind, ticket)).images) == 1


UNREADABLE = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"{}",
    b"5",
    b'"x"',
    b'{"request_id": "../x"}',
    b"[" * 50_000,
]


@pytest.mark.parametrize("body", UNREADABLE)
async def test_an_unreadable_answer(segmind, service, body) -> None:
    unreadable = faults.answer(200, body, content_type="application/json")
    service.fault("draw", unreadable)
    with pytest.raises(BadAnswer):
        await submit(segmind)
    assert service.count("draw") == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 50_000])
async def test_an_unreadable_status_is_asked_for_again(segmind, service, body) -> None:
    unreadable = faults.answer(200, body, content_type="application/json")
    ticket = await submit(segmind, V2_22)
    service.fault("status", unreadable, times=3)
    assert len((await wait(segmind, ticket)).images) == 1
    service.fault("status", unreadable, times=READING_ATTEMPTS)
    with pytest.raises(BadAnswer):
        await wait(segmind, ticket)


@pytest.mark.parametrize(
    "fault",
    [
        faults.answer(200, b"", content_type="image/jpeg"),
        faults.answer(200, draw(64, 64, 1)[:-20], content_type="image/png"),
        faults.answer(200, b"<html>", content_type="image/jpeg"),
        faults.flood(70_000_000),
    ],
    ids=["empty", "truncated", "html", "flood"],
)
async def test_an_answer_that_is_no_picture(segmind, service, fault) -> None:
    service.fault("draw", fault)
    with pytest.raises(BadAnswer):
        await submit(segmind)
    assert service.count("draw") == 1


@pytest.mark.parametrize("remote_id", ["", "..", "../account", "a/b", "a?b", "a#b", "answer:x"])
async def test_an_id_cannot_lead_elsewhere(segmind, service, remote_id) -> None:
    await segmind.cancel(Ticket(remote_id))
    with pytest.raises(ResultLost):
        await wait(segmind, Ticket(remote_id))
    assert service.requests == []


# Time


async def test_a_picture_is_waited_for_longer_than_the_usual_silence(service, clock) -> None:
    sent: list[Request] = []

    class Recording(HttpClient):
        async def send(self, request: Request) -> Answer:
            sent.append(request)
            return await super().send(request)

    provider = SegmindProvider(
        service.key, base_url=service.base_url, http=Recording(clock), clock=clock
    )
    await submit(provider)
    await run(provider, V2_22)
    await provider.aclose()
    assert {request.method: request.silence for request in sent} == {
        "POST": None,
        "GET": USUAL_SILENCE,
    }


@pytest.mark.parametrize("trouble", ["hang", "drip"])
async def test_a_service_that_goes_quiet_is_left_at_the_deadline(service, trouble) -> None:
    fault = {"hang": faults.hang(service.released), "drip": faults.drip()}[trouble]
    clock = SystemClock()
    provider = SegmindProvider(
        service.key, base_url=service.base_url, http=HttpClient(clock), clock=clock
    )
    ticket = await submit(provider, V2_22, deadline=clock.monotonic() + 5)
    for route in ("status", "draw"):
        service.fault(route, fault)
    with pytest.raises(DeadlineExceeded):
        await wait(provider, ticket, deadline=clock.monotonic() + 0.2)
    with pytest.raises(OutcomeUnknown):
        await submit(provider, deadline=clock.monotonic() + 0.2)
    assert service.count("draw") == 1
    await provider.aclose()


async def test_a_worker_killed_while_polling_leaves_nothing_behind(segmind, service) -> None:
    service.plan = Plan(seconds=3600)
    ticket = await submit(segmind, V2_22)
    service.fault("status", faults.hang(service.released))
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(segmind, ticket))
        await service.until("status")
        waiting.cancel()
    assert waiting.cancelled()


# What it says of itself


async def test_the_credit_is_kept_from_every_answer(segmind, service) -> None:
    assert isinstance(segmind, Metered)
    assert segmind.credit is None
    await run(segmind)
    assert segmind.credit == Credit(pytest.approx(10 - COST), "credits")
    await run(segmind, V2_22)
    assert segmind.credit == Credit(pytest.approx(10 - 2 * COST), "credits")
    service.plan = Plan(headers={"x-remaining-credits": "many"})
    await run(segmind)
    assert segmind.credit == Credit(pytest.approx(10 - 2 * COST), "credits")


async def test_probing_costs_nothing_and_tells_the_credit(segmind, service) -> None:
    assert isinstance(segmind, Probing)
    assert await segmind.probe(deadline=600.0) == ServiceStatus(credit=Credit(10.0, "credits"))
    assert segmind.credit == Credit(10.0, "credits")
    assert service.jobs == {}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.answer(401, {"error": "x"}), Unauthorized),
        (faults.answer(404, b"<html>"), ServiceGone),
        (faults.answer(405, b"<html>"), ServiceGone),
        (faults.answer(429, b"", x_rate_limit_reset_at_utc="2026-01-01T12:01:00Z"), RateLimited),
        (faults.answer(500, b"<html>"), Unavailable),
        (faults.answer(200, b"<html>"), BadAnswer),
        (faults.answer(200, []), BadAnswer),
        (faults.reset_before, Unavailable),
    ],
)
async def test_a_probe_that_fails(segmind, service, fault, kind) -> None:
    service.fault("credits", fault, times=20)
    with pytest.raises(kind):
        await segmind.probe(deadline=600.0)


async def test_nothing_secret_is_logged_or_raised(segmind, service, caplog) -> None:
    written: list[str] = []
    with caplog.at_level(logging.DEBUG):
        await run(segmind)
        await run(segmind, V2_22)
        service.plan = Plan(status="FAILED", error="bad prompt: a secret fox")
        for offer in (V1_22, V2_22):
            with pytest.raises(GenerationFailed) as failed:
                await run(segmind, offer)
            written.append(repr(failed.value))
        for status in (400, 401, 404, 406, 410, 422, 429, 500, 503):
            service.fault("draw", faults.answer(status, {"error": "a secret fox"}), times=3)
            with pytest.raises(ProviderError) as error:
                await submit(segmind)
            service._faults["draw"].clear()
            written.append(repr(error.value))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("providers")]
    assert "secret" not in f"{written} {ours}"
    assert service.key not in f"{written} {caplog.text} {segmind!r}"
    assert f"{service.origin}/generations/" not in caplog.text
