"""Reading what Segmind answers.

A picture comes as its bytes, as base64 in JSON of several shapes, or as an address; which of them
isn't what was asked for, and a content type may be wrong, so the bytes decide. Nothing the service
writes in free text goes into a `detail`: it may quote the prompt.
"""

import base64
import math
import re
from dataclasses import dataclass, replace
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
from providers.pictures import decode_data_uri, is_data_uri
from providers.sniffing import NotAPicture
from providers.status import Credit
from providers.types import Verdict, VerdictStatus
from providers.wire import Answer, UnreadableJson, retry_after_header

NAME = "segmind"

COMPLETED, FAILED = "COMPLETED", "FAILED"

REMOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

Output = bytes | str
"""A picture's bytes, or the address where it lies."""

_REFUSALS: dict[int, type[NotAccepted]] = {
    401: Unauthorized,
    402: OutOfCredit,
    403: Unauthorized,
    404: ServiceGone,
    405: ServiceGone,
    410: ServiceGone,
}
_OUTPUT_KEYS = ("output", "images", "image", "data", "b64_json", "base64", "url")
_DEEPEST = 4
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{16,}={0,2}")
_CENSORED = re.compile(
    r"\b(?:(?P<nsfw>nsfw)|(?<!case[- ])sensitive|moderation|safety)\b", re.IGNORECASE
)
_ABOUT_THE_PROMPT = re.compile(r"\b(?:prompt|input)\b", re.IGNORECASE)
_CONTENT_TYPE = re.compile(r"content[- ]type", re.IGNORECASE)
_MILLISECONDS = 1e11
"""An epoch stamp above this counts milliseconds: as seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a 2xx answer says of a request; empty where it doesn't say.

    seconds: from its submission to its end, as the service counts them.
    """

    id: str = ""
    status: str = ""
    outputs: tuple[Output, ...] = ()
    error: str = ""
    seed: int | None = None
    seconds: float | None = None
    credit: Credit | None = None

    @property
    def ended(self) -> bool:
        """A status nobody has documented isn't an end, so we ask on until the deadline."""
        return self.status in (COMPLETED, FAILED) or (not self.status and bool(self.outputs))


def parse_report(answer: Answer) -> Report:
    """Raises BadAnswer."""
    report = _read_body(answer)
    seed = _whole(answer.headers.get("x-seed-value"))
    return replace(
        report,
        seed=report.seed if seed is None else seed,
        credit=_credit(answer.headers.get("x-remaining-credits")) or report.credit,
    )


def outputs_of(report: Report) -> tuple[Output, ...]:
    """An ended request's pictures, at least one. Raises Censored, GenerationFailed, ResultLost."""
    if report.status == FAILED:
        raise failure(report.error)
    if not report.outputs:
        raise ResultLost(NAME, "completed without an output")
    return report.outputs


def failure(text: str) -> ProviderError:
    """What the text of a failed request means. There is no documented sign of moderation."""
    return _censored(text) or GenerationFailed(NAME, "the service gave up")


def refusal(answer: Answer, now: datetime) -> ProviderError:
    """What the answer to a submission means that holds neither a picture nor a receipt."""
    body = _object(answer)
    text, status = _text_of(body), _stated_status(body) or answer.status
    detail = f"HTTP {status}"
    if (kind := _REFUSALS.get(status)) is not None:
        return kind(NAME, detail)
    if status == 406:  # noqa: PLR2004 - HTTP's own numbers, here and below
        return _not_acceptable(detail, text)
    if status == 429:  # noqa: PLR2004
        return RateLimited(NAME, detail, wait_hint(answer, now))
    if (answer.ok and text) or _text(body.get("status")).upper() == FAILED:
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
            return failure(_text_of(_object(answer)))
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


def parse_credit(answer: Answer) -> Credit | None:
    """The answer of `get-user-credits`. Raises BadAnswer."""
    body = _object(answer)
    if "credits" not in body:
        raise BadAnswer(NAME, "no credits in the answer")
    return _credit(body["credits"])


