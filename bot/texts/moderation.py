"""What a user reads about moderation: what was censored, by whom, that it cost nothing, what to do.

Telegram HTML. Never a service's own text: who it was and why are looked up
here, and what isn't here isn't shown.
"""

from collections.abc import Sequence
from html import escape

from bot.i18n import N_, _, ngettext
from bot.texts import access as texts_access
from bot.texts.measures import listed
from bot.usecases.errors import PromptBlocked
from providers.moderation.base import SERVICE, WORD_LIST
from storage.records import Job

CENSORS = {
    WORD_LIST: N_("this bot's own rules"),
    SERVICE: N_("this bot's moderation service"),
    "local": N_("this bot's own picture check"),
    "fusionbrain": "FusionBrain",
    "segmind": "Segmind",
    "replicate": "Replicate",
    "nebula": "Nebula Block",
    "openai": N_("the OpenAI-compatible service"),
}
"""The names people know, by a verdict's source."""

_SEXUAL, _VIOLENT = N_("sexual content"), N_("violence")
CATEGORIES = {
    "sexual": _SEXUAL,
    "minors": _SEXUAL,  # no more than this: in a group others read it too
    "sexually_explicit": _SEXUAL,
    "nudity": _SEXUAL,
    "nsfw": _SEXUAL,
    "porn": _SEXUAL,
    "hentai": _SEXUAL,
    "gore": _VIOLENT,
    "violence": _VIOLENT,
    "harassment": N_("harassment"),
    "hate": N_("hate"),
    "self-harm": N_("self-harm"),
    "illicit": N_("something illegal"),
}
"""In words, by a verdict's category; one with a slash goes by what stands before it."""

PROMPT = N_("🚫 {who} censored this <b>description</b>{why}, so nothing was drawn.")
PICTURE = N_("🚫 {who} censored the <b>picture</b>{why}, so I can't show it.")
UNCHECKED_PICTURE = N_(
    "🚫 The picture could not be checked, and this bot shows only checked pictures. Please tell "
    "the owner of this bot."
)
UNCHECKED_PROMPT = N_(
    "🚫 The service that checks descriptions for this bot is out of order, so nothing was drawn. "
    "It cost you nothing. Try again in a few minutes."
)
OTHER_WORDS = N_("Try other words.")
OTHER_PICTURE = N_("Try other words or another seed.")
MISTAKE = N_("If this is a mistake, tell the owner of this bot.")
FREE = N_("It cost you nothing.")


def prompt_blocked(error: PromptBlocked) -> str:
    """Before there is a job."""
    what = _censored(PROMPT, error.source, error.categories)
    strike = f" {texts_access.strike(error.strike)}" if error.strike else ""
    return f"{what} {_(FREE)} {_(OTHER_WORDS)} {_(MISTAKE)}{strike}"


def censored(job: Job) -> str:
    """Of a job that ended so; that it cost nothing stands below."""
    source, categories = job.reason_data.get("source"), job.reason_data.get("categories", ())
    match job.reason:
        case "censored_prompt":
            return f"{_censored(PROMPT, source, categories)} {_(OTHER_WORDS)}"
        case "unchecked_blocked":
            return _(UNCHECKED_PICTURE)
        case _other:
            return f"{_censored(PICTURE, source, categories)} {_(OTHER_PICTURE)}"


def withheld(job: Job, count: int) -> tuple[str, str]:
    """Of `count` of a job's pictures, while others are shown: what they were, and {who} in it."""
    source = job.reason_data.get("censored_by")
    if not source:
        return ngettext(
            "{lost} of {asked} was not checked; you paid for {made}.",
            "{lost} of {asked} were not checked; you paid for {made}.",
            count,
        ), ""
    return ngettext(
        "{lost} of {asked} was censored by {who}; you paid for {made}.",
        "{lost} of {asked} were censored by {who}; you paid for {made}.",
        count,
    ), censor(source)


def _censored(words: str, source: object, categories: Sequence[str]) -> str:
    name = censor(source)
    return _(words).format(who=name[0].upper() + name[1:], why=_why(categories))


def censor(source: object) -> str:
    """Who it was, inside a sentence."""
    name = str(source or "")
    if name in CENSORS:
        return _(CENSORS[name])
    return _("the service ({name})").format(name=escape(name)) if name else _("the service")


def _why(categories: Sequence[str]) -> str:
    words = (CATEGORIES.get(name) or CATEGORIES.get(name.split("/")[0]) for name in categories)
    known = [_(word) for word in dict.fromkeys(words) if word]
    return _(" for {what}").format(what=listed(known)) if known else ""
