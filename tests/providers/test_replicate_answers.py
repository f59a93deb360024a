"""The readers of Replicate's answers never surprise, whatever the service sends."""

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.errors import (
    BadAnswer,
    InvalidRequest,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
)
from providers.replicate_answers import (
    ENDED,
    asking_error,
    outputs_of,
    parse_prediction,
    polling_error,
    refusal,
    wait_hint,
)
from providers.wire import Answer

DATA = Path(__file__).parent.parent / "data/replicate"
RECORDED = json.loads((DATA / "recorded.json").read_text("utf-8"))
ERRORS = json.loads((DATA / "errors.json").read_text("utf-8"))

GOOD: dict[str, Any] = {
    "id": "hdwst0bb05rgp0cf0p29mzk2am",
    "version": "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b",
    "input": {"prompt": "a fox", "width": 512},
    "logs": "Using seed: 4697\n 20%|██  | 5/25 [00:00<00:00, 40.13it/s]\n",
    "output": ["https://replicate.delivery/pbxt/a/out-0.png"],
    "data_removed": False,
    "error": None,
    "status": "succeeded",
    "created_at": "2023-11-27T13:35:45.99397566Z",
    "completed_at": "2023-11-27T13:35:55.993975Z",
    "metrics": {"predict_time": 3.804328},
    "urls": {"get": "https://api.replicate.com/v1/predictions/x"},
}
PROBLEM: dict[str, Any] = {
    "title": "Input validation failed",
    "detail": "Your rate limit resets in ~5s.",
    "status": 429,
    "retry_after": 5,
    "invalid_fields": [{"type": "required", "field": "input", "description": "is required"}],
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)
texts = st.sampled_from(
    ["", "nsfw", "(E005)", "please retry", "starting", *sorted(ENDED), "Using seed: 99999999999999999999",
     "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "2023-11-27", "100%|█| 0/0", "resets in ~999999s"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, good: dict[str, Any]) -> object:
    value = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 5))):
        key = draw(st.sampled_from(sorted(good)))
        if draw(st.booleans()):
            value.pop(key, None)
        else:
            value[key] = draw(json_values | texts | st.lists(texts, max_size=3))
    return value


def test_a_good_answer_is_read_in_full() -> None:
    prediction = parse_prediction(GOOD)
    assert prediction.id == GOOD["id"]
    assert prediction.seed == 4697
    assert prediction.seconds == pytest.approx(10.0, abs=0.001)
    assert outputs_of(prediction) == tuple(GOOD["output"])


@pytest.mark.parametrize("name", RECORDED)
def test_what_the_service_really_answered_is_read(name: str) -> None:
    body = RECORDED[name]["json"]
    prediction = parse_prediction(body)
    assert (prediction.id, prediction.status) == (body["id"], body["status"])
    assert prediction.seed == body["input"].get("seed")
    if prediction.status == "succeeded":
        assert outputs_of(prediction) == tuple(body["output"])
        assert prediction.seconds is not None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("401", Unauthorized),
        ("402", OutOfCredit),
        ("404", ServiceGone),
        ("422 bad version", ServiceGone),
        ("422 bad input", InvalidRequest),
        ("429 documented", RateLimited),
        ("429 observed", RateLimited),
    ],
)
def test_what_the_service_really_refused_with_is_understood(name: str, kind: type) -> None:
    (seen,) = [body for title, body in ERRORS.items() if title.startswith(name)]
    error = refusal(Answer(seen["status"], {}, json.dumps(seen["json"]).encode()))
    assert type(error) is kind
    if isinstance(error, RateLimited):
        assert error.retry_after in {5, 30}
    if isinstance(error, InvalidRequest):
        assert error.fields == ("input",)
    assert not any(word in error.detail for word in ("http", "credit", "prompt"))


def test_every_recorded_refusal_is_looked_at() -> None:
    assert len(ERRORS) == 7


@pytest.mark.parametrize(
    ("logs", "asked", "seed"),
    [
        ("Using seed: 7", {"seed": 5}, 7),
        ("", {"seed": 5}, 5),
        (None, {"seed": True}, None),
        ("", {"seed": "5"}, None),
        ("", {}, None),
        ("", None, None),
    ],
)
def test_the_seed_is_the_one_logged_else_the_one_asked_for(logs, asked, seed) -> None:
    assert parse_prediction(GOOD | {"logs": logs, "input": asked}).seed == seed


@settings(max_examples=400)
@given(mutated(GOOD) | json_values)
def test_any_prediction_is_read_or_refused(value: object) -> None:
    try:
        prediction = parse_prediction(value)
    except BadAnswer:
        return
    assert prediction.seconds is None or prediction.seconds > 0
    if not prediction.ended:
        return
    with contextlib.suppress(ProviderError):
        assert outputs_of(prediction)


@settings(max_examples=400)
@given(mutated(PROBLEM) | json_values, st.integers(300, 599), st.text(max_size=9))
def test_any_error_answer_has_a_meaning(value: object, status: int, header: str) -> None:
    answer = Answer(status, {"retry-after": header}, json.dumps(value).encode())
    for error in (refusal(answer), polling_error(answer), asking_error(answer)):
        assert isinstance(error, ProviderError)
    hint = wait_hint(answer)
    assert hint is None or 0 <= hint < float("inf")


@given(st.binary(max_size=100), st.integers(300, 599))
def test_bytes_that_are_no_json_have_a_meaning_too(body: bytes, status: int) -> None:
    assert isinstance(refusal(Answer(status, {}, body)), ProviderError)
    assert isinstance(polling_error(Answer(status, {}, body)), ProviderError)
