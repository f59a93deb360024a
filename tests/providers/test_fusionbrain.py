"""FusionBrain over real HTTP on loopback; what all providers promise is in the contract suite."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from providers.base import Metered, Probing, Reconciling
from providers.catalog import fit
from providers.clock import SystemClock
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
    GenerationFailed,
    InvalidRequest,
    NotAccepted,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.fusionbrain import USUAL_SECONDS, FusionBrainProvider
from providers.fusionbrain_directory import KEPT
from providers.fusionbrain_surfaces import PIPELINE, TEXT2IMAGE, Surface, build_params
from providers.http import HttpClient
from providers.multipart import Part, encode_multipart
from providers.offers.fusionbrain import FUSIONBRAIN_OFFERS, FUSIONBRAIN_STYLES
from providers.status import ServiceStatus
from providers.types import (
    GenerationRequest,
    GenerationResult,
    InitImage,
    Mode,
    Progress,
    Ticket,
    VerdictStatus,
    Wish,
)
from providers.wire import Answer, HostNotFound, Request
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.fusionbrain import KEYS, FakeFusionBrain, Plan
from tests.fakes.replicate_pictures import draw

(OFFER,) = FUSIONBRAIN_OFFERS
REQUEST = GenerationRequest(prompt="a secret fox", width=512, height=384)
NEWEST = "a17740da-e8a0-4816-876a-000000000032"
BOTH = [("pipeline",), ("text2image",)]


@pytest.fixture
async def service() -> AsyncIterator[FakeFusionBrain]:
    async with FakeFusionBrain() as service:
        yield service
        assert service.overlaps == 0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=True)


def made(service: FakeFusionBrain, clock: Any, **changes: Any) -> FusionBrainProvider:
    options = {"base_url": service.base_url + "/", "styles_url": service.styles_url, **changes}
    return FusionBrainProvider(*KEYS, http=HttpClient(clock), clock=clock, **options)


@pytest.fixture
async def fusionbrain(service, clock) -> AsyncIterator[FusionBrainProvider]:
    provider = made(service, clock)
    yield provider
    await provider.aclose()


async def submit(provider, *, deadline: float = 600.0, **changes: object) -> Ticket:
    request = REQUEST.model_copy(update=changes)
    return await provider.submit(request, OFFER, deadline=deadline)


async def wait(provider, ticket: Ticket, deadline: float = 600.0) -> GenerationResult:
    return await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)


async def run(provider, **changes: object) -> GenerationResult:
    return await wait(provider, await submit(provider, **changes))


# What is sent

PICTURE = InitImage(data=b"x")
UNDECLARED: dict[str, object] = {
    "mode": Mode.IMAGE_TO_IMAGE,
    "seed": 5,
    "num_inference_steps": 50,
    "guidance_scale": 4.0,
    "prior_num_inference_steps": 10,
    "prior_guidance_scale": 4.0,
    "scheduler": "ddim",
    "init_images": (PICTURE,),
    "mask_image": b"x",
    "control_image": b"x",
    "strength": 0.5,
    "output_format": "jpeg",
}


def declared(surface: Surface) -> dict[str, tuple[object, dict[str, object]]]:
    """A wish for everything that can be wished here, and what of the payload it changes."""
    return {
        "prompt": ("a bear", {"generateParams": {"query": "a bear"}}),
        "negative_prompt": ("blurry", {surface.negative_prompt: "blurry"}),
        "width": (1024, {"width": 1024}),
        "height": (640, {"height": 640}),
        "style": ("ANIME", {"style": "ANIME"}),
        "num_images": (2, {"numImages": 2}),
    }


@pytest.mark.parametrize("surface", [PIPELINE, TEXT2IMAGE], ids=lambda surface: surface.name)
def test_each_wish_changes_its_own_parameter_and_no_other_any(surface: Surface) -> None:
    plain = build_params(REQUEST, surface)
    wishes = declared(surface) | {name: (value, {}) for name, value in UNDECLARED.items()}
    assert set(wishes) == set(GenerationRequest.model_fields)
    for field, (value, sent) in wishes.items():
        wished = build_params(REQUEST.model_copy(update={field: value}), surface)
        assert {key: wished[key] for key in wished if wished[key] != plain.get(key)} == sent


def test_a_bare_request_leaves_the_rest_to_the_service() -> None:
    assert build_params(REQUEST, PIPELINE) == {
        "type": "GENERATE",
        "width": 512,
        "height": 384,
        "numImages": 1,
        "generateParams": {"query": "a secret fox"},
    }


def test_the_offer_declares_what_is_sent_and_nothing_else() -> None:
    assert OFFER.negative_prompt and OFFER.native_styles == FUSIONBRAIN_STYLES
    assert not OFFER.seed and OFFER.max_images == 1
    ranges = (OFFER.steps, OFFER.prior_steps, OFFER.guidance, OFFER.prior_guidance, OFFER.strength)
    assert ranges == (None,) * 5


@pytest.mark.parametrize(
    ("ratio", "size"),
    [((1, 1), (1024, 1024)), ((16, 9), (1024, 576)), ((9, 16), (576, 1024)), ((3, 2), (960, 640))],
)
def test_the_documented_ratios_need_no_crop(ratio, size) -> None:
    fitted = fit(Wish(prompt="a fox", aspect_ratio=ratio), OFFER)
    assert (fitted.request.width, fitted.request.height) == size
    assert fitted.crop is None


@pytest.mark.parametrize("surfaces", BOTH)
async def test_the_service_takes_everything_declared(service, clock, surfaces) -> None:
    service.surfaces = surfaces
    provider = made(service, clock)
    ends = (OFFER.sizes.sides[0], OFFER.sizes.sides[-1])
    for style in FUSIONBRAIN_STYLES:
        await submit(provider, style=style, negative_prompt="x" * 1000, prompt="é🦊" * 500)
    await submit(provider, width=ends[0], height=ends[1], prompt='x"\r\n--')
    last = service.made[-1]
    assert last.params["generateParams"]["query"] == 'x"\r\n--'
    assert last.drawn_by == {"pipeline": NEWEST, "text2image": "4"}[last.surface]
    await provider.aclose()


@pytest.mark.parametrize("surfaces", BOTH)
async def test_the_keys_go_with_every_call_but_the_styles(service, clock, surfaces) -> None:
    service.surfaces = surfaces
    provider = made(service, clock)
    await run(provider)
    await provider.probe(deadline=600.0)
    for seen in service.requests:
        keys = (seen.headers.get("X-Key"), seen.headers.get("X-Secret"))
        assert keys == (
            (None, None) if seen.route == "styles" else ("Key key_fake", "Secret secret_fake")
        )
    assert {"run", "status", "availability", "styles"} <= {seen.route for seen in service.requests}
    await provider.aclose()


@pytest.mark.parametrize(
    ("parts", "status", "message"),
    [
        ([Part("pipeline_id", NEWEST.encode()), Part("params", b"{}")], 415, "not supported"),
        ([Part("params", b"{}", "application/json")], 400, "Required parameter 'pipeline_id'"),
        (
            [Part("pipeline_id", NEWEST.encode()), Part("params", b"{}", "application/json")],
            400,
            "wrong",
        ),
    ],
)
async def test_the_fake_is_as_strict_as_the_service(service, clock, parts, status, message) -> None:
    content_type, body = encode_multipart(parts)
    keys = {"X-Key": f"Key {KEYS[0]}", "X-Secret": f"Secret {KEYS[1]}"}
    http = HttpClient(clock)
    answer = await http.send(
        Request(
            method="POST",
            url=f"{service.base_url}/key/api/v1/pipeline/run",
            headers={**keys, "Content-Type": content_type},
            body=body,
            deadline=60.0,
        )
    )
    await http.aclose()
    assert answer.status == status
    assert message in json.loads(answer.body)["message"]


# Which surface, which pipeline


@pytest.mark.parametrize("surfaces", BOTH)
async def test_the_surface_that_answers_is_found_once(service, clock, surfaces) -> None:
    service.surfaces = surfaces
    provider = made(service, clock)
    for _ in range(3):
        await run(provider)
    assert {run.surface for run in service.made} == set(surfaces)
    assert service.count("list") == 1
    assert service.count("models") == (1 if surfaces == ("text2image",) else 0)
    await provider.aclose()


async def test_where_both_answer_the_newer_is_used(service, fusionbrain) -> None:
    service.surfaces = ("pipeline", "text2image")
    await run(fusionbrain)
    assert service.made[0].surface == "pipeline"


@pytest.mark.parametrize("surface", ["pipeline", "text2image"])
async def test_a_configured_surface_is_the_only_one_asked(service, clock, surface) -> None:
    service.surfaces = ("pipeline", "text2image")
    provider = made(service, clock, api=surface)
    await run(provider)
    assert service.made[0].surface == surface
    service.surfaces = tuple({"pipeline", "text2image"} - {surface})
    with pytest.raises(ServiceGone):
        await submit(provider)
    assert len(service.made) == 1
    await provider.aclose()


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_both_gone_is_said_clearly(service, fusionbrain, status) -> None:
    service.fault("list", faults.answer(status, b"<html>"))
    with pytest.raises(ServiceGone, match=r"no pipelines nor models .* retired or has moved"):
        await submit(fusionbrain)
    assert service.count("run") == 0


async def test_a_host_that_is_no_more_is_a_service_gone(clock) -> None:
    class Nowhere(HttpClient):
        async def send(self, request: Request) -> Answer:
            raise HostNotFound("ConnectError")

    provider = FusionBrainProvider(*KEYS, http=Nowhere(clock), clock=clock)
    for call in (submit(provider), provider.probe(deadline=60.0)):
        with pytest.raises(ServiceGone, match="retired or has moved"):
            await call
    await provider.aclose()


LISTING = [
    (401, b"", Unauthorized),
    (403, b"", Unauthorized),
    (402, b"", OutOfCredit),
    (429, b"", RateLimited),
    (400, b"", Unavailable),
    (301, b"", Unavailable),
    (500, b"", Unavailable),
    (502, b"<html>", Unavailable),
    (200, b"<html>", Unavailable),
    (200, b"{}", Unavailable),
    (200, b"[]", ServiceGone),
]


@pytest.mark.parametrize(("status", "body", "kind"), LISTING)
async def test_a_list_that_is_none(service, fusionbrain, status, body, kind) -> None:
    service.surfaces = ("pipeline", "text2image")
    service.fault("list", faults.answer(status, body), times=20)
    with pytest.raises(NotAccepted) as error:
        await submit(fusionbrain)
    assert type(error.value) is kind
    assert service.count("run") == service.count("models") == 0


async def test_a_list_whose_answer_is_lost_is_asked_for_again(service, fusionbrain) -> None:
    for fault in (faults.reset_before, faults.cut_short, faults.bad_gateway()):
        service.fault("list", fault)
    await submit(fusionbrain)
    assert service.count("list") == 4


async def test_a_list_that_never_comes_leaves_nothing_unknown(service, fusionbrain) -> None:
    service.fault("list", faults.reset_before, times=20)
    with pytest.raises(Unavailable):
        await submit(fusionbrain)


async def test_a_pipeline_that_is_gone_is_looked_for_again(service, fusionbrain) -> None:
    await submit(fusionbrain)
    service.pipelines = [entry for entry in service.pipelines if entry["id"] != NEWEST]
    await submit(fusionbrain)
    assert [run.drawn_by[-2:] for run in service.made] == ["32", "31"]
    assert (service.count("list"), service.count("run")) == (2, 3)


async def test_a_surface_that_is_gone_is_looked_for_again(service, fusionbrain) -> None:
    await submit(fusionbrain)
    service.surfaces = ("text2image",)
    await run(fusionbrain)
    assert [run.surface for run in service.made] == ["pipeline", "text2image"]


async def test_a_submission_is_asked_about_where_it_was_made(service, fusionbrain) -> None:
    ticket = await submit(fusionbrain)
    service.surfaces = ("pipeline", "text2image")
    service.fault("list", faults.answer(404))
    await fusionbrain.probe(
        deadline=600.0
    )  # for a moment it looks as if only the old one were there
    assert len((await wait(fusionbrain, ticket)).images) == 1


async def test_what_is_listed_but_gone_is_posted_to_once(service, fusionbrain) -> None:
    await submit(fusionbrain)
    service.fault("run", faults.answer(404))
    with pytest.raises(ServiceGone):
        await submit(fusionbrain)
    assert service.count("run") == 2


async def test_a_newer_pipeline_is_found_within_the_hour(service, fusionbrain, clock) -> None:
    await submit(fusionbrain)
    service.pipelines.append(service.pipelines[0] | {"id": "new", "version": 3.3})
    await submit(fusionbrain)
    await clock.sleep(KEPT)
    await submit(fusionbrain, deadline=9000.0)
    assert [run.drawn_by for run in service.made] == [NEWEST, NEWEST, "new"]


@pytest.mark.parametrize("key", ["status", "pipeline_status", "model_status"])
@pytest.mark.parametrize("word", ["DISABLED_BY_QUEUE", "DISABLED_MANUALLY"])
async def test_a_receipt_may_say_that_nothing_is_taken(service, fusionbrain, key, word) -> None:
    service.blocked = {key: word}
    with pytest.raises(Unavailable, match=word):
        await submit(fusionbrain)
    assert service.count("run") == 1
    service.blocked = None
    service.pipelines[2]["status"] = word
    await submit(fusionbrain)
    assert service.made[0].drawn_by[-2:] == "31"


async def test_all_disabled_is_known_before_anything_is_handed_in(service, fusionbrain) -> None:
    for entry in service.pipelines:
        entry["status"] = "DISABLED_BY_QUEUE"
    with pytest.raises(Unavailable):
        await submit(fusionbrain)
    assert service.count("run") == 0


# How a submission is refused

REFUSALS = [
    (401, {}, Unauthorized),
    (403, {}, Unauthorized),
    (402, {}, OutOfCredit),
    (404, {}, ServiceGone),
    (410, b"", ServiceGone),
    (400, {"message": "too long: a secret fox"}, InvalidRequest),
    (400, {"message": "Required parameter 'model_id' is not present."}, ServiceGone),
    (400, {"message": "the prompt was censored"}, Censored),
    (413, b"<html>", InvalidRequest),
    (415, {"message": "Content type '' not supported"}, InvalidRequest),
    (422, [], InvalidRequest),
    (429, {}, RateLimited),
    (301, b"", Unavailable),
    (500, {"message": "Internal Server Error"}, OutcomeUnknown),
    (502, b"<html>", OutcomeUnknown),
    (503, b"<html>", OutcomeUnknown),
    (504, b"", OutcomeUnknown),
    (201, b"", BadAnswer),
    (201, b"{", BadAnswer),
    (201, b"[]", BadAnswer),
    (201, {"status": "INITIAL"}, BadAnswer),
    (201, {"status": "INITIAL", "uuid": "../x"}, BadAnswer),
    (201, {"censored": "true"}, Censored),
]


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
async def test_refusals(service, fusionbrain, status, body, kind) -> None:
    service.fault("run", faults.answer(status, body))
    with pytest.raises(ProviderError) as error:
        await submit(fusionbrain)
    assert type(error.value) is kind
    assert "secret" not in str(error.value)
    assert service.count("run") == 1


async def test_a_wrong_key(service, clock) -> None:
    provider = FusionBrainProvider(
        "wrong", KEYS[1], base_url=service.base_url, http=HttpClient(clock), clock=clock
    )
    with pytest.raises(Unauthorized):
        await submit(provider)
    await provider.aclose()


async def test_a_long_throttle_says_how_long(service, fusionbrain) -> None:
    service.fault("run", faults.answer(429, {}, Retry_After="45"))
    with pytest.raises(RateLimited) as limited:
        await submit(fusionbrain)
    assert limited.value.retry_after == 45


# What comes back


@pytest.mark.parametrize("surfaces", BOTH)
async def test_a_picture(service, clock, surfaces) -> None:
    service.surfaces = surfaces
    provider = made(service, clock)
    (image,) = (await run(provider)).images
    assert (image.media_type, image.width, image.height) == ("image/jpeg", 512, 384)
    assert image.verdict.status is VerdictStatus.ALLOWED
    assert image.seed is None
    await provider.aclose()


@pytest.mark.parametrize("surfaces", BOTH)
async def test_after_a_restart_the_surface_is_found_again(service, clock, surfaces) -> None:
    service.surfaces = surfaces
    before, after = made(service, clock), made(service, clock)
    ticket = await submit(before)
    assert len((await wait(after, Ticket(ticket.remote_id))).images) == 1
    await before.aclose()
    await after.aclose()


async def test_a_service_that_says_nothing_of_censorship_has_not_checked(
    service, fusionbrain
) -> None:
    service.plan = Plan(censored=None)
    (image,) = (await run(fusionbrain)).images
    assert image.verdict.status is VerdictStatus.UNCHECKED


@pytest.mark.parametrize("surfaces", BOTH)
@pytest.mark.parametrize("flag", [True, "true", "TRUE", [True], [False, True]])
async def test_a_censored_picture_is_never_given_out(service, clock, surfaces, flag) -> None:
    """DONE, and with a file: a placeholder."""
    service.surfaces = surfaces
    service.plan = Plan(censored=flag)
    provider = made(service, clock)
    ticket = await submit(provider)
    for _ in range(2):
        with pytest.raises(Censored) as censored:
            await wait(provider, ticket)
        assert (censored.value.verdict.stage, censored.value.verdict.source) == (
            "image",
            "fusionbrain",
        )
    assert provider._durations.expected is None
    await provider.aclose()


@pytest.mark.parametrize("key", ["errorDescription", "statusDescription"])
async def test_failures(service, fusionbrain, key) -> None:
    service.plan = Plan(status="FAIL", ended={key: "broken: a secret fox"})
    with pytest.raises(GenerationFailed) as failed:
        await run(fusionbrain)
    assert "secret" not in str(failed.value)
    service.plan = Plan(status="FAIL", ended={key: "moderation"})
    with pytest.raises(Censored) as censored:
        await run(fusionbrain)
    assert censored.value.verdict.stage == "prompt"


async def test_canceled_at_the_service(service, fusionbrain) -> None:
    service.plan = Plan(status="CANCEL")
    with pytest.raises(GenerationCanceled):
        await run(fusionbrain)


async def test_an_unknown_status_is_waited_on_until_the_deadline(service, fusionbrain) -> None:
    service.plan = Plan(status="PONDERING")
    ticket = await submit(fusionbrain)
    service.fault("status", faults.answer(200, {"status": "PONDERING"}), times=999)
    with pytest.raises(DeadlineExceeded):
        await wait(fusionbrain, ticket)


@pytest.mark.parametrize(
    "file", ["!!", "", 5, draw(64, 64, 1, "jpeg")[:-20].hex(), "data:image/jpeg;base64,!"]
)
async def test_a_picture_that_is_none(service, fusionbrain, file) -> None:
    service.plan = Plan(files=(file,), gets=1)
    with pytest.raises(BadAnswer):
        await run(fusionbrain)
    assert service.count("status") == 1


# Given out once


@pytest.mark.parametrize("fault", [faults.cut_short, faults.reset_after])
async def test_a_lost_last_answer_is_a_lost_result(service, fusionbrain, fault) -> None:
    service.plan = Plan(gets=1)
    service.fault("status", fault)
    with pytest.raises(ResultLost):
        await run(fusionbrain)


async def test_any_other_lost_answer_is_got_over(service, fusionbrain) -> None:
    service.plan = Plan(gets=5)
    unreadable = faults.answer(200, b"<html>")
    for fault in (faults.cut_short, faults.reset_after, faults.bad_gateway(), unreadable):
        service.fault("status", fault)
    assert len((await run(fusionbrain)).images) == 1


async def test_a_result_taken_once_is_there_for_who_waits_again(service, fusionbrain) -> None:
    ticket = await submit(fusionbrain)
    first = await wait(fusionbrain, ticket)
    assert await wait(fusionbrain, ticket) == first
    assert service.count("status") == 2


async def test_after_a_restart_it_is_lost(service, fusionbrain, clock) -> None:
    ticket = await submit(fusionbrain)
    await wait(fusionbrain, ticket)
    restarted = made(service, clock)
    with pytest.raises(ResultLost):
        await wait(restarted, Ticket(ticket.remote_id))
    await restarted.aclose()


async def test_who_waits_at_the_same_time_never_asks_at_the_same_time(service, fusionbrain) -> None:
    service.plan = Plan(gets=6)
    ticket = await submit(fusionbrain)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(wait(fusionbrain, ticket)) for _ in range(4)]
    assert len({task.result().images[0].data for task in tasks}) == 1
    assert service.count("status") == 6


async def test_a_wait_that_is_cancelled_as_the_answer_arrives_loses_nothing(
    service, fusionbrain
) -> None:
    service.plan = Plan(gets=1)
    ticket = await submit(fusionbrain)
    let_go = asyncio.Event()
    service.fault("status", faults.hang(let_go))
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(wait(fusionbrain, ticket))
        await service.until("status")
        waiting.cancel()
        let_go.set()
    assert waiting.cancelled()
    assert service.runs == {}
    assert len((await wait(fusionbrain, ticket)).images) == 1
    assert service.count("status") == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (404, ResultLost),
        (410, ResultLost),
        (400, Unavailable),
        (415, Unavailable),
        (500, Unavailable),
        (502, Unavailable),
        (429, Unavailable),
    ],
)
async def test_answers_about_an_accepted_submission(service, fusionbrain, status, kind) -> None:
    ticket = await submit(fusionbrain)
    service.fault("status", faults.answer(status, b"<html>"), times=20)
    with pytest.raises(kind) as error:
        await wait(fusionbrain, ticket)
    assert type(error.value) is kind


@pytest.mark.parametrize("remote_id", ["", "..", "../pipelines", "a/b", "a?b", "a b"])
async def test_an_id_cannot_lead_elsewhere(service, fusionbrain, remote_id) -> None:
    await fusionbrain.cancel(Ticket(remote_id))
    with pytest.raises(ResultLost):
        await wait(fusionbrain, Ticket(remote_id))
    assert service.requests == []


# Time


@pytest.mark.parametrize(
    ("advice", "slept"),
    [(17, 17), ("17", 17), (0, 0), (100_000, 120), (-5, 0), ("soon", 0), (None, 0)],
)
async def test_the_first_question_waits_as_advised(
    service, fusionbrain, clock, advice, slept
) -> None:
    service.plan = Plan(gets=1, status_time=advice)
    await run(fusionbrain)
    assert clock.monotonic() == pytest.approx(slept)


async def test_progress_is_an_estimate_that_rises(service, fusionbrain, clock) -> None:
    service.plan = Plan(gets=4, status_time=10)
    seen: list[Progress] = []
    await fusionbrain.wait(await submit(fusionbrain), deadline=600.0, on_progress=seen.append)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(set(fractions))
    assert fractions[:11] == pytest.approx([share * 0.09 for share in range(11)])
    assert fractions[-1] < 1


async def test_past_pictures_tell_how_long_the_next_takes(service, fusionbrain, clock) -> None:
    service.plan = Plan(gets=1, status_time=40)
    await run(fusionbrain)
    assert fusionbrain._durations.expected == pytest.approx(40)
    service.plan = Plan(gets=1, status_time=20)
    seen: list[Progress] = []
    await fusionbrain.wait(await submit(fusionbrain), deadline=600.0, on_progress=seen.append)
    assert seen[-1].fraction == pytest.approx(0.45)


async def test_without_anything_to_go_by_the_usual_time_is_taken(
    service, fusionbrain, clock
) -> None:
    service.fault("status", faults.answer(200, {"status": "PROCESSING"}), times=99)
    ticket, seen = await submit(fusionbrain), list[Progress]()
    with pytest.raises(DeadlineExceeded):
        await fusionbrain.wait(ticket, deadline=USUAL_SECONDS, on_progress=seen.append)
    assert seen[-1].fraction == pytest.approx(0.9)


@pytest.mark.parametrize("trouble", ["hang", "drip"])
async def test_a_service_that_goes_quiet_is_left_at_the_deadline(service, trouble) -> None:
    fault = {"hang": faults.hang(service.released), "drip": faults.drip()}[trouble]
    clock = SystemClock()
    provider = made(service, clock)
    ticket = await submit(provider, deadline=clock.monotonic() + 5)
    for route in ("status", "run"):
        service.fault(route, fault)
    with pytest.raises(DeadlineExceeded):
        await wait(provider, ticket, deadline=clock.monotonic() + 0.2)
    with pytest.raises(OutcomeUnknown):
        await submit(provider, deadline=clock.monotonic() + 0.2)
    assert service.count("run") == 2
    await provider.aclose()


# Cancelling


async def test_cancel_ends_a_wait_in_progress_without_a_call(service) -> None:
    service.plan = Plan(gets=99, status_time=100)
    clock = FakeClock()
    provider = made(service, clock)
    ticket = await submit(provider)
    calls = len(service.requests)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(asyncio.wait_for(canceled(provider, ticket), 10))
        await clock.until_sleeping()
        await provider.cancel(ticket)
        await clock.advance(1)
    assert waiting.done()
    assert len(service.requests) == calls
    await provider.aclose()


async def canceled(provider: FusionBrainProvider, ticket: Ticket) -> None:
    with pytest.raises(GenerationCanceled):
        await wait(provider, ticket)


async def test_cancel_of_what_is_there_takes_nothing_away(service, fusionbrain) -> None:
    ticket = await submit(fusionbrain)
    first = await wait(fusionbrain, ticket)
    await fusionbrain.cancel(ticket)
    assert await wait(fusionbrain, ticket) == first


# Styles


async def test_the_styles_are_those_the_service_lists(service, fusionbrain, clock) -> None:
    listed = [{"name": "KANDINSKY"}, {"name": "OIL_PAINT"}]
    service.fault("styles", faults.answer(200, listed))
    for _ in range(3):
        (offer,) = await fusionbrain.offers()
        assert offer.native_styles == {"KANDINSKY", "OIL_PAINT"}
    assert service.count("styles") == 1
    fitted = fit(Wish(prompt="a fox", style="oil paint"), offer)
    assert (fitted.request.style, fitted.request.prompt) == ("OIL_PAINT", "a fox")
    await clock.sleep(KEPT)
    (offer,) = await fusionbrain.offers()
    assert offer.native_styles == FUSIONBRAIN_STYLES


NO_STYLES = [
    faults.answer(404),
    faults.answer(500),
    faults.answer(200, b"<html>"),
    faults.answer(200, []),
    faults.answer(200, {"styles": []}),
    faults.reset_before,
    faults.answer(302, b"", Location="https://elsewhere.example/"),
    faults.flood(1_000_000),
]


@pytest.mark.parametrize("fault", NO_STYLES)
async def test_without_a_list_there_are_the_known_four(service, fusionbrain, clock, fault) -> None:
    service.fault("styles", fault, times=20)
    assert await fusionbrain.offers() == FUSIONBRAIN_OFFERS
    asked = service.count("styles")
    assert await fusionbrain.offers() == FUSIONBRAIN_OFFERS
    assert service.count("styles") == asked
    service._faults["styles"].clear()
    await clock.sleep(60)
    await fusionbrain.offers()
    assert service.count("styles") == asked + 1


async def test_a_list_once_read_outlives_a_bad_one(service, fusionbrain, clock) -> None:
    service.fault("styles", faults.answer(200, [{"name": "OIL"}]))
    await fusionbrain.offers()
    service.fault("styles", faults.answer(500), times=20)
    await clock.sleep(KEPT)
    (offer,) = await fusionbrain.offers()
    assert offer.native_styles == {"OIL"}


# What it says of itself


def test_what_it_can_do_beyond_the_interface(fusionbrain) -> None:
    assert isinstance(fusionbrain, Probing)
    assert not isinstance(fusionbrain, Metered) and not isinstance(fusionbrain, Reconciling)


@pytest.mark.parametrize("surfaces", BOTH)
async def test_a_probe(service, clock, surfaces) -> None:
    service.surfaces = surfaces
    provider = made(service, clock)
    status = await provider.probe(deadline=600.0)
    assert status == ServiceStatus(
        styles=("KANDINSKY", "UHD", "ANIME", "DEFAULT"),
        takes_work=True,
    )
    (asked,) = service.seen("availability")
    assert asked.path.endswith(
        {"pipeline": f"pipeline/{NEWEST}/availability", "text2image": "availability?model_id=4"}[
            surfaces[0]
        ]
    )
    await provider.aclose()


@pytest.mark.parametrize("key", ["status", "pipeline_status", "model_status"])
async def test_a_probe_of_a_full_queue(service, fusionbrain, key) -> None:
    service.availability = {key: "DISABLED_BY_QUEUE"}
    assert not (await fusionbrain.probe(deadline=600.0)).takes_work


async def test_a_probe_where_all_are_disabled(service, fusionbrain) -> None:
    for entry in service.pipelines:
        entry["status"] = "DISABLED_MANUALLY"
    status = await fusionbrain.probe(deadline=600.0)
    assert not status.takes_work
    assert service.count("availability") == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [((401, b""), Unauthorized), ((500, b""), Unavailable), ((200, b"<html>"), BadAnswer)],
)
async def test_a_probe_that_fails(service, fusionbrain, answer, kind) -> None:
    service.fault("availability", faults.answer(*answer), times=20)
    with pytest.raises(kind):
        await fusionbrain.probe(deadline=600.0)


async def test_a_probe_without_an_availability_goes_by_the_list(service, fusionbrain) -> None:
    service.fault("availability", faults.answer(404))
    assert (await fusionbrain.probe(deadline=600.0)).takes_work


async def test_a_probe_without_styles(service, fusionbrain) -> None:
    service.fault("styles", faults.answer(404))
    assert (await fusionbrain.probe(deadline=600.0)).styles is None


# Secrets


async def test_nothing_secret_is_logged_or_raised(service, fusionbrain, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        await run(fusionbrain)
        service.fault("styles", faults.answer(500), times=20)
        await fusionbrain.offers()
        service.fault("run", faults.answer(400, {"message": "bad: a secret fox"}))
        with pytest.raises(InvalidRequest) as invalid:
            await submit(fusionbrain)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("providers")]
    assert "secret" not in f"{invalid.value!r} {ours} {fusionbrain!r}"
    assert not any(key in caplog.text for key in KEYS)
