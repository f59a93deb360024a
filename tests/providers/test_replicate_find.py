"""A prediction made and not recorded is found in the service's list; no doubt is taken for a no."""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from providers.base import Probing, Reconciling
from providers.clock import SystemClock
from providers.errors import (
    BadAnswer,
    DeadlineExceeded,
    OutcomeUnknown,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.http import HttpClient
from providers.offers.replicate import REPLICATE_OFFERS
from providers.replicate import LISTED_WITHIN, ReplicateProvider
from providers.replicate_api import MOST_PAGES
from providers.replicate_listing import CLOCK_SKEW, Listed, lost_one, parse_page
from providers.types import GenerationRequest, InitImage, Mode, Ticket
from tests.fakes import faults
from tests.fakes.clock import START, FakeClock
from tests.fakes.replicate import FakeReplicate, Plan
from tests.providers.test_replicate_answers import GOOD, json_values, mutated
from tests.providers.test_replicate_payloads import picture

NEW, OLD = REPLICATE_OFFERS
LATE = 1e6
REQUEST = GenerationRequest(prompt="a secret fox", width=512, height=384, num_images=2, seed=5)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=True)


@pytest.fixture
async def service(clock: FakeClock) -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate(clock=clock) as service:
        yield service


@pytest.fixture
async def replicate(service: FakeReplicate, clock: FakeClock) -> AsyncIterator[ReplicateProvider]:
    provider = ReplicateProvider(
        service.token, base_url=service.base_url, http=HttpClient(clock), clock=clock
    )
    yield provider
    await provider.aclose()


async def submit(provider: ReplicateProvider, offer=NEW, **changes: object) -> Ticket:
    asked = REQUEST.model_copy(update=changes)
    return await provider.submit(asked, offer, deadline=LATE)


async def find(
    provider: ReplicateProvider,
    *,
    offer=NEW,
    since: datetime = START,
    known: tuple[str, ...] = (),
    **changes: object,
) -> str | None:
    asked = REQUEST.model_copy(update=changes)
    ticket = await provider.find(asked, offer, since=since, known=known, deadline=LATE)
    return ticket and ticket.remote_id


def test_it_is_reconciling_and_probing() -> None:
    clock = SystemClock()
    provider = ReplicateProvider("r8", http=HttpClient(clock), clock=clock)
    assert isinstance(provider, Reconciling) and isinstance(provider, Probing)


async def test_what_was_accepted_is_found_and_not_paid_for_again(replicate, service) -> None:
    await submit(replicate, seed=4)
    service.fault("create", faults.reset_after)
    with pytest.raises(OutcomeUnknown):
        await submit(replicate)
    await submit(replicate, seed=6)
    (lost,) = [each.id for each in service.predictions.values() if each.seed == 5]
    assert await find(replicate) == lost
    images = (
        await replicate.wait(Ticket(lost), deadline=LATE, on_progress=lambda _progress: None)
    ).images
    assert len(images) == 2
    assert service.count("create") == 3


async def test_what_was_not_accepted_is_surely_not_there(replicate, service) -> None:
    await submit(replicate, seed=4)
    service.fault("create", faults.reset_before)
    with pytest.raises(OutcomeUnknown):
        await submit(replicate)
    assert await find(replicate) is None


async def test_it_waits_until_what_was_accepted_can_be_listed(replicate, clock) -> None:
    await find(replicate)
    assert clock.monotonic() == pytest.approx(LISTED_WITHIN)
    await find(replicate, since=START - timedelta(minutes=1))
    assert clock.monotonic() == pytest.approx(LISTED_WITHIN)
    await find(replicate, since=START + timedelta(hours=1))  # a clock that was set back
    assert clock.monotonic() == pytest.approx(2 * LISTED_WITHIN)


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "a secret wolf"},
        {"seed": 6},
        {"num_images": 1},
        {"width": 384},
        {"output_format": "webp"},
    ],
)
async def test_another_wish_is_another_prediction(replicate, other) -> None:
    await submit(replicate, **other)
    assert await find(replicate) is None
    assert await find(replicate, **other) is not None


async def test_another_model_is_another_prediction(replicate) -> None:
    await submit(replicate, OLD)
    assert await find(replicate) is None
    assert await find(replicate, offer=OLD) is not None


async def test_one_on_record_is_passed_over(replicate) -> None:
    mine, theirs = await submit(replicate), await submit(replicate)
    assert await find(replicate, known=(theirs.remote_id,)) == mine.remote_id
    assert await find(replicate, known=(mine.remote_id, theirs.remote_id)) is None


