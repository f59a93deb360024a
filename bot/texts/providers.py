"""What owners read about the providers, in the chat and (in English) from the doctor. Never a
service's own text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bot.enabled import address_setting, key_setting, wrong_setting
from bot.i18n import N_, _
from bot.texts.measures import and_more
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

OWNER_HELP = N_("<b>For you as owner</b>, here with me alone\n/providers how every provider does")
NO_CREDIT = N_("the account has no credit left; top it up at the service")
NOBODY_DRAWS = N_(
    "No provider draws at the moment. Requests wait for one up to two minutes, then they fail in"
    " words and free of charge; it goes on by itself. /providers shows what is wrong."
)
MODELS_SHOWN = 3
STYLES_SHOWN = 8

_OF_THE_ADDRESS: dict[type[ProviderError], str] = {
    Unavailable: N_("can't be reached, or says it is out of order"),
    ServiceGone: N_("there is no such service at this address any more"),
    DeadlineExceeded: N_("no answer within {seconds:g} s; is it down?"),
    BadAnswer: N_("what answers there isn't this service"),
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
        found.append(Problem(report.name, _(NO_CREDIT)))
    if report.status is not None and not report.status.takes_work:
        found.append(Problem(report.name, _("answers, but takes no work now; try again later")))
    if report.rests_for > 0:
        rest = _("gets no work for {seconds:.0f} s more, after what it answered before")
        found.append(Problem(report.name, rest.format(seconds=report.rests_for)))
    if report.unlisted:
        missing = ", ".join(offer.remote_name.partition(":")[0] for offer in report.unlisted)
        words = _("doesn't list {models} among its models").format(models=missing)
        found.append(Problem(report.name, words))
    return found


def _problem(name: str, error: ProviderError) -> Problem:
    key, address = key_setting(name), address_setting(name)
    match error:
        case Unauthorized():
            return Problem(key, _("{provider} doesn't accept it").format(provider=name))
        case OutOfCredit():
            return Problem(name, _(NO_CREDIT))
        case RateLimited():
            return Problem(name, _wants_fewer_questions(error.retry_after))
        case Unavailable() if address == key:  # no service, and its words are ours
            wrong = wrong_setting(name, error)
            return Problem(wrong.name, wrong.problem)
    if (words := _OF_THE_ADDRESS.get(type(error))) is not None:
        return Problem(address, _(words).format(seconds=PATIENCE))
    return Problem(name, _("can't be asked ({error})").format(error=type(error).__name__))


def _wants_fewer_questions(seconds: float | None) -> str:
    if seconds is None:
        return _("wants fewer questions; try again later")
    return _("wants fewer questions; try again in {seconds:.0f} s").format(seconds=seconds)


def key_state(report: ProviderReport) -> str:
    """Empty where there is no key."""
    if address_setting(report.name) == key_setting(report.name):
        return ""
    if isinstance(report.trouble, Unauthorized):
        return _("refused")
    return _("accepted") if report.status is not None else _("unknown")


def credit(report: ProviderReport) -> str:
    """Empty where the service didn't say."""
    if report.credit is None:
        return ""
    amount = f"{report.credit.amount:.2f}".removesuffix(".00")
    return f"{amount} {report.credit.unit}"


def answered_in(report: ProviderReport) -> str:
    """Empty where nobody answered over a network."""
    asked = report.status is not None and key_state(report)
    if not asked or report.seconds is None:
        return ""
    return _("{seconds:.2f} s").format(seconds=report.seconds)


def models(report: ProviderReport) -> str:
    return _some([offer.model for offer in report.offers], MODELS_SHOWN)


def styles(report: ProviderReport) -> list[str]:
    """Its own styles, by its own word or, failing that, by the catalog."""
    if report.status is not None and report.status.styles is not None:
        return list(report.status.styles)
    return sorted({style for offer in report.offers for style in offer.native_styles})


def _some(names: Sequence[str], shown: int) -> str:
    first, more = ", ".join(names[:shown]), len(names) - shown
    return and_more(first, more) if more > 0 else first


def providers(reports: Sequence[ProviderReport]) -> str:
    """The message for the chat."""
    return "\n\n".join([_("<b>Providers</b>"), *map(_paragraph, reports)])


def _paragraph(report: ProviderReport) -> str:
    key = key_state(report)
    left = credit(report)
    took = answered_in(report)
    facts = (
        _("key {state}").format(state=key) if key else "",
        _("{credit} left").format(credit=left) if left else "",
        _("answered in {time}").format(time=took) if took else "",
    )
    own_styles = styles(report)
    lines = [
        " · ".join(filter(None, facts)),
        models(report),
        _("own styles: {styles}").format(styles=_some(own_styles, STYLES_SHOWN))
        if own_styles
        else "",
        *(_below_its_name(problem, report.name) for problem in problems(report)),
    ]
    heading = f"{_MARKS[report.grade]} <b>{escape(report.name)}</b>"
    return "\n".join([heading, *(escape(line, quote=False) for line in lines if line)])


def _below_its_name(problem: Problem, name: str) -> str:
    return problem.text if problem.about == name else str(problem)
