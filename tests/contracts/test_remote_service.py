"""What an adapter promises while the wires to its service break, for every adapter there is.

No rig has to be written for this: an `HttpRig` names its fake service's calls, and each of them
meets every trouble here. Waits between retries pass at once where nothing is measured by them.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from providers.base import Probing, Reconciling
from providers.errors import (
    BadAnswer,
    DeadlineExceeded,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Unauthorized,
)
from tests.contracts.rigs import HTTP_RIGS
from tests.contracts.rigs.http import ALWAYS, Call, HttpRig
from tests.contracts.rigs.use import PLENTY, made, submitted
from tests.fakes import bad_pictures, faults
from tests.fakes.clock import FakeClock

GENERATING = (Call.SUBMIT, Call.FOLLOW, Call.PICTURE)
REPEATABLE = (Call.FOLLOW, Call.PICTURE)
A_SECOND = 1.0

UNREADABLE = {
    "nothing": faults.answer(200, b"", content_type="application/json"),
    "a page": faults.answer(200, b"<html><h1>Welcome</h1></html>"),
    "null": faults.answer(200, b"null", content_type="application/json"),
    "a list": faults.answer(200, [1, "x"]),
    "half of it": faults.answer(200, b'{"id": "x", "sta', content_type="application/json"),
    "another encoding": faults.answer(200, b"\xff\xfe\x00{", content_type="application/json"),
    "a flood": faults.flood(40_000_000),
}
UNUSABLE = {
    "empty": bad_pictures.empty,
    "a page": bad_pictures.text_named_png,
    "truncated": bad_pictures.truncated_png,
    "too many pixels": bad_pictures.huge_png,
}


def each(calls: tuple[Call, ...]) -> pytest.MarkDecorator:
    """Every service with each of these calls that it has."""
    pairs = [
        (name, call) for name, rig in HTTP_RIGS.items() for call in calls if call in rig.routes
    ]
    return pytest.mark.parametrize(("rig", "call"), pairs, indirect=["rig"])


def those(chosen: Callable[[type[HttpRig]], bool]) -> pytest.MarkDecorator:
    names = [name for name, rig in HTTP_RIGS.items() if chosen(rig)]
    return pytest.mark.parametrize("rig", names, indirect=True)


@pytest.fixture(params=HTTP_RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[HttpRig]:
    async with AsyncExitStack() as stack:
        yield HTTP_RIGS[request.param](stack)


@pytest.fixture
def impatient(rig: HttpRig) -> HttpRig:
    """Its clock doesn't wait: for troubles that last until the last retry."""
    rig.clock = FakeClock(auto=True)
    return rig


# Submitting


async def test_a_429_is_handed_on_at_once(rig: HttpRig) -> None:
    """It concerns all that wait to submit: the provider's gate pauses for it."""
    rig.will_meet(Call.SUBMIT, faults.answer(429, {}))
    provider = await rig.provider()
    with pytest.raises(RateLimited):
        await submitted(rig, provider)
    assert (rig.attempts_seen(), rig.submissions_made()) == (1, 0)


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_gateways_page_tells_nothing_of_the_outcome(rig: HttpRig, status: int) -> None:
    rig.will_meet(Call.SUBMIT, faults.answer(status, b"<html><h1>Bad Gateway</h1></html>"))
    provider = await rig.provider()
    with pytest.raises(OutcomeUnknown):
        await submitted(rig, provider)
    assert rig.attempts_seen() == 1


async def test_half_a_receipt_is_an_unknown_outcome(rig: HttpRig) -> None:
    rig.will_meet(Call.SUBMIT, faults.cut_short)
    provider = await rig.provider()
    with pytest.raises(OutcomeUnknown):
        await submitted(rig, provider)
    assert (rig.attempts_seen(), rig.submissions_made()) == (1, 1)


async def test_no_answer_at_all_is_an_unknown_outcome(rig: HttpRig) -> None:
    provider = await rig.provider()
    rig.will_meet(Call.SUBMIT, faults.drip())
    start = rig.clock.monotonic()
    with pytest.raises(OutcomeUnknown):
        await submitted(rig, provider, A_SECOND)
    assert A_SECOND <= rig.clock.monotonic() - start < A_SECOND + 1
    assert rig.attempts_seen() == 1


# Following, and fetching the pictures


