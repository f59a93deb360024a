"""What Segmind's errors mean.

Nothing the service writes in free text goes into a `detail`: it may quote the prompt.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
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
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.types import Verdict, VerdictStatus
from providers.wire import Answer, UnreadableJson, retry_after_header, seconds

NAME = "segmind"

FAILED = "FAILED"

_REFUSALS: dict[int, type[NotAccepted]] = {
    401: Unauthorized,
    402: OutOfCredit,
    403: Unauthorized,
    404: ServiceGone,
    405: ServiceGone,
    410: ServiceGone,
}
_CENSORED = re.compile(
    r"\b(?:(?P<nsfw>nsfw)|(?<!case[- ])sensitive|moderation|safety)\b", re.IGNORECASE
)
_ABOUT_THE_PROMPT = re.compile(r"\b(?:prompt|input)\b", re.IGNORECASE)
_CONTENT_TYPE = re.compile(r"content[- ]type", re.IGNORECASE)
_MILLISECONDS = 1e11
"""An epoch stamp above this counts milliseconds: as seconds it would be the year 5138."""


def failure(text: str) -> ProviderError:
    """What the text of a failed request means. There is no documented sign of moderation."""
    return _censored(text) or GenerationFailed(NAME, "the service gave up")


def refusal(answer: Answer, now: datetime) -> ProviderError:
    """What the answer to a submission means that holds neither a picture nor a receipt."""
    body = object_of(answer)
    text, status = words_of(body), _stated_status(body) or answer.status
    detail = f"HTTP {status}"
    if (kind := _REFUSALS.get(status)) is not None:
        return kind(NAME, detail)
    if status == 406:  # noqa: PLR2004 - HTTP's own numbers, here and below
        return _not_acceptable(detail, text)
    if status == 429:  # noqa: PLR2004
        return RateLimited(NAME, detail, wait_hint(answer, now))
    if (answer.ok and text) or text_in(body.get("status")).upper() == FAILED:
        return failure(text)
    if answer.ok:
        return BadAnswer(NAME, "neither a picture nor a receipt")
    if 400 <= status < 500:  # noqa: PLR2004
        return _censored(text) or InvalidRequest(NAME, detail)
    return _server_error(detail, status, text)


def polling_error(answer: Answer) -> ProviderError:
    """What an answer about an accepted request means that isn't 2xx, retries done."""
    detail = f"HTTP {answer.status}"
    match answer.status:
        case 401 | 403:
            return Unauthorized(NAME, detail)
        case 404 | 410:  # a request is remembered for about an hour
            return ResultLost(NAME, detail)
        case 422:
            return failure(words_of(object_of(answer)))
        case _:
            return Unavailable(NAME, detail)


def probing_error(answer: Answer, now: datetime) -> ProviderError:
    """What an answer to a free question means that isn't 2xx."""
    detail = f"HTTP {answer.status}"
    if (kind := _REFUSALS.get(answer.status)) is not None:
        return kind(NAME, detail)
    if answer.status == 429:  # noqa: PLR2004 - HTTP's own number
        return RateLimited(NAME, detail, wait_hint(answer, now))
    return Unavailable(NAME, detail)


def wait_hint(answer: Answer, now: datetime) -> float | None:
    """Seconds to wait: until the moment the limit is reset, else as `Retry-After` says."""
    reset = _moment(answer.headers.get("x-rate-limit-reset-at-utc", ""))
    if reset is None:
        return retry_after_header(answer)
    return max((reset - now).total_seconds(), 1.0)  # clocks differ: at once is never meant


def object_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty for HTML and all else."""
    try:
        body = answer.json()
    except UnreadableJson:
        return {}
    return body if isinstance(body, dict) else {}


def words_of(body: dict[str, Any]) -> str:
    """What an error says, for looking into and never for showing."""
    return " ".join(
        filter(None, (text_in(body.get(key)) for key in ("error", "error_description")))
    )


def text_in(value: object) -> str:
    return value if isinstance(value, str) else ""


def _not_acceptable(detail: str, text: str) -> ProviderError:
    """406 has three meanings: a wrong content type, no credit, a team at its spending limit."""
    if _CONTENT_TYPE.search(text):
        return InvalidRequest(NAME, f"{detail}: content type")
    return OutOfCredit(NAME, detail)


def _server_error(detail: str, status: int, text: str) -> ProviderError:
    """Only 200 is billed, and the service's own errors say `error`; a gateway's leave it open."""
    if status == 500 and text:  # noqa: PLR2004 - HTTP's own numbers
        return _censored(text) or GenerationFailed(NAME, detail)
    refused = status < 400 or (status == 503 and text)  # noqa: PLR2004 - the same
    return (Unavailable if refused else OutcomeUnknown)(NAME, detail)


def _censored(text: str) -> Censored | None:
    found = _CENSORED.search(text)
    if found is None:
        return None
    category = "nsfw" if found["nsfw"] else "sensitive"
    about_the_prompt = _ABOUT_THE_PROMPT.search(text) is not None
    return Censored(
        NAME,
        Verdict(
            VerdictStatus.BLOCKED, "prompt" if about_the_prompt else "image", NAME, (category,)
        ),
    )


def _stated_status(body: dict[str, Any]) -> int | None:
    """The authorization in front of the service writes the status into the body."""
    status = body.get("status_code")
    return status if isinstance(status, int) and 400 <= status < 600 else None  # noqa: PLR2004


def _moment(stamp: str) -> datetime | None:
    """An ISO stamp, a date as HTTP writes them, or a count since 1970; without a zone it is UTC."""
    number = seconds(stamp)
    try:
        if number is not None:
            moment = datetime.fromtimestamp(
                number / 1000 if number > _MILLISECONDS else number, UTC
            )
        elif stamp[:1].isdigit():
            moment = datetime.fromisoformat(stamp)
        else:
            moment = parsedate_to_datetime(stamp)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
