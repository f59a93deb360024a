"""Reading what Segmind answers.

A picture comes as its bytes, as base64 in JSON of several shapes, or as an address; which of them
isn't what was asked for, and a content type may be wrong, so the bytes decide.
"""

import base64
import math
import re
from dataclasses import dataclass, replace
from typing import Any

from providers.errors import BadAnswer, ResultLost
from providers.pictures import decode_data_uri, is_data_uri
from providers.segmind_refusals import FAILED, NAME, failure, object_of, text_in, words_of
from providers.sniffing import NotAPicture
from providers.status import Credit
from providers.wire import Answer, UnreadableJson

COMPLETED = "COMPLETED"

REMOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

Output = bytes | str
"""A picture's bytes, or the address where it lies."""

_OUTPUT_KEYS = ("output", "images", "image", "data", "b64_json", "base64", "url")
_DEEPEST = 4
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/\r\n]{16,}={0,2}")


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


def parse_credit(answer: Answer) -> Credit | None:
    """The answer of `get-user-credits`. Raises BadAnswer."""
    body = object_of(answer)
    if "credits" not in body:
        raise BadAnswer(NAME, "no credits in the answer")
    return _credit(body["credits"])


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
    remote_id, metrics = text_in(body.get("request_id")), body.get("metrics")
    figures = metrics if isinstance(metrics, dict) else {}
    return Report(
        id=remote_id if REMOTE_ID.fullmatch(remote_id) else "",
        status=text_in(body.get("status")).upper(),
        outputs=_outputs(body),
        error=words_of(body),
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
