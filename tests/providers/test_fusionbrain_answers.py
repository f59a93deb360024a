"""The readers of FusionBrain's answers, on what was recorded of them and on anything else."""

import base64
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
    Censored,
    GenerationCanceled,
    GenerationFailed,
    InvalidRequest,
    ProviderError,
    ServiceGone,
    Unavailable,
)
from providers.fusionbrain_answers import (
    Receipt,
    decode_picture,
    listing_error,
    parse_availability,
    parse_receipt,
    parse_status,
    parse_styles,
    picture_of,
    polling_error,
    refusal,
)
from providers.fusionbrain_pipelines import choose, parse_listing
from providers.sniffing import NotAPicture
from providers.wire import Answer

FOLDER = Path(__file__).parents[1] / "data/fusionbrain"
RESPONSES: dict[str, Any] = json.loads((FOLDER / "responses.json").read_text())
STYLES = json.loads((FOLDER / "styles_key.json").read_text())


def recorded(beginning: str) -> Any:
    """The body whose name begins so."""
    (found,) = [value for key, value in RESPONSES.items() if key.startswith(beginning)]
    return copy.deepcopy(found["json"])


def done(**changes: object) -> dict[str, Any]:
    body: dict[str, Any] = recorded("status done new")
    body["result"] |= changes
    return body


# What was recorded


def test_a_receipt() -> None:
    remote_id = "ffffffff-ffff-4e5e-ab06-ffffffffffff"
    assert parse_receipt(recorded("run ok")) == Receipt(remote_id, 17.0)


@pytest.mark.parametrize(
    "name", ["run blocked", "availability blocked (doc, o", "availability blocked (doc, n"]
)
def test_a_receipt_that_is_none(name: str) -> None:
    with pytest.raises(Unavailable, match="DISABLED_"):
        parse_receipt(recorded(name))


def test_availabilities() -> None:
    assert parse_availability(recorded("availability (observed"))
    assert not parse_availability(recorded("availability blocked (doc, old"))
    assert not parse_availability(recorded("availability blocked (doc, new"))
    assert not parse_availability({"status": "DISABLED_BY_QUEUE"})
    assert parse_availability([]) and parse_availability({})


@pytest.mark.parametrize("name", ["status done old", "status done new"])
def test_the_picture_of_either_surface(name: str) -> None:
    status = parse_status(recorded(name))
    assert (status.ended, status.censored) == (True, False)
    assert picture_of(status) == "<base64 jpeg>"


def test_pending() -> None:
    assert not parse_status(recorded("status pending")).ended


def test_the_recorded_censored_answer() -> None:
    with pytest.raises(Censored) as censored:
        picture_of(parse_status(recorded("status censored new")))
    verdict = censored.value.verdict
    assert (verdict.status, verdict.stage, verdict.source) == ("blocked", "image", "fusionbrain")


def test_a_failure() -> None:
    with pytest.raises(GenerationFailed) as failed:
        picture_of(parse_status(recorded("status fail")))
    assert not failed.value.transient


def test_the_lists() -> None:
    (pipeline,) = parse_listing(recorded("pipelines"))
    assert (pipeline.label, pipeline.active) == ("Kandinsky 3.1", True)
    (model,) = parse_listing(recorded("old_models"))
    assert (model.id, model.label) == ("4", "Kandinsky 3.1")


def test_the_styles() -> None:
    assert parse_styles(STYLES) == ("KANDINSKY", "UHD", "ANIME", "DEFAULT")
    assert parse_styles({}) == parse_styles([5, {}, {"name": "<b>"}, {"name": None}]) == ()


def test_a_form_without_a_pipeline_tells_of_the_other_surface() -> None:
    entry = next(value for key, value in RESPONSES.items() if key.startswith("run 400"))
    answer = Answer(400, {}, json.dumps(entry["json"]).encode())
    error = refusal(answer)
    assert type(error) is ServiceGone and "pipeline_id" in error.detail


def test_another_missing_parameter_is_named() -> None:
    body = json.dumps({"message": "Required parameter 'params' is not present."}).encode()
    error = refusal(Answer(400, {}, body))
    assert isinstance(error, InvalidRequest) and error.fields == ("params",)


# Censored, in every form


@pytest.mark.parametrize(
    "flag",
    [True, "true", "True", " TRUE ", [True], [False, True], ["false", "true"], 1, "yes", {"x": 1}],
)
@pytest.mark.parametrize("status", ["DONE", "FAIL", "SOMETHING_NEW"])
def test_censored_is_seen_first(flag: object, status: str) -> None:
    for body in (
        done(censored=flag) | {"status": status},
        {"status": status, "censored": flag, "images": ["x"]},
        done(censored=False) | {"status": status, "censored": flag},
    ):
        with pytest.raises(Censored):
            picture_of(parse_status(body))


@pytest.mark.parametrize("flag", [False, "false", "False", "FALSE ", [False], [], ["false"], 0, ""])
def test_not_censored(flag: object) -> None:
    status = parse_status(done(censored=flag))
    assert status.censored is False
    assert picture_of(status)


def test_nothing_said_of_censorship() -> None:
    assert parse_status(done(censored=None)).censored is None


def test_a_censored_submission_that_runs_still_is_waited_for() -> None:
    assert not parse_status({"status": "PROCESSING", "censored": "true"}).ended


