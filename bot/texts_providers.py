"""What owners read about the providers, in the chat and from the doctor. Never a service's own text."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.enabled import address_setting, key_setting, wrong_setting
from bot.usecases.probe_providers import PATIENCE, Grade, ProviderReport
from providers.errors import (
    BadAnswer,
    DeadlineExceeded,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)

OWNER_HELP = "\n\n<b>For you as owner</b>, here with me alone\n/providers how every provider does"
NO_CREDIT = "the account has no credit left; top it up at the service"
MODELS_SHOWN = 3
STYLES_SHOWN = 8

_OF_THE_ADDRESS: dict[type[ProviderError], str] = {
    Unavailable: "can't be reached, or says it is out of order",
    ServiceGone: "there is no such service at this address any more",
    DeadlineExceeded: f"no answer within {PATIENCE:g} s; is it down?",
    BadAnswer: "what answers there isn't this service",
}
_MARKS = {Grade.GOOD: "✓", Grade.DOUBTFUL: "!", Grade.BROKEN: "✗"}


@dataclass(frozen=True, slots=True)
class Problem:
    """about: the setting to change, or the provider where none can help."""

    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.about}: {self.text}"


def problems(report: ProviderReport) -> list[Problem]:
    """All there is to say against it, the worst first."""
    found = [] if report.trouble is None else [_problem(report.name, report.trouble)]
    if report.no_credit and not isinstance(report.trouble, OutOfCredit):
        found.append(Problem(report.name, NO_CREDIT))
    if report.status is not None and not report.status.takes_work:
        found.append(Problem(report.name, "answers, but takes no work now; try again later"))
    if report.rests_for > 0:
        rest = f"gets no work for {report.rests_for:.0f} s more, after what it answered before"
        found.append(Problem(report.name, rest))
    if report.unlisted:
        missing = ", ".join(offer.remote_name.partition(":")[0] for offer in report.unlisted)
        found.append(Problem(report.name, f"doesn't list {missing} among its models"))
    return found


def _problem(name: str, error: ProviderError) -> Problem:
    key, address = key_setting(name), address_setting(name)
    match error:
        case Unauthorized():
            return Problem(key, f"{name} doesn't accept it")
        case OutOfCredit():
            return Problem(name, NO_CREDIT)
        case RateLimited():
            return Problem(name, f"wants fewer questions{_when(error.retry_after)}")
        case Unavailable() if address == key:  # no service, and its words are ours
            wrong = wrong_setting(name, error)
            return Problem(wrong.name, wrong.problem)
    if (words := _OF_THE_ADDRESS.get(type(error))) is not None:
        return Problem(address, words)
    return Problem(name, f"can't be asked ({type(error).__name__})")


def _when(seconds: float | None) -> str:
    return "; try again later" if seconds is None else f"; try again in {seconds:.0f} s"


def key_state(report: ProviderReport) -> str:
    """Empty where there is no key."""
    if address_setting(report.name) == key_setting(report.name):
        return ""
    if isinstance(report.trouble, Unauthorized):
        return "refused"
    return "accepted" if report.status is not None else "unknown"


def credit(report: ProviderReport) -> str:
    """Empty where the service didn't say."""
    if report.credit is None:
        return ""
    amount = f"{report.credit.amount:.2f}".removesuffix(".00")
    return f"{amount} {report.credit.unit}"


def answered_in(report: ProviderReport) -> str:
    """Empty where nobody answered over a network."""
    asked = report.status is not None and key_state(report)
    return f"{report.seconds:.2f} s" if asked and report.seconds is not None else ""


def models(report: ProviderReport) -> str:
    return _some([offer.model for offer in report.offers], MODELS_SHOWN)


def styles(report: ProviderReport) -> list[str]:
    """Its own styles, by its own word or, failing that, by the catalog."""
    if report.status is not None and report.status.styles is not None:
        return list(report.status.styles)
    return sorted({style for offer in report.offers for style in offer.native_styles})


def _some(names: Sequence[str], shown: int) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more


def providers(reports: Sequence[ProviderReport]) -> str:
    """The message for the chat."""
    return "\n\n".join(["<b>Providers</b>", *map(_paragraph, reports)])


def _paragraph(report: ProviderReport) -> str:
    key = key_state(report)
    left = credit(report)
    took = answered_in(report)
    facts = (
        f"key {key}" if key else "",
        f"{left} left" if left else "",
        f"answered in {took}" if took else "",
    )
    own_styles = styles(report)
    lines = [
        " · ".join(filter(None, facts)),
        models(report),
        f"own styles: {_some(own_styles, STYLES_SHOWN)}" if own_styles else "",
        *(_below_its_name(problem, report.name) for problem in problems(report)),
    ]
    heading = f"{_MARKS[report.grade]} <b>{escape(report.name)}</b>"
    return "\n".join([heading, *(escape(line, quote=False) for line in lines if line)])


def _below_its_name(problem: Problem, name: str) -> str:
    return problem.text if problem.about == name else str(problem)
