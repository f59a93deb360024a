"""The one message of a job. It may be a photo's caption, so all of it fits one: at most
CAPTION_LIMIT characters as Telegram counts them.
"""

from collections.abc import Sequence
from html import escape

from bot.i18n import N_, _, ngettext
from bot.telegram.shortening import shorten, utf16_length, visible
from bot.texts import access as texts_access
from bot.texts import moderation as texts_moderation
from bot.texts.failures import ending
from bot.texts.measures import duration, units
from bot.texts.moderation import FREE
from bot.texts.notes import adjusted, lone_of_album, said_by_service
from bot.texts.results import lineage
from bot.usecases.errors import Strike
from bot.usecases.estimate import Standing
from bot.usecases.spec import JobSpec
from storage.records import Job

CAPTION_LIMIT = 1024  # characters, after entities are parsed (Bot API, sendPhoto)
PROMPT_SHOWN = 600  # of them, so that the facts and notes fit too
PROMPT_LEAST = 40  # rather than less, the last notes are left out
STOPPING = N_("Stopping…")
READY_SOON = N_("Here is the answer to your request…")


def queued(spec: JobSpec, standing: Standing | None, cost: int = 1) -> str:
    """Says what it costs, at most, where that is more than people expect."""
    line = f"⏳ {_place(standing)}"
    if cost > 1:
        line += " · " + _("costs {units}").format(units=units(cost))
    return _titled(spec, line, *adjusted(spec.adjustments))


def _place(standing: Standing | None) -> str:
    if standing is None:
        return _("Starting…")
    if standing.position == 1:
        place = _("Queued, next in line")
    else:
        place = _("Queued, position {position}").format(position=standing.position)
    if not standing.seconds:
        return place
    return place + " · " + _("about {time}").format(time=duration(standing.seconds))


def running(spec: JobSpec, fraction: float, width: int = 12) -> str:
    filled = min(width, int(width * fraction))
    line = f"🖌 {'▰' * filled}{'▱' * (width - filled)} {int(100 * fraction)} %"
    return _titled(spec, line, *adjusted(spec.adjustments))


def starting(spec: JobSpec) -> str:
    return _titled(spec, "🖌 " + _("Drawing…"), *adjusted(spec.adjustments))


def stopping(spec: JobSpec) -> str:
    return _titled(spec, _(STOPPING))


def ended(job: Job, spec: JobSpec) -> str:
    """The message of a job that has no picture to show."""
    strike = job.reason_data.get("strike")
    told = [texts_access.strike(Strike(**strike))] if strike else []
    return _titled(spec, ending(job), _(FREE), *told)


def caption(job: Job, spec: JobSpec, *, seeds: Sequence[int], seconds: float) -> str:
    """Of the finished picture."""
    facts = [f"<code>{escape(job.model)}</code>"]
    if spec.wish.style:
        facts.append(escape(spec.wish.style))
    legs = job.reason_data.get("legs", [0])
    facts.append(_shape(spec, legs[0]))
    if seeds:
        facts.append(_("seed <code>{seed}</code>").format(seed=seeds[0]))
    facts.append(duration(seconds))
    if job.pooled:
        facts.append(_("paid by the group"))
    notes = [*lineage(job, spec), *_missing(job, spec), *adjusted(spec.adjustments_by(legs))]
    if spec.inputs.lone_of_album:
        notes.append(lone_of_album())
    notes += map(said_by_service, job.reason_data.get("notes", []))
    return _titled(spec, " · ".join(facts), *notes)


def _shape(spec: JobSpec, leg: int) -> str:
    width, height = spec.size_by(leg)
    if spec.wish.aspect_ratio:
        return "{}:{}".format(*spec.wish.aspect_ratio)
    return "1:1" if width == height else f"{width}x{height}"


def _missing(job: Job, spec: JobSpec) -> list[str]:
    made, asked = job.reason_data.get("made", 0), spec.request.num_images
    if made >= asked:
        return []
    lost = asked - made
    if job.reason_data.get("censored", 0) >= lost:
        words, who = texts_moderation.withheld(job, lost)
    else:
        words, who = _not_made(lost), ""
    return [words.format(lost=lost, asked=asked, made=made, who=who)]


def _not_made(count: int) -> str:
    return ngettext(
        "{lost} of {asked} was not made; you paid for {made}.",
        "{lost} of {asked} were not made; you paid for {made}.",
        count,
    )


def _titled(spec: JobSpec, *lines: str) -> str:
    """The lines under as much of the prompt as there is room for; the last ones go if too many."""
    kept = list(lines)
    while (room := _room_above(kept)) < PROMPT_LEAST and len(kept) > 1:
        kept.pop()
    title = escape(shorten(spec.wish.prompt, min(PROMPT_SHOWN, room)), quote=False)
    return "\n".join([f"<b>{title}</b>", *kept])


def _room_above(lines: Sequence[str]) -> int:
    return CAPTION_LIMIT - utf16_length(visible("\n".join(lines))) - 1
