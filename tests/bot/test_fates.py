"""Every kind of error has its fate; a new one must be thought about here."""

import pytest

from bot.usecases.fates import Fate, fate_of
from providers import errors
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
    GenerationFailed,
    InvalidRequest,
    Misconfigured,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ResultLost,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.types import UNCHECKED

OVER, AGAIN, ELSEWHERE = Fate.OVER, Fate.AGAIN, Fate.ELSEWHERE

FATES: list[tuple[ProviderError, Fate, Fate]] = [
    # the error, where nothing was accepted, where it was
    (Unavailable("p"), AGAIN, OVER),
    (Misconfigured("p", "d", option="o"), ELSEWHERE, OVER),
    (RateLimited("p"), AGAIN, OVER),
    (OutOfCredit("p"), ELSEWHERE, OVER),
    (Unauthorized("p"), ELSEWHERE, OVER),
    (ServiceGone("p"), ELSEWHERE, OVER),
    (InvalidRequest("p"), ELSEWHERE, OVER),
    (OutcomeUnknown("p"), OVER, OVER),
    (Censored("p", UNCHECKED), OVER, OVER),
    (DeadlineExceeded("p"), OVER, OVER),
    (GenerationFailed("p"), ELSEWHERE, ELSEWHERE),
    (GenerationFailed("p", transient=True), AGAIN, AGAIN),
    (GenerationCanceled("p"), ELSEWHERE, ELSEWHERE),
    (ResultLost("p"), ELSEWHERE, ELSEWHERE),
    (BadAnswer("p"), OVER, ELSEWHERE),
]


@pytest.mark.parametrize(
    ("error", "before", "after"), FATES, ids=lambda value: type(value).__name__
)
def test_the_fate_of(error: ProviderError, before: Fate, after: Fate) -> None:
    assert fate_of(error, accepted=False, repeatable=False) is before
    assert fate_of(error, accepted=True, repeatable=False) is after


@pytest.mark.parametrize("error", [OutcomeUnknown("p"), ResultLost("p")])
def test_what_costs_nothing_is_made_again(error: ProviderError) -> None:
    assert fate_of(error, accepted=True, repeatable=True) is AGAIN


def test_no_kind_is_forgotten() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, ProviderError)
    }
    roots = {ProviderError, errors.NotAccepted}
    assert {type(error) for error, _, _ in FATES} == kinds - roots