@each(REPEATABLE)
async def test_a_stumbling_gateway_is_got_over(impatient: HttpRig, call: Call) -> None:
    impatient.will_meet(
        call,
        faults.bad_gateway(),
        faults.reset_before,
        faults.answer(429, {}),
        faults.answer(503, {}),
    )
    result = await made(impatient, await impatient.provider())
    assert len(result.images) == impatient.request().num_images
    assert impatient.submissions_made() == 1


@each(REPEATABLE)
async def test_an_answer_that_never_ends_meets_the_deadline(rig: HttpRig, call: Call) -> None:
    provider = await rig.provider()
    rig.will_meet(call, faults.drip(), times=ALWAYS)
    start = rig.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await made(rig, provider, A_SECOND)
    assert A_SECOND <= rig.clock.monotonic() - start < A_SECOND + 1


@each(GENERATING)
@pytest.mark.parametrize("body", UNREADABLE)
async def test_what_cannot_be_read_is_a_bad_answer(
    impatient: HttpRig, call: Call, body: str
) -> None:
    provider = await impatient.provider()
    impatient.will_meet(call, UNREADABLE[body], times=ALWAYS)
    with pytest.raises(BadAnswer):
        await made(impatient, provider)
    assert impatient.attempts_seen() == 1


@pytest.mark.parametrize("kind", UNUSABLE)
async def test_what_is_no_picture_is_a_bad_answer(impatient: HttpRig, kind: str) -> None:
    provider = await impatient.provider()
    impatient.will_send_as_picture(UNUSABLE[kind]())
    with pytest.raises(BadAnswer):
        await made(impatient, provider)
    assert impatient.attempts_seen() == 1


# Asking how it does


async def test_who_can_be_probed_or_reconciled_says_so(rig: HttpRig) -> None:
    provider = await rig.provider()
    assert isinstance(provider, Probing) is (Call.PROBE in rig.routes)
    assert isinstance(provider, Reconciling) is rig.reconciles


@each((Call.PROBE,))
async def test_a_probe_is_free_and_tells_the_key_is_accepted(rig: HttpRig, call: Call) -> None:
    provider = await rig.provider()
    assert isinstance(provider, Probing)
    status = await provider.probe(deadline=rig.clock.monotonic() + PLENTY)
    assert status.takes_work
    assert rig.submissions_made() == 0


@each((Call.PROBE,))
async def test_a_probe_with_a_wrong_key(rig: HttpRig, call: Call) -> None:
    provider = await rig.provider()
    assert isinstance(provider, Probing)
    rig.will_meet(call, faults.answer(401, {"detail": "no"}), times=ALWAYS)
    with pytest.raises(Unauthorized):
        await provider.probe(deadline=rig.clock.monotonic() + PLENTY)


@each((Call.PROBE,))
@pytest.mark.parametrize(
    "trouble", [faults.bad_gateway(), faults.answer(200, b"<html>"), faults.drip()]
)
async def test_a_probe_of_a_broken_service_ends_in_time(
    rig: HttpRig, call: Call, trouble: faults.Fault
) -> None:
    provider = await rig.provider()
    assert isinstance(provider, Probing)
    rig.will_meet(call, trouble, times=ALWAYS)
    start = rig.clock.monotonic()
    with pytest.raises(ProviderError):
        await provider.probe(deadline=start + A_SECOND)
    assert rig.clock.monotonic() - start < A_SECOND + 1


@those(lambda rig: Call.PROBE in rig.routes)
async def test_a_probe_without_a_connection(rig: HttpRig) -> None:
    rig.will_refuse_connections()
    provider = await rig.provider()
    assert isinstance(provider, Probing)
    with pytest.raises(NotAccepted):
        await provider.probe(deadline=rig.clock.monotonic() + A_SECOND)


# What nobody may read


async def test_neither_key_nor_prompt_is_logged_or_raised(
    impatient: HttpRig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "providers")
    prompt = impatient.request().prompt
    provider = await impatient.provider()
    told: list[ProviderError] = []
    quoting = {"detail": f"bad: {prompt}", "error": f"bad: {prompt}", "message": f"bad: {prompt}"}
    for status in (400, 401, 402, 404, 422, 500):
        impatient.will_meet(Call.SUBMIT, faults.answer(status, quoting))
        with pytest.raises(ProviderError) as refused:
            await made(impatient, provider)
        told.append(refused.value)
    ours = [record for record in caplog.records if record.name.startswith("providers")]
    written = f"{told!r} {[record.getMessage() for record in ours]} {provider!r}"
    for unspeakable in (prompt, *impatient.secrets):
        assert unspeakable not in written
