"""Reading what Replicate answers.

Lenient, as the service is with its own schema (recorded answers lack keys it calls required):
all but an id and a status may be missing, null or of another type. Nothing the service writes
in free text goes into a `detail`: it may quote the prompt.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
from providers.types import Verdict, VerdictStatus
from providers.wire import Answer, UnreadableJson, retry_after_header, seconds

NAME = "replicate"

ENDED = frozenset({"succeeded", "failed", "canceled", "aborted"})
"""An unknown status isn't among them: the service adds some, so we ask on until the deadline."""

REMOTE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")

_REFUSALS: dict[int, type[NotAccepted]] = {
    401: Unauthorized,
    403: Unauthorized,
    402: OutOfCredit,
    404: ServiceGone,
    405: ServiceGone,
    410: ServiceGone,
}
_MOST_LOG = 200_000
_SEED = re.compile(r"Using seed: (\d{1,20})\b")
_RESETS_IN = re.compile(r"resets in ~(\d{1,6})s")
_CENSORED = re.compile(r"(?P<nsfw>nsfw)|flagged as sensitive|\(E005\)", re.IGNORECASE)
_TRANSIENT = re.compile(r"please retry|\bPA\b|\bE(?:8765|9828|6716)\b", re.IGNORECASE)
_CODE = re.compile(r"\bE\d{4}\b|\bcode: [A-Z]{2}\b")
_FIELD = re.compile(r"[a-z_.]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """outputs: addresses or data: URIs; None where the service gives no output at all.

    seconds: from its creation to its end. seed: what the model says it used, else what it was
    told to; one for all of the pictures, which come in one batch.
    """

    id: str
    status: str
    outputs: tuple[str, ...] | None = None
    error: str = ""
    logs: str = ""
    removed: bool = False
    seed: int | None = None
    seconds: float | None = None

    @property
    def ended(self) -> bool:
        return self.status in ENDED


def parse_prediction(value: object) -> Prediction:
    """Raises BadAnswer."""
    if not isinstance(value, dict):
        raise BadAnswer(NAME, f"a prediction that is a {type(value).__name__}")
    remote_id, status = value.get("id"), value.get("status")
    if not isinstance(remote_id, str) or not REMOTE_ID.fullmatch(remote_id):
        raise BadAnswer(NAME, "a prediction without a usable id")
    if not isinstance(status, str):
        raise BadAnswer(NAME, f"a status that is a {type(status).__name__}")
    logs = _text(value.get("logs"))[-_MOST_LOG:]
    return Prediction(
        id=remote_id,
        status=status,
        outputs=_outputs(value.get("output")),
        error=_text(value.get("error")),
        logs=logs,
        removed=value.get("data_removed") is True,
        seed=_seed(logs, value.get("input")),
        seconds=_seconds_between(value.get("created_at"), value.get("completed_at")),
    )


def outputs_of(prediction: Prediction) -> tuple[str, ...]:
    """An ended prediction's outputs, at least one.

    Raises Censored, GenerationFailed, GenerationCanceled, ResultLost.
    """
    if prediction.status == "failed":
        raise _failure(prediction.error)
    if prediction.status != "succeeded":
        raise GenerationCanceled(NAME, prediction.status if prediction.ended else "not over")
    if prediction.removed or prediction.outputs is None:
        raise ResultLost(NAME, "the output was removed")
    if not prediction.outputs:
        # Seen live: safety filters take pictures out of the list, all of them if need be,
        # and the prediction succeeds all the same.
        raise _censored()
    return prediction.outputs


def refusal(answer: Answer) -> ProviderError:
    """What a create call's answer means that isn't 2xx."""
    detail = f"HTTP {answer.status}"
    if (kind := _REFUSALS.get(answer.status)) is not None:
        return kind(NAME, detail)
    if answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
        return RateLimited(NAME, detail, wait_hint(answer))
    if 400 <= answer.status < 500:  # noqa: PLR2004 - the same
        return _bad_request(detail, _problem(answer))
    return _server_error(answer)


def polling_error(answer: Answer) -> ProviderError:
    """What an answer about an accepted prediction means that isn't 2xx, retries done."""
    detail = f"HTTP {answer.status}"
    match answer.status:
        case 401 | 403:
            return Unauthorized(NAME, detail)
        case 404 | 410:
            return ResultLost(NAME, detail)
        case _:
            return Unavailable(NAME, detail)


def asking_error(answer: Answer) -> ProviderError:
    """What an answer to any other question means that isn't 2xx, retries done."""
    detail = f"HTTP {answer.status}"
    if answer.status == 429:  # noqa: PLR2004 - HTTP's own numbers
        return RateLimited(NAME, detail, wait_hint(answer))
    return _REFUSALS.get(answer.status, Unavailable)(NAME, detail)


def parse_secret(value: object) -> str:
    """The account's key for webhooks. Raises BadAnswer."""
    key = value.get("key") if isinstance(value, dict) else None
    if not isinstance(key, str):
        raise BadAnswer(NAME, "no webhook secret")
    return key


def wait_hint(answer: Answer) -> float | None:
    """Seconds to wait: from the body's `retry_after`, the header, or the sentence in `detail`."""
    body = _problem(answer)
    sentence = _RESETS_IN.search(_text(body.get("detail")))
    hints = (
        seconds(body.get("retry_after")),
        retry_after_header(answer),
        float(sentence[1]) if sentence else None,
    )
    return next((hint for hint in hints if hint is not None), None)


def _problem(answer: Answer) -> dict[str, Any]:
    """The problem+json object of an error answer; empty for HTML and all else."""
    try:
        body = answer.json()
    except UnreadableJson:
        return {}
    return body if isinstance(body, dict) else {}


def _server_error(answer: Answer) -> ProviderError:
    """Only the service itself can say that it took nothing; a gateway in between can't know."""
    itself = bool(_problem(answer)) or wait_hint(answer) is not None
    refused = answer.status < 400 or (answer.status == 503 and itself)  # noqa: PLR2004 - HTTP's own numbers
    kind = Unavailable if refused else OutcomeUnknown
    return kind(NAME, f"HTTP {answer.status}")


def _bad_request(detail: str, body: dict[str, Any]) -> ProviderError:
    """A 422 means either input the schema refuses, or a version that isn't there any more."""
    if "invalid version" in _text(body.get("title")).lower():
        return ServiceGone(NAME, f"{detail}: invalid version")
    reported = body.get("invalid_fields")
    entries = reported if isinstance(reported, list) else []
    fields = (entry.get("field") for entry in entries if isinstance(entry, dict))
    names = tuple(name for name in map(_text, fields) if _FIELD.fullmatch(name))
    return InvalidRequest(NAME, ": ".join([detail, *names]), names)


def _failure(error: str) -> ProviderError:
    if (censored := _CENSORED.search(error)) is not None:
        return _censored("nsfw" if censored["nsfw"] else "sensitive")
    codes = ", ".join(_CODE.findall(error)) or "no known code"
    return GenerationFailed(NAME, codes, transient=bool(_TRANSIENT.search(error)))


def _censored(*categories: str) -> Censored:
    return Censored(NAME, Verdict(VerdictStatus.BLOCKED, "image", NAME, categories))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _outputs(value: object) -> tuple[str, ...] | None:
    match value:
        case None:
            return None
        case str():
            return (value,)
        case list() if all(isinstance(output, str) for output in value):
            return tuple(value)
        case _:
            raise BadAnswer(NAME, f"an output that is a {type(value).__name__} of other things")


def _seed(logs: str, asked: object) -> int | None:
    if (found := _SEED.search(logs)) is not None:
        return int(found[1])
    told = asked.get("seed") if isinstance(asked, dict) else None
    return told if isinstance(told, int) and not isinstance(told, bool) else None


def _seconds_between(begin: object, end: object) -> float | None:
    started, ended = moment_of(begin), moment_of(end)
    if started is None or ended is None or ended <= started:
        return None
    return (ended - started).total_seconds()


def moment_of(value: object) -> datetime | None:
    """A timestamp with six to nine fractional digits; None for anything without a zone."""
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
