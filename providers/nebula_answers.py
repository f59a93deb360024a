"""Reading what Nebula Block answers.

Its documents name no error codes: a failure is `status: "failed"` with a free `message`, at
times with HTTP 200. So messages are searched for words, and never handed on: they may quote
the prompt.
"""

import re
from typing import Any

from providers.errors import (
    BadAnswer,
    Censored,
    GenerationFailed,
    InvalidRequest,
    NotAccepted,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.types import Verdict, VerdictStatus
from providers.wire import Answer, UnreadableJson, retry_after_header

NAME = "nebula"

_FAILED = frozenset({"failed", "fail", "failure", "error"})
_OLDER_FIELDS = ("image_b64", "image_file")
"""Where the picture was before spring 2025."""

_BY_STATUS: dict[int, type[ProviderError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    402: OutOfCredit,
    403: Unauthorized,
    404: ServiceGone,
    405: ServiceGone,
    408: OutcomeUnknown,
    410: ServiceGone,
}
_CENSORED = re.compile(r"nsfw|content.?policy|moderation|safety|sensitive content", re.IGNORECASE)
_OF_THE_IMAGE = re.compile(r"nsfw|generated|output", re.IGNORECASE)
_MEANINGS: tuple[tuple[re.Pattern[str], type[NotAccepted]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"insufficient|not enough (?:credit|balance)|out of credit", OutOfCredit),
        (r"rate.?limit|too many requests|throttl", RateLimited),
        (
            r"unauthori[sz]ed|authenticat|(?:invalid|expired|missing) (?:api.?key|token)",
            Unauthorized,
        ),
        (r"model\b.{0,80}\b(?:not found|unavailable|not exist|not supported|retired)", ServiceGone),
        (r"overloaded|capacity|temporarily|maintenance|try again later", Unavailable),
        (r"\binvalid\b|\brequired\b|validation|must be|divisible", InvalidRequest),
    )
)


def pictures_of(value: object) -> tuple[str, ...]:
    """The pictures of a whole answer, in base64; at least one.

    Raises BadAnswer, or what the service says went wrong.
    """
    if not isinstance(value, dict):
        raise BadAnswer(NAME, f"an answer that is a {type(value).__name__}")
    if _text(value.get("status")).lower() in _FAILED:
        raise failure(value)
    found = _current(value.get("data")) or _older(value) or _older(value.get("data"))
    if not found:
        raise BadAnswer(NAME, "an answer without a picture")
    return found


def models_of(value: object) -> tuple[str, ...]:
    """The names of the image models in the models list. Raises BadAnswer."""
    data = value.get("data") if isinstance(value, dict) else None
    models = data.get("models") if isinstance(data, dict) else None
    if not isinstance(models, list):
        raise BadAnswer(NAME, "a models list of another shape")
    return tuple(
        _text(model.get("model_name"))
        for model in models
        if isinstance(model, dict)
        and _text(model.get("model_type")).lower() == "image"
        and _text(model.get("model_name"))
    )


def refusal(answer: Answer) -> ProviderError:
    """What an answer means that isn't 2xx."""
    detail = f"HTTP {answer.status}"
    body = _body(answer)
    if answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
        return RateLimited(NAME, detail, retry_after_header(answer))
    if (kind := _BY_STATUS.get(answer.status)) is InvalidRequest or kind is None:
        return _by_message(answer, detail, body)
    return kind(NAME, detail)


def probe_error(answer: Answer) -> ProviderError:
    """The same about a question that costs nothing: no outcome of it can be unknown."""
    meant = refusal(answer)
    return meant if isinstance(meant, NotAccepted) else Unavailable(NAME, f"HTTP {answer.status}")


def failure(body: dict[str, Any], detail: str = "status failed") -> ProviderError:
    """What an envelope that says `failed` means; one that says no more is final."""
    message = _message(body)
    if _CENSORED.search(message):
        return _censored(message)
    for pattern, kind in _MEANINGS:
        if pattern.search(message):
            return kind(NAME, detail)
    return GenerationFailed(NAME, detail)


def _by_message(answer: Answer, detail: str, body: dict[str, Any]) -> ProviderError:
    if answer.status < 400:  # noqa: PLR2004 - the same
        return Unavailable(NAME, detail)
    if 400 <= answer.status < 500:  # noqa: PLR2004 - the same
        meant = failure(body, detail)
        return InvalidRequest(NAME, detail) if isinstance(meant, GenerationFailed) else meant
    if _text(body.get("status")).lower() in _FAILED:
        return failure(body, detail)
    # Only the service itself can say that it took nothing; a gateway in between can't know.
    is_refused = answer.status == 503 and body  # noqa: PLR2004 - the same
    return Unavailable(NAME, detail) if is_refused else OutcomeUnknown(NAME, detail)


def _censored(message: str) -> Censored:
    of_image = _OF_THE_IMAGE.search(message) is not None
    return Censored(NAME, Verdict(VerdictStatus.BLOCKED, "image" if of_image else "prompt", NAME))


def _current(data: object) -> tuple[str, ...]:
    entries = data if isinstance(data, list) else []
    found = (_text(entry.get("b64_json")) for entry in entries if isinstance(entry, dict))
    return tuple(picture for picture in found if picture)


def _older(holder: object) -> tuple[str, ...]:
    if not isinstance(holder, dict):
        return ()
    return tuple(picture for name in _OLDER_FIELDS if (picture := _text(holder.get(name))))


def _message(body: dict[str, Any]) -> str:
    """All it says in words, wherever it puts them."""
    error = body.get("error")
    holders = (body, error if isinstance(error, dict) else {})
    words = (_text(holder.get(key)) for holder in holders for key in ("message", "detail", "code"))
    return " ".join((*words, _text(error)))[:2000]


def _body(answer: Answer) -> dict[str, Any]:
    try:
        body = answer.json()
    except UnreadableJson:
        return {}
    return body if isinstance(body, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
