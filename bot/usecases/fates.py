"""What a submission's failure allows: another try here, one elsewhere, or none. Pure.

| nothing was accepted | |
|---|---|
| no connection, throttled | again, after a while |
| no credit, key refused, retired, parameters refused, wrongly configured | elsewhere |
| **it was accepted** | |
| failed, and the service says to try again | again |
| failed for good, canceled there, lost or unreadable | elsewhere: the service may keep its money, the user pays for one picture |
| the service can't be asked any more | no more: it may still be at work |
| **nobody knows** | no more |
| **censored**, out of time | no more |

What is repeatable costs nothing and leaves nothing behind (the local pipeline): it is made again.
"""

from enum import Enum, auto

from providers.errors import (
    BadAnswer,
    GenerationCanceled,
    GenerationFailed,
    Misconfigured,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    ResultLost,
    Unavailable,
)


class Fate(Enum):
    OVER = auto()
    AGAIN = auto()
    ELSEWHERE = auto()


def fate_of(error: ProviderError, *, accepted: bool, repeatable: bool) -> Fate:
    """accepted: the service had it, for all that is on record."""
    match error:
        case OutcomeUnknown() | ResultLost() if repeatable:
            return Fate.AGAIN
        case NotAccepted() if accepted:
            return Fate.OVER
        case Misconfigured():
            return Fate.ELSEWHERE
        case Unavailable() | RateLimited() | GenerationFailed(transient=True):
            return Fate.AGAIN
        case NotAccepted() | GenerationFailed() | GenerationCanceled() | ResultLost():
            return Fate.ELSEWHERE
        case BadAnswer() if accepted:
            return Fate.ELSEWHERE
        case _:
            return Fate.OVER