async def test_of_several_the_nearest_in_time_is_taken(replicate, clock) -> None:
    for _ in range(3):
        await submit(replicate)
        await clock.sleep(60)
    listed = list(await replicate._api.created_since(START, deadline=LATE))
    assert await find(replicate, since=START + timedelta(seconds=70)) == listed[1].id


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (timedelta(minutes=4), True),
        (timedelta(minutes=-60), True),
        (CLOCK_SKEW + timedelta(seconds=30), False),
    ],
)
async def test_clocks_may_differ_by_minutes(replicate, ahead, found) -> None:
    """ahead: how much later than the service we think it is."""
    await submit(replicate)
    assert (await find(replicate, since=START + ahead) is not None) is found


async def test_the_list_is_asked_for_no_longer_than_needed(replicate, service) -> None:
    await find(replicate, since=START + timedelta(minutes=10))
    assert service.seen("list")[0].path == "/v1/predictions?created_after=2026-01-01T12:05:00Z"


async def test_all_pages_are_looked_through(replicate, service) -> None:
    service.page_size = 3
    first = await submit(replicate)
    for seed in range(100, 110):
        await submit(replicate, seed=seed)
    assert await find(replicate) == first.remote_id
    assert service.count("list") == 4
    assert all(
        seen.headers["Authorization"] == f"Bearer {service.token}" for seen in service.seen("list")
    )


async def test_a_list_that_passes_over_the_filter_is_read_to_the_time_asked_for(
    replicate, service, clock
) -> None:
    for seed in range(4):
        await submit(replicate, seed=seed)
        await clock.sleep(3600)
    since = clock.now()
    page = json.dumps(
        {"results": [json.loads(service.body(each)) for each in service.predictions][::-1]}
        | {"next": f"{service.base_url}/predictions?cursor=4"}
    ).encode()
    service.fault("list", faults.answer(200, page, content_type="application/json"))
    assert await find(replicate, since=since) is None
    assert service.count("list") == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{other}/v1/predictions?cursor=1",
        "http://localhost:{port}/v1/predictions?cursor=1",
        "https://127.0.0.1:{port}/v1/predictions?cursor=1",
        "http://127.0.0.1:{port}@evil.example/v1/predictions",
        "//evil.example/v1/predictions",
        "/v1/predictions?cursor=1",
        "garbage",
    ],
)
async def test_a_next_page_elsewhere_is_not_asked_for(replicate, service, address) -> None:
    async with FakeReplicate() as other:
        following = address.format(port=service.port, other=other.port)
        page = {"results": [], "next": following}
        service.fault("list", faults.answer(200, page), times=9)
        with pytest.raises(BadAnswer):
            await find(replicate)
        assert other.requests == []
    assert service.count("list") == 1


async def test_a_list_without_an_end_is_left(replicate, service) -> None:
    page = {"results": [], "next": f"{service.base_url}/predictions?cursor=0"}
    service.fault("list", faults.answer(200, page), times=MOST_PAGES + 1)
    with pytest.raises(OutcomeUnknown):
        await find(replicate)
    assert service.count("list") == MOST_PAGES


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (404, ServiceGone),
        (500, Unavailable),
        (418, Unavailable),
        (429, RateLimited),
    ],
)
async def test_a_service_that_cannot_be_asked_has_not_said_no(
    replicate, service, status, kind
) -> None:
    service.fault("list", faults.answer(status, {"retry_after": 60}), times=20)
    with pytest.raises(kind):
        await find(replicate)


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b"[]", b'{"results": [5]}', b'{"results": [{"id": "a"}]}']
)
async def test_a_list_that_cannot_be_read_has_not_said_no(replicate, service, body) -> None:
    await submit(replicate)
    service.fault("list", faults.answer(200, body, content_type="application/json"), times=9)
    with pytest.raises(BadAnswer):
        await find(replicate)


async def test_an_unreadable_list_is_asked_for_again(replicate, service) -> None:
    ticket = await submit(replicate)
    for fault in (faults.bad_gateway(), faults.reset_before, faults.answer(200, b"<html>")):
        service.fault("list", fault)
    assert await find(replicate) == ticket.remote_id


async def test_past_the_deadline_nothing_is_asked(replicate, service) -> None:
    with pytest.raises(DeadlineExceeded):
        await replicate.find(REQUEST, NEW, since=START, known=(), deadline=0.0)
    assert service.requests == []


