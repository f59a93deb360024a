"""The readers of Segmind's answers never surprise, whatever the service sends."""

import base64
import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.errors import BadAnswer, ProviderError
from providers.segmind_answers import Report, outputs_of, parse_credit, parse_report
from providers.segmind_refusals import polling_error, probing_error, refusal, wait_hint
from providers.status import Credit
from providers.wire import Answer
from tests.fakes.clock import START

RECEIPT: dict[str, Any] = {
    "request_id": "2c7f59ea-13f1-402c-9353-915a2b5a2124",
    "status": "QUEUED",
    "poll_url": "https://api.segmind.com/v1/requests/2c7f59ea-13f1-402c-9353-915a2b5a2124",
    "status_url": "https://api.segmind.com/v2/requests/2c7f59ea-13f1-402c-9353-915a2b5a2124/status",
    "response_url": "https://api.segmind.com/v2/requests/2c7f59ea-13f1-402c-9353-915a2b5a2124",
}
RESULT: dict[str, Any] = {
    "status": "COMPLETED",
    "error": None,
    "metrics": {"inference_time": 2.0, "cost": 0.05, "remaining_credits": 1.0},
    "output": "https://images.segmind.com/generations/a.jpeg",
}
FAILURE: dict[str, Any] = {
    "status": "FAILED",
    "error": "Prompt is Mandatory and must be string",
    "error_description": "x",
    "status_code": 401,
    "metrics": {"inference_time": 0.007, "queue_time": 0.23, "total_time": 0.24},
}
PICTURE = b"\x89PNG\r\n\x1a\n and the rest"
TEXT = base64.b64encode(PICTURE).decode()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)
texts = st.sampled_from(
    ["", "nsfw", "QUEUED", "COMPLETED", "FAILED", "completed", "https://", "data:,", "data:x;base64,A",
     TEXT, "-1", "1e400", "Infinity", "content type", "../x"]
)  # fmt: skip
stamps = st.text(max_size=30) | st.sampled_from(
    ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "1e300", "-1e300", "nan", "20260101",
     "Thu, 01 Jan 2026 12:00:45", "Thu, 99 Jan 2026 99:99:99 GMT", "2026-01-01T12:00:45Z"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> object:
    good = draw(st.sampled_from([RECEIPT, RESULT, FAILURE]))
    value = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 5))):
        key = draw(st.sampled_from(["output", "image", "seed", *good]))
        if draw(st.booleans()):
            value.pop(key, None)
        else:
            value[key] = draw(json_values | texts | st.lists(texts, max_size=3))
    return value


def answer(value: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, named, json.dumps(value).encode())


def test_a_receipt_is_read_in_full() -> None:
    assert parse_report(answer(RECEIPT)) == Report(id=RECEIPT["request_id"], status="QUEUED")


def test_a_result_is_read_in_full() -> None:
    report = parse_report(answer(RESULT, x_seed_value="77"))
    assert report == Report(
        status="COMPLETED",
        outputs=(RESULT["output"],),
        seed=77,
        seconds=2.0,
        credit=Credit(1.0, "credits"),
    )
    assert report.ended
    assert outputs_of(report) == (RESULT["output"],)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PICTURE, "image/png"),
        (PICTURE, "application/json"),
        (PICTURE, ""),
        (TEXT.encode(), "text/plain"),
        (TEXT.encode() + b"\r\n", "application/json"),
        (TEXT.encode(), "image/jpeg"),
        (json.dumps(TEXT).encode(), "image/jpeg"),
        (json.dumps({"image": TEXT}).encode(), ""),
        (json.dumps({"data": [{"b64_json": TEXT}]}).encode(), "text/html"),
        (json.dumps([f"data:image/png;base64,{TEXT}"]).encode(), "application/json"),
    ],
)
def test_bytes_decide_what_an_answer_is(body: bytes, kind: str) -> None:
    assert parse_report(Answer(200, {"content-type": kind}, body)).outputs == (PICTURE,)


@settings(max_examples=400)
@given(mutated() | json_values, st.text(max_size=9), st.text(max_size=9))
def test_any_answer_is_read_or_refused(value: object, seed: str, left: str) -> None:
    given_answer = answer(value, x_seed_value=seed, x_remaining_credits=left)
    try:
        report = parse_report(given_answer)
    except BadAnswer:
        return
    assert report.seconds is None or report.seconds > 0
    assert report.seed is None or report.seed >= 0
    if not report.ended:
        return
    with contextlib.suppress(ProviderError):
        assert outputs_of(report)


@settings(max_examples=400)
@given(mutated() | json_values, st.integers(200, 599), stamps)
def test_any_refusal_has_a_meaning(value: object, status: int, reset: str) -> None:
    given_answer = answer(value, status, x_rate_limit_reset_at_utc=reset)
    for error in (
        refusal(given_answer, START),
        polling_error(given_answer),
        probing_error(given_answer, START),
    ):
        assert isinstance(error, ProviderError)
    hint = wait_hint(given_answer, START)
    assert hint is None or 1 <= hint < float("inf")


@given(st.binary(max_size=100), st.integers(200, 599), st.sampled_from(["", "image/png"]))
def test_bytes_that_are_no_json_have_a_meaning_too(body: bytes, status: int, kind: str) -> None:
    given_answer = Answer(status, {"content-type": kind}, body)
    for error in (refusal(given_answer, START), polling_error(given_answer)):
        assert isinstance(error, ProviderError)
    with contextlib.suppress(BadAnswer):
        parse_report(given_answer)
    with contextlib.suppress(BadAnswer):
        parse_credit(given_answer)


def test_a_long_run_of_blanks_is_read_in_no_time() -> None:
    with pytest.raises(BadAnswer):
        parse_report(Answer(200, {}, b"A" + b" " * 2_000_000 + b"\r\n" * 1_000_000 + b"{"))
