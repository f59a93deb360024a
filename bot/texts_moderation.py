"""What a user reads about moderation: what was censored, by whom, that it cost nothing, what to do.

Telegram HTML, as in `bot/texts.py`. Never a service's own text: who it was and why are looked up
here, and what isn't here isn't shown.
"""

from collections.abc import Sequence
from html import escape

from bot.usecases.errors import PromptBlocked
from providers.moderation.base import SERVICE, WORD_LIST
from storage.records import Job

CENSORS = {
    WORD_LIST: "this bot's own rules",
    SERVICE: "this bot's moderation service",
    "local": "this bot's own picture check",
    "fusionbrain": "FusionBrain",
    "segmind": "Segmind",
    "replicate": "Replicate",
    "nebula": "Nebula Block",
    "openai": "the OpenAI-compatible service",
}
"""The names people know, by a verdict's source."""

_SEXUAL, _VIOLENT = "sexual content", "violence"
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
    "harassment": "harassment",
    "hate": "hate",
    "self-harm": "self-harm",
    "illicit": "something illegal",
}
"""In words, by a verdict's category; one with a slash goes by what stands before it."""

PROMPT = "🚫 {who} censored this <b>description</b>{why}, so nothing was drawn."
PICTURE = "🚫 {who} censored the <b>picture</b>{why}, so I can't show it."
UNCHECKED_PICTURE = (
    "🚫 The picture could not be checked, and this bot shows only checked pictures. Please tell "
    "the owner of this bot."
)
UNCHECKED_PROMPT = (
    "🚫 The service that checks descriptions for this bot is out of order, so nothing was drawn. "
    "It cost you nothing. Try again in a few minutes."
)
OTHER_WORDS = "Try other words."
OTHER_PICTURE = "Try other words or another seed."
MISTAKE = "If this is a mistake, tell the owner of this bot."
FREE = "It cost you nothing."


def prompt_blocked(error: PromptBlocked) -> str:
    """Before there is a job."""
    what = PROMPT.format(who=_sentence(error.source), why=_why(error.categories))
    return f"{what} {FREE} {OTHER_WORDS} {MISTAKE}"


def censored(job: Job) -> str:
    """Of a job that ended so; that it cost nothing stands below."""
    data = job.reason_data
    who, why = _sentence(data.get("source")), _why(data.get("categories", ()))
    match job.reason:
        case "censored_prompt":
            return f"{PROMPT.format(who=who, why=why)} {OTHER_WORDS}"
        case "unchecked_blocked":
            return UNCHECKED_PICTURE
        case _:
            return f"{PICTURE.format(who=who, why=why)} {OTHER_PICTURE}"


def withheld(job: Job) -> str:
    """Of some of a job's pictures, while others are shown: what they were."""
    source = job.reason_data.get("censored_by")
    return f"censored by {censor(source)}" if source else "not checked"


def censor(source: object) -> str:
    """Who it was, inside a sentence."""
    name = str(source or "")
    return CENSORS.get(name) or (f"the service ({escape(name)})" if name else "the service")


def _sentence(source: object) -> str:
    name = censor(source)
    return name[0].upper() + name[1:]


def _why(categories: Sequence[str]) -> str:
    words = (CATEGORIES.get(name) or CATEGORIES.get(name.split("/")[0]) for name in categories)
    known = [word for word in dict.fromkeys(words) if word]
    return f" for {' and '.join(known)}" if known else ""