# The other ends


@pytest.mark.parametrize("key", ["errorDescription", "statusDescription"])
@pytest.mark.parametrize(
    ("text", "kind", "transient"),
    [
        ("Censored by the content policy", Censored, None),
        ("Запрос не прошёл цензуру: цензура", Censored, None),
        ("NSFW", Censored, None),
        ("Timeout, try again later", GenerationFailed, True),
        ("queue is full", GenerationFailed, True),
        ("broken: a secret fox", GenerationFailed, False),
        ("", GenerationFailed, False),
        (None, GenerationFailed, False),
    ],
)
def test_why_it_failed(key: str, text: str, kind: type[ProviderError], transient: bool) -> None:
    status = parse_status({"status": "FAIL", key: text})
    assert status.ended
    with pytest.raises(kind) as error:
        picture_of(status)
    assert getattr(error.value, "transient", None) is transient
    assert "secret" not in f"{error.value} {status!r}"


def test_canceled_over_there() -> None:
    status = parse_status({"status": "CANCEL"})
    assert status.ended
    with pytest.raises(GenerationCanceled):
        picture_of(status)


@pytest.mark.parametrize(
    "result", [None, {}, {"files": []}, {"files": None}, {"files": [None, 5]}, "x"]
)
def test_done_without_a_picture(result: object) -> None:
    status = parse_status({"status": "DONE", "result": result})
    assert status.ended
    with pytest.raises(BadAnswer):
        picture_of(status)


def test_a_picture_is_the_end_whatever_the_word() -> None:
    assert parse_status(done() | {"status": "COMPLETED"}).ended


def test_a_word_in_small_letters_will_do() -> None:
    assert parse_status({"status": " done "}).ended


# Pictures


@pytest.mark.parametrize(
    "prefix", ["", "data:image/jpeg;base64,", "data:image/png,", "DATA:;base64,"]
)
@pytest.mark.parametrize("line", [76, 10_000])
def test_base64_with_a_prefix_or_without(prefix: str, line: int) -> None:
    data = bytes(range(256)) * 3
    text = base64.b64encode(data).decode()
    lines = "\r\n".join(text[at : at + line] for at in range(0, len(text), line))
    assert decode_picture(prefix + lines) == data


@pytest.mark.parametrize("text", ["<base64 jpeg>", "abc", "https://a/b.jpg", "ü", "data:image/png"])
def test_what_is_no_base64(text: str) -> None:
    with contextlib.suppress(NotAPicture):
        assert decode_picture(text) == b""


# Anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=8,
)
texts = st.sampled_from(
    ["", "DONE", "FAIL", "CANCEL", "done", "DISABLED_BY_QUEUE", "ACTIVE", "true", "FALSE", "3.2", "9" * 5000,
     "1e999", "nan", "Required parameter 'pipeline_id' is not present.", "TEXT2IMAGE", "data:,", "é"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, good: Any) -> object:
    value = copy.deepcopy(good)
    entry = value[0] if isinstance(value, list) else value
    for _ in range(draw(st.integers(1, 5))):
        inner = draw(st.sampled_from([entry, entry.get("result")]))
        inner = inner if isinstance(inner, dict) and inner else entry
        key = draw(st.sampled_from([*sorted(inner), "censored", "model_status"]))
        if draw(st.booleans()):
            inner.pop(key, None)
        else:
            inner[key] = draw(json_values | texts | st.lists(texts, max_size=3))
    return value


@settings(max_examples=400)
@given(
    st.sampled_from(["status done new", "status done old", "status fail"])
    .map(recorded)
    .flatmap(mutated)
    | json_values
)
def test_any_status_is_read_or_refused(value: object) -> None:
    try:
        status = parse_status(value)
    except BadAnswer:
        return
    assert isinstance(status.ended, bool)
    with contextlib.suppress(ProviderError):
        picture = picture_of(status)
        assert picture and not status.censored
        with contextlib.suppress(NotAPicture):
            decode_picture(picture)


@settings(max_examples=400)
@given(st.sampled_from(["run ok", "run blocked"]).map(recorded).flatmap(mutated) | json_values)
def test_any_receipt_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(ProviderError):
        receipt = parse_receipt(value)
        assert receipt.remote_id
        assert receipt.first_poll is None or 0 <= receipt.first_poll < float("inf")
    parse_availability(value)


@settings(max_examples=400)
@given(st.sampled_from(["pipelines", "old_models"]).map(recorded).flatmap(mutated) | json_values)
def test_any_list_is_read_or_refused(value: object) -> None:
    with contextlib.suppress(ProviderError):
        chosen = choose(parse_listing(value))
        assert chosen.active and chosen.version[:1] in ((), (3,))


@given(mutated(STYLES) | json_values)
def test_any_list_of_styles_is_read(value: object) -> None:
    assert all(0 < len(name) <= 40 for name in parse_styles(value))


@settings(max_examples=300)
@given(mutated(recorded("run 400")) | json_values, st.integers(300, 599), st.text(max_size=9))
def test_any_error_answer_has_a_meaning(value: object, status: int, header: str) -> None:
    for body in (json.dumps(value).encode(), header.encode()):
        answer = Answer(status, {"retry-after": header}, body)
        for error in (refusal(answer), listing_error(answer), polling_error(answer)):
            assert isinstance(error, ProviderError)
