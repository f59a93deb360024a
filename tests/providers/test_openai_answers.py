"""The readers of OpenAI-compatible answers never surprise, whatever a server sends."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.errors import (
    BadAnswer,
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
from providers.openai_answers import (
    FOR_EVER,
    models_of,
    outputs_of,
    probe_error,
    refusal,
    refuses_response_format,
    wait_hint,
)
from providers.wire import Answer
from tests.providers.test_replicate_answers import json_values, mutated

GOOD: dict[str, Any] = {
    "created": 1767268800,
    "background": None,
    "data": [{"b64_json": "aGk=", "revised_prompt": "x"}, {"url": "https://a.example/1.png"}],
    "usage": {"input_tokens": 1},
}
ERROR: dict[str, Any] = {
    "message": "Please try again in 5s.",
    "type": "invalid_request_error",
    "param": "size",
    "code": "invalid_value",
    "moderation_details": {"moderation_stage": "output", "categories": ["sexual"]},
    "inner_error": {"code": "x"},
}
LITELLM = "\n\nLiteLLM: model group 'dall-e-2' failed with the error above."


def answered(status: int, error: object, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, json.dumps({"error": error}).encode())


def test_a_good_answer_is_read_in_its_order() -> None:
    assert outputs_of(GOOD) == ("data:;base64,aGk=", "https://a.example/1.png")


@pytest.mark.parametrize(
    "value", [None, [], "x", {}, {"data": None}, {"data": {}}, {"data": ["x"]}, {"data": [None]}]
)
def test_an_answer_of_another_shape_is_a_bad_one(value: object) -> None:
    with pytest.raises(BadAnswer):
        outputs_of(value)


@pytest.mark.parametrize("data", [[], [{}], [{"b64_json": None, "url": None}]])
def test_pictures_left_out_of_the_list_were_censored(data: object) -> None:
    with pytest.raises(Censored) as censored:
        outputs_of({"created": 1, "data": data})
    assert censored.value.verdict.stage == "image"


def test_of_several_pictures_those_that_are_there_are_taken() -> None:
    assert outputs_of({"data": [{"url": None}, {"b64_json": "aGk="}]}) == ("data:;base64,aGk=",)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"code": "invalid_value", "param": "size"}, InvalidRequest),
        (400, {"code": "invalid_value", "param": "model"}, ServiceGone),
        (400, {"message": f"Invalid model name passed in model=x{LITELLM}"}, ServiceGone),
        (400, {"code": "billing_hard_limit_reached"}, OutOfCredit),
        (400, {"type": "budget_exceeded"}, OutOfCredit),
        (400, {"type": "no_db_connection", "message": "No connected db."}, Unauthorized),
        (400, "a plain text", InvalidRequest),
        (401, {"code": "invalid_api_key"}, Unauthorized),
        (401, {"message": "the safety system"}, Unauthorized),
        (402, {}, OutOfCredit),
        (403, {"message": "Your organization must be verified"}, Unauthorized),
        (404, {"code": "model_not_found"}, ServiceGone),
        (405, None, ServiceGone),
        (408, {"message": f"litellm.Timeout{LITELLM}"}, OutcomeUnknown),
        (410, None, ServiceGone),
        (413, None, InvalidRequest),
        (422, {"message": "x"}, InvalidRequest),
        (429, {"code": "insufficient_quota"}, OutOfCredit),
        (429, {"message": f"You exceeded your current quota{LITELLM}"}, OutOfCredit),
        (429, {"code": "rate_limit_exceeded"}, RateLimited),
        (429, None, RateLimited),
        (500, {"type": "server_error", "message": "Sorry"}, GenerationFailed),
        (500, {"code": 500, "message": "could not load model", "type": ""}, GenerationFailed),
        (500, None, OutcomeUnknown),
        (502, {"message": "bad gateway"}, OutcomeUnknown),
        (503, {"message": "overloaded"}, Unavailable),
        (503, None, OutcomeUnknown),
        (504, {"message": "timeout"}, OutcomeUnknown),
        (302, None, Unavailable),
    ],
)
def test_each_refusal_has_its_meaning(status: int, error: object, kind: type) -> None:
    assert type(refusal(answered(status, error))) is kind


@pytest.mark.parametrize(
    ("error", "stage", "categories"),
    [
        ({"code": "content_policy_violation"}, "prompt", ()),
        ({"code": "moderation_blocked"}, "prompt", ()),
        (
            {
                "code": "moderation_blocked",
                "moderation_details": {"moderation_stage": "input", "categories": ["violence"]},
            },
            "prompt",
            ("violence",),
        ),
        (
            {
                "code": "moderation_blocked",
                "moderation_details": {"moderation_stage": "output", "categories": ["sexual", 5]},
            },
            "image",
            ("sexual",),
        ),
        (
            {"code": "moderation_blocked", "message": "no. safety_violations=[sexual, violence]."},
            "prompt",
            ("sexual", "violence"),
        ),
        ({"code": "contentFilter", "message": "The generated image was filtered"}, "image", ()),
        ({"code": "400", "inner_error": {"code": "ResponsibleAIPolicyViolation"}}, "prompt", ()),
        ({"code": "400", "message": f"ContentPolicyViolationError: x{LITELLM}"}, "prompt", ()),
        ({"code": "400", "message": f"rejected by the safety system.{LITELLM}"}, "prompt", ()),
    ],
)
def test_censorship_is_told_at_its_stage(error: object, stage: str, categories: tuple) -> None:
    censored = refusal(answered(400, error))
    assert isinstance(censored, Censored)
    assert (censored.verdict.stage, censored.verdict.source) == (stage, "openai")
    assert censored.verdict.categories == categories


def test_the_refused_parameter_is_named() -> None:
    refused = refusal(answered(400, {"param": "size", "message": "a secret fox"}))
    assert isinstance(refused, InvalidRequest)
    assert refused.fields == ("size",)
    assert "secret" not in str(refused)


def test_a_parameter_that_is_none_is_not_named() -> None:
    refused = refusal(answered(400, {"param": "a secret fox"}))
    assert isinstance(refused, InvalidRequest)
    assert refused.fields == () and "secret" not in str(refused)


@pytest.mark.parametrize(
    ("type_", "transient"), [("server_error", True), ("image_generation_error", False)]
)
def test_only_the_services_own_trouble_may_pass(type_: str, transient: bool) -> None:
    failed = refusal(answered(500, {"type": type_, "message": "x"}))
    assert isinstance(failed, GenerationFailed) and failed.transient is transient


@pytest.mark.parametrize(
    ("error", "headers", "wait"),
    [
        ({}, {}, None),
        ({}, {"retry_after": "45"}, 45),
        ({}, {"retry_after_ms": "1500", "retry_after": "2"}, 1.5),
        ({}, {"retry_after": "soon"}, None),
        ({"message": "Rate limit reached. Please try again in 12s."}, {}, 12),
        ({"message": "Please try again in 20ms."}, {}, 0.02),
        ({"message": "Try again in 45 seconds. All in cooldown"}, {}, 45),
        ({"code": "insufficient_quota"}, {"retry_after": "1"}, FOR_EVER),
    ],
)
def test_how_long_to_wait(error: object, headers: dict, wait: float | None) -> None:
    assert wait_hint(answered(429, error, **headers)) == wait


@pytest.mark.parametrize(
    ("status", "error", "refuses"),
    [
        (400, {"code": "unknown_parameter", "param": "response_format"}, True),
        (400, {"message": "Setting `response_format` is not supported by openai"}, True),
        (422, {"message": "response_format: extra fields not permitted"}, True),
        (400, {"param": "size"}, False),
        (500, {"param": "response_format"}, False),
        (200, {"param": "response_format"}, False),
    ],
)
def test_a_parameter_it_does_not_know(status: int, error: object, refuses: bool) -> None:
    assert refuses_response_format(answered(status, error)) is refuses


@settings(max_examples=300)
@given(mutated(GOOD) | json_values | st.fixed_dictionaries({"data": json_values}))
def test_any_answer_is_read_or_refused(value: object) -> None:
    try:
        outputs = outputs_of(value)
    except ProviderError:
        return
    assert outputs and all(isinstance(output, str) for output in outputs)


@settings(max_examples=400)
@given(
    mutated(ERROR) | json_values,
    st.integers(300, 599),
    st.text(max_size=9),
    st.booleans(),
)
def test_any_error_answer_has_a_meaning(
    value: object, status: int, header: str, is_inner: bool
) -> None:
    body = json.dumps({"error": value} if is_inner else value).encode()
    answer = Answer(status, {"retry-after": header, "retry-after-ms": header}, body)
    assert isinstance(refusal(answer), ProviderError)
    assert not isinstance(probe_error(answer), OutcomeUnknown | GenerationFailed)
    assert refuses_response_format(answer) in (True, False)
    hint = wait_hint(answer)
    assert hint is None or hint >= 0


@given(st.binary(max_size=100), st.integers(300, 599))
def test_bytes_that_are_no_json_have_a_meaning_too(body: bytes, status: int) -> None:
    assert isinstance(refusal(Answer(status, {}, body)), ProviderError)


@given(json_values | st.fixed_dictionaries({"data": json_values}))
def test_any_models_list_is_read_or_refused(value: object) -> None:
    try:
        models = models_of(value)
    except BadAnswer:
        return
    assert all(isinstance(model, str) and model for model in models)