def wait_hint(answer: Answer, now: datetime) -> float | None:
    """Seconds to wait: until the moment the limit is reset, else as `Retry-After` says."""
    reset = _moment(answer.headers.get("x-rate-limit-reset-at-utc", ""))
    if reset is None:
        return retry_after_header(answer)
    return max((reset - now).total_seconds(), 1.0)  # clocks differ: at once is never meant


def _read_body(answer: Answer) -> Report:
    if _looks_like_a_picture(answer.body):
        return Report(outputs=(answer.body,))
    if _BASE64.fullmatch(answer.body.strip()):
        return Report(outputs=(_unbase64(answer.body),))
    try:
        value = answer.json()
    except UnreadableJson as error:
        raise BadAnswer(NAME, str(error)) from error
    return _from_object(value) if isinstance(value, dict) else Report(outputs=_outputs(value))


def _from_object(body: dict[str, Any]) -> Report:
    remote_id, metrics = _text(body.get("request_id")), body.get("metrics")
    figures = metrics if isinstance(metrics, dict) else {}
    return Report(
        id=remote_id if REMOTE_ID.fullmatch(remote_id) else "",
        status=_text(body.get("status")).upper(),
        outputs=_outputs(body),
        error=_text_of(body),
        seed=_whole(body.get("seed")),
        seconds=_seconds(figures),
        credit=_credit(figures.get("remaining_credits")),
    )


def _outputs(value: object, depth: int = 0) -> tuple[Output, ...]:
    if depth > _DEEPEST:
        raise BadAnswer(NAME, "an output in too many brackets")
    match value:
        case None | "":
            return ()
        case str():
            return (value if _ADDRESS.match(value) else _unbase64(value),)
        case list():
            return tuple(output for each in value for output in _outputs(each, depth + 1))
        case dict():
            found = (value[key] for key in _OUTPUT_KEYS if value.get(key))
            return _outputs(next(found, None), depth + 1)
        case _:
            raise BadAnswer(NAME, f"an output that is a {type(value).__name__}")


def _unbase64(text: str | bytes) -> bytes:
    """No bytes where it is damaged: the other pictures of the same answer may be whole."""
    try:
        if isinstance(text, str) and is_data_uri(text):
            return decode_data_uri(text)
        return base64.b64decode(text if isinstance(text, bytes) else text.encode())
    except (ValueError, NotAPicture):
        return b""


def _looks_like_a_picture(data: bytes) -> bool:
    if data[:4] == b"RIFF":
        return data[8:12] == b"WEBP"
    return data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


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


def _object(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty for HTML and all else."""
    try:
        body = answer.json()
    except UnreadableJson:
        return {}
    return body if isinstance(body, dict) else {}


def _text_of(body: dict[str, Any]) -> str:
    """What an error says, for looking into and never for showing."""
    return " ".join(filter(None, (_text(body.get(key)) for key in ("error", "error_description"))))


def _stated_status(body: dict[str, Any]) -> int | None:
    """The authorization in front of the service writes the status into the body."""
    status = body.get("status_code")
    return status if isinstance(status, int) and 400 <= status < 600 else None  # noqa: PLR2004


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _whole(value: object) -> int | None:
    """A seed; -1 stands for none."""
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 2**63 else None


def _credit(value: object) -> Credit | None:
    number = _number(value)
    return None if number is None else Credit(number, "credits")


def _seconds(metrics: dict[str, Any]) -> float | None:
    drawing = _number(metrics.get("inference_time"))
    if drawing is None or drawing <= 0:
        return None
    return drawing + max(_number(metrics.get("queue_time")) or 0.0, 0.0)


def _moment(stamp: str) -> datetime | None:
    """An ISO stamp, a date as HTTP writes them, or a count since 1970; without a zone it is UTC."""
    number = _number(stamp)
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
