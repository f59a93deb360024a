"""Reading what FusionBrain answers, on either surface.

Lenient: a key may be missing, null or of another type wherever we can go on without it. The
service's free text only helps to tell one kind of failure from another; it never goes into a
`detail`, as it may quote the prompt.
"""

import base64
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from providers.errors import (
    BadAnswer,
    Censored,
    GenerationCanceled,
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
from providers.pictures import is_data_uri
from providers.sniffing import NotAPicture
from providers.types import Verdict, VerdictStatus
from providers.wire import Answer, UnreadableJson, retry_after_header, seconds

NAME = "fusionbrain"

REMOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

ABSENT = frozenset({404, 405, 410})
"""Statuses by which a path says that it isn't there (any more)."""

_ENDED = frozenset({"DONE", "FAIL", "CANCEL"})
"""An unknown status isn't among them: we ask on until the deadline."""

_AVAILABILITY = ("status", "pipeline_status", "model_status")
"""Keys under which one and the same thing has been seen."""

_BLOCKED = "DISABLED"
_REFUSALS: dict[int, type[NotAccepted]] = {
    401: Unauthorized,
    403: Unauthorized,
    402: OutOfCredit,
    **dict.fromkeys(ABSENT, ServiceGone),
}
_NO = frozenset({"", "false", "0", "no", "none", "null"})
_MODERATION = re.compile(r"censor|moderat|nsfw|content policy|цензур|модерац", re.IGNORECASE)
_TRANSIENT = re.compile(r"time[d ]*out|overload|try (?:again|later)|queue|позже", re.IGNORECASE)
_MISSING = re.compile(r"parameter '([A-Za-z_]{1,40})' is not present")
_ID_FIELDS = frozenset({"pipeline_id", "model_id"})
_STATUS_WORD = re.compile(r"[A-Z_]{1,40}")
_STYLE = re.compile(r"\w[\w .-]{0,39}")
_MOST_STYLES = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """first_poll: seconds the service wants us to wait before the first question."""

    remote_id: str
    first_poll: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a submission is.

    word: the service's own, in capitals. files: base64, with a `data:` prefix or without.
    censored: None where it doesn't say. failure: the service's free text.
    """

    word: str
    files: tuple[str, ...] = field(default=(), repr=False)
    censored: bool | None = None
    failure: str = field(default="", repr=False)

    @property
    def ended(self) -> bool:
        """After such an answer the service has forgotten the submission. A picture is the end
        whatever the word beside it.
        """
        return self.word in _ENDED or bool(self.files)


def parse_receipt(value: object) -> Receipt:
    """The answer to a submission.

    Raises Unavailable where it says, with a 201 at that, that nothing is taken now; Censored;
    BadAnswer.
    """
    if not isinstance(value, dict):
        raise BadAnswer(NAME, f"a receipt that is a {type(value).__name__}")
    remote_id = value.get("uuid")
    if isinstance(remote_id, str) and REMOTE_ID.fullmatch(remote_id):
        return Receipt(remote_id, seconds(value.get("status_time")))
    if (word := blocked(value)) is not None:
        raise Unavailable(NAME, word)
    if _yes(value.get("censored")):
        raise censored("prompt")
    raise BadAnswer(NAME, "a receipt without a usable id")


def parse_status(value: object) -> Status:
    """Raises BadAnswer, but only for what can't have been the last answer."""
    if not isinstance(value, dict):
        raise BadAnswer(NAME, f"a status answer that is a {type(value).__name__}")
    word = value.get("status")
    if not isinstance(word, str):
        raise BadAnswer(NAME, f"a status that is a {type(word).__name__}")
    nested = value.get("result")
    result: dict[str, Any] = nested if isinstance(nested, dict) else {}
    return Status(
        word=_word(word),
        files=_texts(result.get("files")) or _texts(value.get("images")),
        censored=_any_yes(result.get("censored"), value.get("censored")),
        failure=" ".join(map(_text, map(value.get, ("errorDescription", "statusDescription")))),
    )


def picture_of(status: Status) -> str:
    """An ended submission's picture, as base64.

    Raises Censored (the file that comes along is a placeholder), GenerationFailed,
    GenerationCanceled, BadAnswer.
    """
    if status.censored:
        raise censored("image")
    if status.word == "FAIL":
        raise _failure(status.failure)
    if status.word == "CANCEL":
        raise GenerationCanceled(NAME, status.word)
    if not status.files:
        raise BadAnswer(NAME, "done, but without a picture")
    return status.files[0]


def decode_picture(text: str) -> bytes:
    """Blocks. Raises NotAPicture."""
    encoded = text.partition(",")[2] if is_data_uri(text) else text
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError as error:
        raise NotAPicture("damaged base64") from error


def blocked(value: dict[str, Any]) -> str | None:
    """The word by which it says that it takes nothing now, None where it doesn't."""
    words = (_word(_text(value.get(key))) for key in _AVAILABILITY)
    return next((word for word in words if word.startswith(_BLOCKED)), None)


def parse_availability(value: object) -> bool:
    """Whether work is taken. A shape nobody has seen is no reason to say it isn't."""
    return not isinstance(value, dict) or blocked(value) is None


def parse_styles(value: object) -> tuple[str, ...]:
    """The names of the styles, in the service's spelling; empty where there are none to read."""
    entries = value[:_MOST_STYLES] if isinstance(value, list) else []
    names = (entry.get("name") for entry in entries if isinstance(entry, dict))
    return tuple(dict.fromkeys(name for name in map(_text, names) if _STYLE.fullmatch(name)))


def refusal(answer: Answer) -> ProviderError:
    """What an answer to a submission means that isn't 2xx."""
    detail = f"HTTP {answer.status}"
    if (kind := _REFUSALS.get(answer.status)) is not None:
        return kind(NAME, detail)
    if answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
        return RateLimited(NAME, detail, retry_after_header(answer))
    if 400 <= answer.status < 500:  # noqa: PLR2004 - the same
        return _bad_request(detail, _message(answer))
    # "Server error when executing the request": it, or what stands behind a gateway, may have begun.
    return (Unavailable if answer.status < 400 else OutcomeUnknown)(NAME, detail)  # noqa: PLR2004 - the same


def listing_error(answer: Answer) -> ProviderError:
    """What an answer means that isn't 2xx, where nothing was handed in and the path is there."""
    detail = f"HTTP {answer.status}"
    if (kind := _REFUSALS.get(answer.status)) is not None:
        return kind(NAME, detail)
    if answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
        return RateLimited(NAME, detail, retry_after_header(answer))
    return Unavailable(NAME, detail)


def polling_error(answer: Answer) -> ProviderError:
    """What an answer about an accepted submission means that isn't 2xx, retries done.

    404: its last answer was given before, or nobody asked for it in time (some five minutes).
    """
    detail = f"HTTP {answer.status}"
    match answer.status:
        case 401 | 403:
            return Unauthorized(NAME, detail)
        case 404 | 410:
            return ResultLost(NAME, detail)
        case _:
            return Unavailable(NAME, detail)


def censored(stage: Literal["prompt", "image"]) -> Censored:
    return Censored(NAME, Verdict(VerdictStatus.BLOCKED, stage, NAME))


def _bad_request(detail: str, message: str) -> ProviderError:
    if _MODERATION.search(message):
        return censored("prompt")
    fields = tuple(_MISSING.findall(message))
    if _ID_FIELDS & set(fields):  # seen at the old surface, of hosts that had moved on
        return ServiceGone(NAME, f"{detail}: wants a {fields[0]}, this surface is no more")
    return InvalidRequest(NAME, ": ".join([detail, *fields]), fields)


def _message(answer: Answer) -> str:
    """The text of Spring's error body; empty for HTML and all else."""
    try:
        body = answer.json()
    except UnreadableJson:
        return ""
    return _text(body.get("message")) if isinstance(body, dict) else ""


def _failure(text: str) -> ProviderError:
    if _MODERATION.search(text):
        return censored("prompt")
    return GenerationFailed(NAME, "FAIL", transient=bool(_TRANSIENT.search(text)))


def _any_yes(*flags: object) -> bool | None:
    """None where all are missing."""
    said = [flag for flag in flags if flag is not None]
    return any(map(_yes, said)) if said else None


def _yes(flag: object) -> bool:
    """Seen: a bool, its name as a string, a list of bools. What isn't plainly a no is a yes."""
    entries = flag if isinstance(flag, list) else [flag]
    words = (entry.strip().lower() if isinstance(entry, str) else entry for entry in entries)
    return any(word not in _NO if isinstance(word, str) else bool(word) for word in words)


def _word(text: str) -> str:
    """A status word, in capitals; empty for what is none, so that it may be told."""
    word = text.strip().upper()
    return word if _STATUS_WORD.fullmatch(word) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    return tuple(entry for entry in entries if isinstance(entry, str) and entry)