@pytest.mark.parametrize("gone", [{"data_removed": True}, {"input": None}, {"input": {}}])
async def test_a_prediction_without_its_input_might_be_it(replicate, service, gone) -> None:
    service.plan = Plan(changes=gone)
    ticket = await submit(replicate)
    with pytest.raises(OutcomeUnknown):
        await find(replicate)
    assert await find(replicate, known=(ticket.remote_id,)) is None
    service.plan = Plan()
    mine = await submit(replicate)
    assert await find(replicate) == mine.remote_id


@pytest.mark.parametrize("version", ["hidden", "dp-4d2ad6a9f0c8", None])
async def test_a_version_may_be_listed_by_another_name(replicate, service, version) -> None:
    service.plan = Plan(changes={"version": version})
    ticket = await submit(replicate)
    assert await find(replicate) == ticket.remote_id


async def test_what_the_service_adds_to_the_input_is_no_difference(replicate, service) -> None:
    asked = {"prompt": "a secret fox", "width": 512, "height": 384, "num_outputs": 2}
    more = asked | {"seed": 5, "output_format": "png", "num_inference_steps": 75}
    service.plan = Plan(changes={"input": more})
    ticket = await submit(replicate)
    assert await find(replicate) == ticket.remote_id
    assert await find(replicate, negative_prompt="blurry") is None


async def test_of_several_the_one_with_nothing_added_is_taken(replicate) -> None:
    for wish in ({"negative_prompt": "blurry"}, {}, {"num_inference_steps": 10}):
        ticket = await submit(replicate, **wish)
        assert await find(replicate, **wish) == ticket.remote_id


@pytest.mark.parametrize("kept", ["https://replicate.delivery/a.jpg", None, "data:same"])
async def test_a_given_picture_may_be_listed_as_it_was_sent_or_stored(
    replicate, service, kept
) -> None:
    given = {
        "mode": Mode.IMAGE_TO_IMAGE,
        "init_images": (InitImage(data=picture()),),
    }
    ticket = await submit(replicate, OLD, **given)
    asked = service.seen("create")[0].json["input"]
    prediction = service.predictions[ticket.remote_id]
    if kept != "data:same":
        prediction.input = asked | {"image": kept}
    assert await find(replicate, offer=OLD, **given) == ticket.remote_id
    prediction.input = asked | {"image": "data:image/jpeg;base64,b3RoZXI="}
    assert await find(replicate, offer=OLD, **given) is None


PAGE: dict[str, Any] = {"next": None, "previous": None, "results": [GOOD]}


@settings(max_examples=300)
@given(mutated(PAGE) | mutated(GOOD).map(lambda each: PAGE | {"results": [each]}) | json_values)
def test_any_list_is_read_or_refused(value: object) -> None:
    payload = {"version": GOOD["version"], "input": GOOD["input"]}
    with contextlib.suppress(BadAnswer, OutcomeUnknown):
        page = parse_page(value)
        found = lost_one(page.predictions, payload, since=START, known=())
        assert found is None or found in {each.id for each in page.predictions}


def test_a_listed_prediction_keeps_its_input_to_itself() -> None:
    listed = Listed(id="a", version="b", created=START, input={"prompt": "a secret fox"})
    assert "secret" not in repr(listed)


# Probing


async def test_a_probe_tells_which_models_are_there(replicate, service) -> None:
    status = await replicate.probe(deadline=LATE)
    assert status.models == (NEW.remote_name, OLD.remote_name)
    assert status.takes_work
    service.retired.add(OLD.remote_name[-64:])
    assert (await replicate.probe(deadline=LATE)).models == (NEW.remote_name,)
    service.retired.add(NEW.remote_name[-64:])
    with pytest.raises(ServiceGone):
        await replicate.probe(deadline=LATE)
    assert service.count("create") == 0


@pytest.mark.parametrize("route", ["account", "version"])
@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (500, Unavailable)])
async def test_a_probe_that_fails(replicate, service, route, status, kind) -> None:
    service.fault(route, faults.answer(status), times=20)
    with pytest.raises(kind):
        await replicate.probe(deadline=LATE)


async def test_a_retired_version_is_a_service_gone(replicate, service) -> None:
    service.retired.add(NEW.remote_name[-64:])
    with pytest.raises(ServiceGone):
        await submit(replicate)
