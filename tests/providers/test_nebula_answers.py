"""The readers of Nebula Block's answers never surprise, whatever the service sends."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.errors import BadAnswer, ProviderError
from providers.nebula_answers import models_of, pictures_of, probe_error, refusal
from providers.wire import Answer
from tests.providers.test_replicate_answers import json_values, mutated

GOOD: dict[str, Any] = {
    "model": "black-forest-labs/FLUX.1-schnell",
    "object": "list",
    "data": [{"timings": {"inference": 13.366829872131348}, "index": 0, "b64_json": "aGk="}],
    "message": "Image generated successfully",
    "status": "success",
}
FAILED: dict[str, Any] = {"status": "failed", "message": "insufficient", "data": None, "error": {}}


def test_a_good_answer_is_read() -> None:
    assert pictures_of(GOOD) == ("aGk=",)


@pytest.mark.parametrize("value", [None, [], "x", {}, {"data": []}, {"data": [{}]}, {"data": {}}])
def test_an_answer_without_a_picture_is_a_bad_one(value: object) -> None:
    with pytest.raises(BadAnswer):
        pictures_of(value)


@settings(max_examples=300)
@given(mutated(GOOD) | mutated(FAILED) | json_values)
def test_any_answer_is_read_or_refused(value: object) -> None:
    try:
        pictures = pictures_of(value)
    except ProviderError:
        return
    assert pictures and all(isinstance(picture, str) for picture in pictures)


@settings(max_examples=300)
@given(mutated(FAILED) | json_values, st.integers(300, 599), st.text(max_size=9))
def test_any_error_answer_has_a_meaning(value: object, status: int, header: str) -> None:
    answer = Answer(status, {"retry-after": header}, json.dumps(value).encode())
    assert isinstance(refusal(answer), ProviderError)
    assert isinstance(probe_error(answer), ProviderError)


@given(st.binary(max_size=100), st.integers(300, 599))
def test_bytes_that_are_no_json_have_a_meaning_too(body: bytes, status: int) -> None:
    assert isinstance(refusal(Answer(status, {}, body)), ProviderError)


@given(
    json_values
    | st.fixed_dictionaries({"data": json_values})
    | st.fixed_dictionaries({"data": st.fixed_dictionaries({"models": json_values})})
)
def test_any_models_list_is_read_or_refused(value: object) -> None:
    try:
        models = models_of(value)
    except BadAnswer:
        return
    assert all(isinstance(model, str) for model in models)
