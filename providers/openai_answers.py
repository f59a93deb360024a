"""Reading what OpenAI and servers that speak its language answer.

Errors are `{"error": {"message", "type", "param", "code"}}`, but gateways word the same things in
their own ways: explicit nulls, a status as the code ("400"), the real code somewhere in the
message. So all its words are searched, and never handed on: they may quote the prompt.
"""

import re
from dataclasses import dataclass
from typing import Any

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
from providers.pictures import as_data_uri
from providers.types import Verdict, VerdictStatus
from providers.wire import Answer, UnreadableJson, retry_after_header, seconds

NAME = "openai"

FOR_EVER = float("inf")
"""Seconds until it helps to ask an empty account again."""

_MOST_WORDS = 4000
_CENSORED = re.compile(
    r"content_?policy_?violation|moderation_blocked|content_?filter|content_safety_violation"
    r"|responsible_?ai_?policy|safety system|safety_violations",
    re.IGNORECASE,
)
_OF_THE_IMAGE = re.compile(
    r"moderation_stage\W{1,5}output|(?:generated|output|resulting) image", re.IGNORECASE
)
_VIOLATIONS = re.compile(r"safety_violations=\[([a-z_/, -]{1,200})\]", re.IGNORECASE)
_CATEGORY = re.compile(r"[a-z][a-z_/-]{0,39}")
_NO_CREDIT = re.compile(
    r"insufficient_quota|billing_(?:hard_limit_reached|not_active)|exceeded your current quota"
    r"|budget_exceeded|budget has been exceeded",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(r"model_not_found|invalid model name", re.IGNORECASE)
_NO_KEY = re.compile(r"invalid_api_key|no_db_connection", re.IGNORECASE)
"""The second is LiteLLM's word for a key that isn't the master key, where it has no database."""

_TRY_AGAIN_IN = re.compile(r"try again in (\d{1,6}(?:\.\d{1,6})?) ?(ms|s|seconds)\b", re.IGNORECASE)
_RESPONSE_FORMAT = "response_format"
_PARAM = re.compile(r"[a-z_.\[\]]{1,40}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words of an error answer. `categories`: of moderation, where it names them."""

    status: int
    words: str = ""
    type: str = ""
    param: str | None = None
    categories: tuple[str, ...] = ()
    moderation_stage: str = ""


def outputs_of(value: object) -> tuple[str, ...]:
    """The pictures of a whole answer, as addresses and data: URIs; at least one.

    Raises BadAnswer, and Censored where the pictures were left out of a list that is there:
    that is how services behind gateways, Azure's and xAI's for two, withhold them.
    """
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise BadAnswer(NAME, "an answer without a list of pictures")
    if not all(isinstance(entry, dict) for entry in data):
        raise BadAnswer(NAME, "a picture that is no object")
    found = tuple(output for entry in data if (output := _output(entry)) is not None)
    if not found:
        raise _censored(of_image=True)
    return found


def models_of(value: object) -> tuple[str, ...]:
    """The ids in the models list, of whatever kind they are. Raises BadAnswer."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise BadAnswer(NAME, "a models list of another shape")
    ids = (_text(model.get("id")) for model in data if isinstance(model, dict))
    return tuple(name for name in ids if name)


def refusal(answer: Answer) -> ProviderError:
    """What an answer means that isn't 2xx."""
    told = _refusal(answer)
    detail = f"HTTP {answer.status}"
    if answer.status == 401 or _NO_KEY.search(told.words):  # noqa: PLR2004 - HTTP's own numbers
        return Unauthorized(NAME, detail)
    if _CENSORED.search(told.words):
        return _censored(*told.categories, of_image=_is_of_the_image(told))
    if answer.status == 402 or _NO_CREDIT.search(told.words):  # noqa: PLR2004 - the same
        return OutOfCredit(NAME, detail)
    if answer.status >= 500:  # noqa: PLR2004 - the same
        return _server_error(told, detail)
    return _client_error(answer, told, detail)


def probe_error(answer: Answer) -> ProviderError:
    """The same about a question that costs nothing: no outcome of it can be unknown."""
    unavailable = answer.status >= 500 or answer.status == 408  # noqa: PLR2004 - the same
    return Unavailable(NAME, f"HTTP {answer.status}") if unavailable else refusal(answer)


def refuses_response_format(answer: Answer) -> bool:
    """Whether it takes the rest of the request, and this parameter alone is unknown to it."""
    if answer.status not in (400, 422):
        return False
    told = _refusal(answer)
    return told.param == _RESPONSE_FORMAT or _RESPONSE_FORMAT in told.words


def wait_hint(answer: Answer) -> float | None:
    """Seconds to wait: from the headers, or the sentence in the message."""
    told = _refusal(answer)
    if _NO_CREDIT.search(told.words):
        return FOR_EVER
    milliseconds = seconds(answer.headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    if (asked := retry_after_header(answer)) is not None:
        return asked
    sentence = _TRY_AGAIN_IN.search(told.words)
    if sentence is None:
        return None
    return float(sentence[1]) / (1000 if sentence[2].lower() == "ms" else 1)


def _client_error(answer: Answer, told: Refusal, detail: str) -> ProviderError:
    match answer.status:
        case 403:
            return Unauthorized(NAME, detail)
        case 404 | 405 | 410:
            return ServiceGone(NAME, detail)
        case 408:  # a gateway gave up waiting: what it had asked for may go on behind it
            return OutcomeUnknown(NAME, detail)
        case 429:
            return RateLimited(NAME, detail, wait_hint(answer))
        case status if status < 400:  # noqa: PLR2004 - HTTP's own numbers
            return Unavailable(NAME, detail)
    if told.param == "model" or _NO_MODEL.search(told.words):
        return ServiceGone(NAME, f"{detail}: no such model")
    fields = () if told.param is None else (told.param,)
    return InvalidRequest(NAME, ": ".join([detail, *fields]), fields)


def _server_error(told: Refusal, detail: str) -> ProviderError:
    """A service's own word ends the matter; a gateway's page says nothing of what goes on behind."""
    if not told.words:
        return OutcomeUnknown(NAME, detail)
    match told.status:
        case 503:
            return Unavailable(NAME, detail)
        case 500:
            return GenerationFailed(NAME, detail, transient=told.type == "server_error")
        case _:
            return OutcomeUnknown(NAME, detail)


def _is_of_the_image(told: Refusal) -> bool:
    return told.moderation_stage == "output" or bool(_OF_THE_IMAGE.search(told.words))


def _censored(*categories: str, of_image: bool) -> Censored:
    verdict = Verdict(VerdictStatus.BLOCKED, "image" if of_image else "prompt", NAME, categories)
    return Censored(NAME, verdict)


def _refusal(answer: Answer) -> Refusal:
    try:
        body = answer.json()
    except UnreadableJson:
        return Refusal(answer.status)
    holder = body if isinstance(body, dict) else {}
    inner = holder.get("error")
    error = inner if isinstance(inner, dict) else holder
    moderation = error.get("moderation_details")
    details = moderation if isinstance(moderation, dict) else {}
    words = _words(error, _text(inner))
    param = _text(error.get("param"))
    return Refusal(
        status=answer.status,
        words=words,
        type=_text(error.get("type")),
        param=param if _PARAM.fullmatch(param) else None,
        categories=_categories(details.get("categories"), words),
        moderation_stage=_text(details.get("moderation_stage")),
    )


def _words(error: dict[str, Any], plain: str) -> str:
    inner = error.get("inner_error")
    inner_code = _text(inner.get("code")) if isinstance(inner, dict) else ""
    told = [_text(error.get(key)) for key in ("code", "type", "message", "detail")]
    return " ".join(word for word in (*told, inner_code, plain) if word)[:_MOST_WORDS]


def _categories(listed: object, words: str) -> tuple[str, ...]:
    found = [_text(each) for each in listed] if isinstance(listed, list) else []
    if (sentence := _VIOLATIONS.search(words)) is not None:
        found += re.split(r"[,\s]+", sentence[1].lower())
    return tuple(dict.fromkeys(name for name in found if _CATEGORY.fullmatch(name)))


def _output(entry: dict[str, Any]) -> str | None:
    encoded, url = entry.get("b64_json"), entry.get("url")
    if isinstance(encoded, str):
        return as_data_uri(encoded)
    return url if isinstance(url, str) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
