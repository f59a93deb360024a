"""Replicate over real HTTP on loopback; what all providers promise is in the contract suite."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from providers.clock import SystemClock
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
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
from providers.offers.replicate import REPLICATE_OFFERS
from providers.replicate import ReplicateProvider, cancel_after
from providers.retries import READING_ATTEMPTS
from providers.types import (
    GenerationRequest,
    GenerationResult,
    InitImage,
    Mode,
    Progress,
    Ticket,
)
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.replicate import FakeReplicate, Plan
from tests.fakes.replicate_pictures import draw
from tests.providers.test_sniffing import bomb

OFFER, OLD = REPLICATE_OFFERS
REQUEST = GenerationRequest(prompt="a secret fox", width=512, height=384, num_images=2)


@pytest.fixture
async def service() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate() as service:
        yield service


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=True)


@pytest.fixture
async def replicate(service: FakeReplicate, clock: FakeClock) -> AsyncIterator[ReplicateProvider]:
    provider = ReplicateProvider(
        service.token, base_url=service.base_url + "/", http=HttpClient(clock), clock=clock
    )
    yield provider
    await provider.aclose()


async def submit(
    provider: ReplicateProvider, *, deadline: float = 600.0, **changes: object
) -> Ticket:
    request = REQUEST.model_copy(update=changes)
    return await provider.submit(request, OFFER, deadline=deadline)


async def wait(
    provider: ReplicateProvider, ticket: Ticket, deadline: float = 600.0
) -> GenerationResult:
    return await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)


async def run(provider: ReplicateProvider, **changes: object) -> GenerationResult:
    return await wait(provider, await submit(provider, **changes))


# What is sent


@pytest.mark.parametrize("size", OFFER.sizes.sides)
async def test_every_size_offered_is_taken(replicate, service, size: int) -> None:
    await submit(replicate, width=size)
    assert service.seen("create")[0].json["input"]["width"] == size


async def test_the_headers_of_a_submission(replicate, service) -> None:
    await submit(replicate)
    headers = service.seen("create")[0].headers
    assert headers["Authorization"] == f"Bearer {service.token}"
    assert headers["Cancel-After"] == "600s"
    assert "Prefer" not in headers


@pytest.mark.parametrize(
    ("remaining", "header"),
    [
        (0.1, "5s"),
        (5.0, "5s"),
        (5.1, "6s"),
        (90.0, "90s"),
        (1e9, "86400s"),
        (float("inf"), "86400s"),
    ],
)
def test_cancel_after_is_whole_seconds_and_never_before_our_deadline(remaining, header) -> None:
    assert cancel_after(remaining) == header


# What comes back


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
async def test_the_pictures_are_what_their_bytes_say(replicate, output_format: str) -> None:
    images = (await run(replicate, output_format=output_format)).images
    assert [image.media_type for image in images] == [f"image/{output_format}"] * 2


async def test_the_seed_is_the_one_the_model_drew(replicate, service) -> None:
    images = (await run(replicate)).images
    (prediction,) = service.predictions.values()
    assert {image.seed for image in images} == {prediction.seed}


async def test_progress_runs_over_all_three_bars_once(replicate, service) -> None:
    service.plan = Plan(gets=40)
    seen: list[Progress] = []
    await replicate.wait(await submit(replicate), deadline=600.0, on_progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(set(fractions))
    assert len(fractions) > 30
    assert fractions[0] < 0.1
    assert 0.9 < fractions[-1] < 1


async def test_progress_never_falls_back(replicate, service) -> None:
    ticket = await submit(replicate)
    for step in (20, 10, 20, 22):
        bar = f" {step * 4}%|██ | {step}/25 [00:01<00:01]"
        body = {"id": ticket.remote_id, "status": "processing", "logs": bar}
        service.fault("get", faults.answer(200, body))
    seen: list[Progress] = []
    await replicate.wait(ticket, deadline=600.0, on_progress=seen.append)
    assert [round(progress.fraction * 125) for progress in seen][:2] == [20, 22]


async def test_a_synchronous_answer_is_the_result_itself(replicate, service) -> None:
    service.plan = Plan(inline=True)
    ticket = await submit(replicate)
    assert ticket.result is not None
    assert await wait(replicate, ticket) is ticket.result
    assert len(ticket.result.images) == 2
    assert service.count("get") == service.count("picture") == 0


async def test_an_unreadable_synchronous_answer_is_asked_for_again(replicate, service) -> None:
    service.plan = Plan(gets=1)
    service.plans.append(
        Plan(gets=1, changes={"output": ["data:image/png;base64,!!"], "status": "succeeded"})
    )
    assert (await submit(replicate)).result is None
    ticket = await submit(replicate)
    assert len((await wait(replicate, ticket)).images) == 2


async def test_part_of_a_synchronous_answer_is_not_the_result(replicate, service) -> None:
    picture = f"data:image/png;base64,{base64.b64encode(draw(512, 384, 1)).decode()}"
    service.plan = Plan(changes={"output": [picture], "status": "processing"})
    assert (await submit(replicate, num_images=2)).result is None
    assert (await submit(replicate, num_images=1)).result is not None


@pytest.mark.parametrize(
    "output",
    ["{origin}/files/{id}/0.png", ["{origin}/files/{id}/0.png"], "data:image/png;base64,{picture}"],
)
async def test_one_output_may_come_bare_or_in_a_list_or_inline(replicate, service, output) -> None:
    ticket = await submit(replicate, num_images=1)
    picture = base64.b64encode(draw(512, 384, 1)).decode()
    known = {"origin": service.origin, "id": ticket.remote_id, "picture": picture}
    filled = [output[0].format(**known)] if isinstance(output, list) else output.format(**known)
    prediction = service.predictions[ticket.remote_id]
    prediction.plan = replace(prediction.plan, ended={"output": filled})
    (image,) = (await wait(replicate, ticket)).images
    assert (image.width, image.height) == (512, 384)


async def test_fewer_pictures_than_asked_are_delivered(replicate, service) -> None:
    service.plan = Plan(pictures=1)
    assert len((await run(replicate, num_images=4)).images) == 1


async def test_missing_keys_null_logs_and_nine_digits_are_no_trouble(replicate, service) -> None:
    service.plan = Plan(
        without=("data_removed", "urls", "model", "metrics", "version"), changes={"logs": None}
    )
    images = (await run(replicate)).images
    assert [image.seed for image in images] == [None, None]


async def test_an_unknown_status_is_waited_on_until_the_deadline(replicate, service) -> None:
    service.plan = Plan(status="pondering")
    with pytest.raises(DeadlineExceeded):
        await run(replicate)


# How it ends otherwise


@pytest.mark.parametrize("status", ["canceled", "aborted"])
async def test_canceled_at_the_service(replicate, service, status) -> None:
    service.plan = Plan(status=status)
    with pytest.raises(GenerationCanceled):
        await run(replicate)


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("NSFW content detected. Try running it again, or try a different prompt.", ("nsfw",)),
        ("The input or output was flagged as sensitive. Please try again. (E005)", ("sensitive",)),
        ("Flagged (E005) (uIJ6l3ruRD)", ("sensitive",)),
    ],
)
async def test_censored(replicate, service, text, categories) -> None:
    service.plan = Plan(status="failed", error=text)
    with pytest.raises(Censored) as censored:
        await run(replicate)
    verdict = censored.value.verdict
    assert (verdict.status, verdict.stage, verdict.source) == ("blocked", "image", "replicate")
    assert verdict.categories == categories


async def test_no_picture_of_a_success_is_censorship(replicate, service) -> None:
    service.plan = Plan(pictures=0)
    with pytest.raises(Censored):
        await run(replicate)


@pytest.mark.parametrize(
    ("text", "transient"),
    [
        ("Prediction interrupted; please retry (code: PA)", True),
        ("Director: unexpected error handling prediction (E8765)", True),
        ("Director: unexpected error handling prediction (E9828)", True),
        ("Timeout starting prediction (E6716)", True),
        ("CUDA out of memory for 'a secret fox' (E1001)", False),
        ("", False),
    ],
)
async def test_failures(replicate, service, text, transient) -> None:
    service.plan = Plan(status="failed", error=text)
    with pytest.raises(GenerationFailed) as failed:
        await run(replicate)
    assert failed.value.transient is transient
    assert "secret" not in str(failed.value)


async def test_the_model_of_before_draws_from_a_picture(replicate, service) -> None:
    given = {"init_images": (InitImage(data=draw(640, 480, 3)),), "strength": 0.5}
    request = REQUEST.model_copy(update={"mode": Mode.IMAGE_TO_IMAGE, **given})
    ticket = await replicate.submit(request, OLD, deadline=600.0)
    assert service.seen("create")[0].json["input"]["task"] == "text_guided_img2img"
    assert len((await wait(replicate, ticket)).images) == 2


async def test_a_given_picture_that_is_none_is_refused_unsent(replicate, service) -> None:
    request = REQUEST.model_copy(update={"init_images": (InitImage(data=b"<html>"),)})
    with pytest.raises(InvalidRequest):
        await replicate.submit(request, OLD, deadline=600.0)
    assert service.requests == []


@pytest.mark.parametrize("ended", [{"data_removed": True, "output": None}, {"output": None}])
async def test_a_removed_output_is_lost(replicate, service, ended) -> None:
    service.plan = Plan(ended=ended)
    with pytest.raises(ResultLost):
        await run(replicate)


REFUSALS = [
    (401, {"title": "Unauthenticated"}, Unauthorized),
    (403, {}, Unauthorized),
    (402, {"title": "Insufficient credit"}, OutOfCredit),
    (404, {"detail": "not found"}, ServiceGone),
    (410, b"", ServiceGone),
    (404, b"<html>nginx</html>", ServiceGone),
    (422, {"title": "Invalid version or not permitted"}, ServiceGone),
    (
        422,
        {"title": "Input validation failed", "invalid_fields": [{"field": "input.seed"}, 5]},
        InvalidRequest,
    ),
    (400, [], InvalidRequest),
    (413, b"<html>", InvalidRequest),
    (301, b"", Unavailable),
    (500, {}, OutcomeUnknown),
    (502, b"<html>", OutcomeUnknown),
    (503, b"<html>", OutcomeUnknown),
    (503, {"detail": "at capacity"}, Unavailable),
    (504, b"", OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
async def test_refusals(replicate, service, status, body, kind) -> None:
    service.fault("create", faults.answer(status, body))
    with pytest.raises(ProviderError) as error:
        await submit(replicate)
    assert type(error.value) is kind
    assert str(status) in error.value.detail
    assert service.count("create") == 1


async def test_the_fields_a_service_rejects_are_named(replicate) -> None:
    with pytest.raises(InvalidRequest) as error:
        await submit(replicate, width=513)
    assert error.value.fields == ("width",)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"retry_after": 45, "detail": "resets in ~9s"}, {"Retry_After": "8"}),
        ({"detail": "resets in ~9s"}, {"Retry_After": "45"}),
        ({"detail": "Request was throttled. Your rate limit resets in ~45s."}, {}),
    ],
)
async def test_a_long_throttle_says_how_long(replicate, service, body, headers) -> None:
    service.fault("create", faults.answer(429, body, **headers))
    with pytest.raises(RateLimited) as limited:
        await submit(replicate)
    assert limited.value.retry_after == 45
    assert service.count("create") == 1


async def test_a_short_throttle_too_for_it_concerns_every_other_job(replicate, service) -> None:
    service.fault("create", faults.answer(429, {"retry_after": 5}))
    with pytest.raises(RateLimited) as limited:
        await submit(replicate)
    assert limited.value.retry_after == 5


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (404, ResultLost),
        (410, ResultLost),
        (500, Unavailable),
        (502, Unavailable),
        (400, Unavailable),
    ],
)
async def test_answers_about_an_accepted_prediction(replicate, service, status, kind) -> None:
    ticket = await submit(replicate)
    service.fault("get", faults.answer(status, b"<html>"), times=20)
    with pytest.raises(kind):
        await wait(replicate, ticket)


async def test_a_gateway_that_stumbles_while_polling_is_got_over(replicate, service) -> None:
    ticket = await submit(replicate)
    for fault in (
        faults.bad_gateway(),
        faults.reset_before,
        faults.answer(429, {}),
        faults.cut_short,
    ):
        service.fault("get", fault)
    assert len((await wait(replicate, ticket)).images) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"id": 5, "status": "starting"}',
        b'{"id": "a", "status": null}',
        b'{"id": "../x", "status": "starting"}',
        b"[" * 50_000,
    ],
)
async def test_an_unreadable_answer(replicate, service, body) -> None:
    service.fault("create", faults.answer(201, body, content_type="application/json"))
    with pytest.raises(BadAnswer):
        await submit(replicate)
    assert service.count("create") == 1
    ticket = await submit(replicate)
    unreadable = faults.answer(200, body, content_type="application/json")
    service.fault("get", unreadable, times=3)
    assert len((await wait(replicate, ticket)).images) == 2
    service.fault("get", unreadable, times=READING_ATTEMPTS)
    with pytest.raises(BadAnswer):
        await wait(replicate, ticket)


async def test_an_unreadable_answer_is_asked_for_again_within_the_deadline(
    replicate, service, clock
) -> None:
    ticket = await submit(replicate)
    service.fault("get", faults.answer(200, b"{"), times=99)
    asked_before = service.count("get")
    with pytest.raises(BadAnswer):
        await wait(replicate, ticket, deadline=clock.monotonic() + 0.3)
    assert service.count("get") - asked_before < READING_ATTEMPTS


@pytest.mark.parametrize(
    "output",
    [{"url": "x"}, [1], [[]], 5, True, ["not an address"], ["http://10.0.0.1/a"], ["data:,x"]],
)
async def test_an_unreadable_output(replicate, service, output) -> None:
    service.plan = Plan(ended={"output": output})
    with pytest.raises(BadAnswer):
        await run(replicate)


# Time


@pytest.mark.parametrize("trouble", ["hang", "drip"])
async def test_a_service_that_goes_quiet_is_left_at_the_deadline(service, trouble) -> None:
    fault = {"hang": faults.hang(service.released), "drip": faults.drip()}[trouble]
    clock = SystemClock()
    provider = ReplicateProvider(
        service.token, base_url=service.base_url, http=HttpClient(clock), clock=clock
    )
    ticket = await submit(provider, deadline=clock.monotonic() + 5)
    for route in ("get", "create"):
        service.fault(route, fault)
    with pytest.raises(DeadlineExceeded):
        await wait(provider, ticket, deadline=clock.monotonic() + 0.2)
    with pytest.raises(OutcomeUnknown):
        await submit(provider, deadline=clock.monotonic() + 0.2)
    assert service.count("create") == 2
    await provider.aclose()


async def test_past_generations_tell_when_to_ask(replicate, service, clock) -> None:
    service.plan = Plan(
        ended={
            "created_at": "2026-01-01T12:00:00.000000123Z",
            "completed_at": "2026-01-01T12:01:40Z",
        }
    )
    await run(replicate)
    assert replicate._durations.expected == pytest.approx(100.0)


# Pictures


@pytest.mark.parametrize(
    "fault",
    [
        faults.answer(200, b""),
        faults.answer(200, bomb(60_000, 60_000), content_type="image/png"),
        faults.flood(40_000_000),
    ],
    ids=["empty", "bomb", "flood"],
)
async def test_a_picture_that_is_none(replicate, service, fault) -> None:
    service.fault("picture", fault)
    with pytest.raises(BadAnswer):
        await run(replicate, num_images=1)
    assert service.count("picture") == 1


DAMAGED = [
    faults.answer(200, b"<html>"),
    faults.answer(200, draw(64, 64, 1)[:-20], content_type="image/png"),
]


@pytest.mark.parametrize("fault", DAMAGED, ids=["html", "truncated"])
async def test_a_damaged_picture_is_fetched_again_a_few_times(replicate, service, fault) -> None:
    service.fault("picture", fault, times=3)
    assert len((await run(replicate, num_images=1)).images) == 1
    service.fault("picture", fault, times=READING_ATTEMPTS)
    with pytest.raises(BadAnswer):
        await run(replicate, num_images=1)


async def test_a_header_does_not_decide_what_a_picture_is(replicate, service) -> None:
    service.fault("picture", faults.answer(200, draw(64, 32, 1), content_type="text/html"))
    (image,) = (await run(replicate, num_images=1)).images
    assert (image.media_type, image.width, image.height) == ("image/png", 64, 32)


@pytest.mark.parametrize(
    "fault", [faults.bad_gateway(), faults.answer(500), faults.reset_before, faults.cut_short]
)
async def test_a_download_is_repeated(replicate, service, fault) -> None:
    service.fault("picture", fault, times=2)
    assert len((await run(replicate)).images) == 2


@pytest.mark.parametrize(
    ("status", "kind"), [(404, ResultLost), (403, ResultLost), (500, Unavailable)]
)
async def test_a_picture_refused(replicate, service, status, kind) -> None:
    service.fault("picture", faults.answer(status), times=20)
    with pytest.raises(kind):
        await run(replicate)


async def test_the_token_goes_with_the_services_own_files(replicate, service) -> None:
    await run(replicate)
    assert all("Authorization" in seen.headers for seen in service.seen("picture"))


async def test_the_token_goes_nowhere_else(replicate, service) -> None:
    """Another port of the same host is another service."""
    async with FakeReplicate() as other:
        ticket = await submit(replicate, num_images=1)
        other.predictions = service.predictions
        elsewhere = f"{other.origin}/files/{ticket.remote_id}/0.png"
        prediction = service.predictions[ticket.remote_id]
        prediction.plan = replace(prediction.plan, ended={"output": [elsewhere]})
        assert len((await wait(replicate, ticket)).images) == 1
        (seen,) = other.requests
    assert "Authorization" not in seen.headers
    assert service.token not in str(seen.headers)


# Cancelling


async def test_cancel_reaches_the_service(replicate, service) -> None:
    service.plan = Plan(seconds=3600)
    ticket = await submit(replicate)
    await replicate.cancel(ticket)
    assert service.predictions[ticket.remote_id].ended_as == "canceled"


@pytest.mark.parametrize("fault", [faults.bad_gateway(), faults.reset_before, faults.answer(500)])
async def test_a_cancel_that_fails_is_repeated_or_logged_never_raised(
    replicate, service, fault, caplog
) -> None:
    ticket = await submit(replicate)
    service.fault("cancel", fault, times=20)
    with caplog.at_level(logging.INFO, "providers"):
        await replicate.cancel(ticket)
    assert "cancel" in caplog.text
    assert service.token not in caplog.text


async def test_a_cancel_gets_over_a_stumbling_gateway(replicate, service) -> None:
    service.plan = Plan(seconds=3600)
    ticket = await submit(replicate)
    for fault in (faults.bad_gateway(), faults.reset_before):
        service.fault("cancel", fault)
    await replicate.cancel(ticket)
    assert service.predictions[ticket.remote_id].ended_as == "canceled"


@pytest.mark.parametrize("remote_id", ["", "..", "../account", "a/b", "a?b", "a#b", "a b"])
async def test_an_id_cannot_lead_elsewhere(replicate, service, remote_id) -> None:
    await replicate.cancel(Ticket(remote_id))
    with pytest.raises(ResultLost):
        await wait(replicate, Ticket(remote_id))
    assert service.requests == []


async def test_a_worker_killed_while_polling_leaves_nothing_behind(replicate, service) -> None:
    service.plan = Plan(seconds=3600)
    ticket = await submit(replicate)
    service.fault("get", faults.hang(service.released))
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(replicate, ticket))
        await service.until("get")
        waiting.cancel()
    assert waiting.cancelled()


async def test_nothing_secret_is_logged_or_raised(replicate, service, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        await run(replicate)
        service.plan = Plan(status="failed", error="bad prompt: a secret fox")
        with pytest.raises(GenerationFailed) as failed:
            await run(replicate)
        service.fault("create", faults.answer(422, {"detail": "- input: a secret fox"}))
        with pytest.raises(InvalidRequest) as invalid:
            await submit(replicate)
    ours = [record for record in caplog.records if record.name.startswith("providers")]
    written = f"{failed.value!r} {invalid.value!r} {[record.getMessage() for record in ours]}"
    assert "secret" not in written
    assert service.token not in caplog.text


async def test_the_addresses_of_pictures_are_not_logged(replicate, service, caplog) -> None:
    with caplog.at_level(logging.INFO):
        await run(replicate)
    assert f"{service.origin}/files/" not in caplog.text


@pytest.mark.parametrize(
    ("base_url", "takes"),
    [("https://api.replicate.com/v1", True), ("https://api.replicate.com.evil.example/v1", False)],
)
async def test_only_the_official_service_has_a_delivery_domain(clock, base_url, takes) -> None:
    provider = ReplicateProvider("r8", base_url=base_url, http=HttpClient(clock), clock=clock)
    assert provider._pictures.policy.takes_token("https://x.replicate.delivery/a.png") is takes
    await provider.aclose()
