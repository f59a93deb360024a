"""Every word a user reads. Plain, short, and saying what to do next; never a service's own text.

All texts are Telegram HTML: whatever came from a user goes through `escape`.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape, unescape
from zoneinfo import ZoneInfo

from bot import texts_moderation
from bot.parsing import ParseError, ParseReason
from bot.texts_moderation import FREE
from bot.texts_pictures import FAULTY_FIELDS, LONE_OF_ALBUM
from bot.usecases.estimate import Standing
from bot.usecases.spec import AdjustmentNote, JobSpec
from providers.catalog import AdjustmentKind, Misfit, MisfitReason, Offer
from providers.health import Trouble
from providers.local.demo import world
from providers.router import NoSuchOffer
from providers.styles import STYLES
from providers.types import NoteKind
from storage.errors import QueueFull, QuotaExceeded, Throttled
from storage.records import Job, JobState, QuotaView

CAPTION_LIMIT = 1024  # characters, after entities are parsed (Bot API, sendPhoto)
PROMPT_SHOWN = 600  # of them, so that the facts and notes fit too
PROMPT_LEAST = 40  # rather than less, the last notes are left out
UNITS_SHOWN = 100  # a duration is told in seconds, then minutes, up to this many
CANCEL_BUTTON = "Cancel"

COMMANDS = {
    "imagine": "Draw a picture: /imagine a fox in the snow",
    "quota": "What you have left today",
    "cancel": "Cancel your requests in this chat",
    "styles": "Styles you can choose",
    "models": "Models you can choose",
    "help": "How to use this bot",
}
GROUP_ADMIN_COMMANDS = {
    "enable": "Let the bot draw in this group",
    "disable": "Stop the bot in this group",
}

START = (
    "Hello! I draw pictures from words.\n\n"
    "Try: <code>/imagine a fox in the snow --style anime --ar 16:9</code>\n\n"
    "/help shows everything I can do."
)
HELP = (
    "<b>Draw</b>\n"
    "<code>/imagine a fox in the snow</code>\n"
    "<code>/imagine a fox --style anime --ar 16:9 --no people</code>\n\n"
    "<b>Options</b>, in any order\n"
    "<code>--ar 16:9</code> shape, from 1:3 to 3:1, or pixels like 1024x576\n"
    "<code>--style anime</code> see /styles\n"
    "<code>--no text</code> what to leave out\n"
    "<code>--seed 42</code> the same seed gives the same picture\n"
    "<code>--n 4</code> up to 4 pictures at once\n"
    "<code>--steps 30</code>, <code>--guidance 4</code> for the curious\n"
    "<code>--model</code>, <code>--via</code> see /models\n\n"
    "<b>From pictures</b>: put /imagine in a photo's caption, or reply to a photo\n"
    "one picture: a new one from it; <code>--strength 0.3</code> keeps more of it\n"
    "several, or <code>--blend 0.6</code>: mixed, with the words\n"
    "<code>--mask</code> repaints a part: reply to a photo with a copy of it where you painted "
    "over that part\n"
    "<code>--depth</code> keeps only its space and shapes\n\n"
    "<b>Also</b>\n"
    "/quota what you have left · /cancel stops your requests\n"
    "A picture costs one unit. What fails, is canceled or is censored costs nothing."
)
NOT_UNDERSTOOD = (
    "I draw when a message begins with /imagine, like this: "
    "<code>/imagine a fox in the snow</code>\n/help shows everything I can do."
)
GROUP_ON = "I'm on in this group. Try <code>/imagine a fox in the snow</code>"
GROUP_OFF = "I'm off in this group now. An admin can send /enable to turn me on again."
GROUP_HINT = "I'm off in this group. As an admin, send /enable to turn me on."
GROUPS_ONLY = "This command is for groups. In a private chat I'm always on."
ADMINS_ONLY = "Only this group's admins can do that."
NOT_YOURS = "Only the person who asked for this picture, or a group admin, can cancel it."
NOTHING_TO_CANCEL = "You have nothing waiting or being drawn in this chat."
CANCEL_ACCEPTED = "Canceled. It cost nothing."
CANCELING = "Stopping…"
ALREADY_ENDED = "This request is finished already."
MODE_NOT_TAKEN = (
    "None of my models can do that with a picture. Send /imagine with a description on its own."
)
NO_MODELS = "I have no model to draw with at the moment. Please tell the owner of this bot."
READY_SOON = "Here is the answer to your request…"
TROUBLES = {
    Trouble.NO_CREDIT: "The account at <b>{provider}</b> is empty. Its jobs go to other providers "
    "where there are any. Top it up; I try it again every ten minutes.",
    Trouble.KEY_REFUSED: "<b>{provider}</b> refuses this bot's key. Its jobs go to other providers "
    "where there are any. Put a new key into its setting and start the bot again.",
}
"""For the bot's owners: what only they can mend."""
NOT_SHOWN = (
    "Your picture is ready, but Telegram doesn't let me show it here. "
    "In a group, an admin can give me the right to send photos."
)

PARSE_TEXTS = {
    ParseReason.NO_TEXT: "Tell me what to draw: <code>/imagine a fox in the snow</code>",
    ParseReason.EMPTY_PROMPT: "There are options but no description. Tell me what to draw: "
    "<code>/imagine a fox in the snow --ar 16:9</code>",
}

FAILURES = {
    "invalid_request": "The service didn't take this request. Try other options or other words.",
    "unauthorized": "The drawing service refused this bot's key. Please tell the owner of this bot.",
    "out_of_credit": "The drawing service's credit is used up. Please tell the owner of this bot.",
    "rate_limited": "The drawing service is too busy right now. Try again in a minute.",
    "gone": "The model isn't available any more. Choose another one: /models",
    "unavailable": "The drawing service can't be reached right now. Try again in a few minutes.",
    "outcome_unknown": "The connection to the drawing service broke, and I can't tell whether "
    "the picture was made. Please send the command again.",
    "generation_failed": "The model failed on this request. Try again, or change the words a little.",
    "input_lost": "The picture you gave was lost on my side. Please send the command again.",
    "result_lost": "The picture was lost on its way from the service. Please send the command again.",
    "bad_answer": "The service sent something that isn't a picture. Please try again.",
    "deadline": "It took too long, so I stopped. Please try again later.",
    "canceled_there": "The drawing service stopped this request. Please try again.",
    "gave_up": "I tried several times and was interrupted each time. Please send the command again.",
    "waited_too_long": "It waited in the queue for a whole day. Please send the command again.",
    "internal": "Something went wrong on my side. Please try again.",
}

ADJUSTMENTS = {
    AdjustmentKind.SIZE: "size {asked} became {given}",
    AdjustmentKind.STEPS: "steps {asked} became {given}",
    AdjustmentKind.GUIDANCE: "guidance {asked} became {given}",
    AdjustmentKind.PRIOR_STEPS: "prior steps {asked} became {given}",
    AdjustmentKind.PRIOR_GUIDANCE: "prior guidance {asked} became {given}",
    AdjustmentKind.STRENGTH: "strength {asked} became {given}",
    AdjustmentKind.SEED: "seed {asked} became {given}",
    AdjustmentKind.SCHEDULER: "scheduler {asked} isn't known to this model and was left out",
    AdjustmentKind.NEGATIVE_PROMPT: "--no isn't known to this model and was left out",
    AdjustmentKind.STYLE: "style {asked} was added to the description in words",
}
SERVICE_NOTES = {
    NoteKind.PROMPT_CUT: "The description is longer than this model reads; it never saw “{text}”. "
    "Shorten it, or put what matters first.",
    NoteKind.PROMPT_LANGUAGE: "This model wasn't trained on this script. Try the description in "
    "English.",
    NoteKind.DEMO_MODEL: "This is the small demo model: it doesn't know “{text}”. It knows {world}.",
    NoteKind.STYLE_NEAREST: "This model has no such style; the nearest it has is {text}.",
    NoteKind.PICTURE_RESIZED: "Your picture was fitted to the size this model draws, so its edges "
    "may be cut. Try another shape with --ar.",
}
"""What a service says about how it took a request (`providers.types.Note`)."""
NOTE_TEXT_SHOWN = 80
LEFT_OUT = {
    AdjustmentKind.STEPS: "--steps can't be set for this model",
    AdjustmentKind.GUIDANCE: "--guidance can't be set for this model",
    AdjustmentKind.PRIOR_STEPS: "--prior-steps can't be set for this model",
    AdjustmentKind.PRIOR_GUIDANCE: "--prior-guidance can't be set for this model",
    AdjustmentKind.STRENGTH: "--strength can't be set for this model",
    AdjustmentKind.SEED: "this model takes no seed",
}


def parse_error(error: ParseError) -> str:
    option, value = f"<code>--{escape(error.option)}</code>", f"<code>{escape(error.value)}</code>"
    nearest = f"<code>{escape(error.nearest)}</code>" if error.nearest else None
    match error.reason:
        case ParseReason.NO_TEXT | ParseReason.EMPTY_PROMPT:
            return PARSE_TEXTS[error.reason]
        case ParseReason.UNKNOWN_OPTION:
            hint = (
                f"Did you mean <code>--{escape(error.nearest)}</code>?"
                if error.nearest
                else "See /help."
            )
            return f"I don't know {option}. {hint}"
        case ParseReason.MISSING_VALUE:
            return f"{option} needs a value after it. See /help."
        case ParseReason.UNCLOSED_QUOTE:
            return f"The quote after {option} is never closed. Add the closing quote."
        case ParseReason.BAD_VALUE | ParseReason.OUT_OF_RANGE:
            return f"{option} can't be {value}. {_allowed_range(error, nearest)}"
        case ParseReason.UNKNOWN_VALUE:
            return f"There is no {escape(error.option)} {value}. {_allowed_names(error, nearest)}"


def _allowed_range(error: ParseError, nearest: str | None) -> str:
    allowed = " to ".join(escape(bound) for bound in error.allowed)
    hint = f"Use {allowed}." if allowed else "See /help."
    return f"{hint} Did you mean {nearest}?" if nearest else hint


def _allowed_names(error: ParseError, nearest: str | None) -> str:
    if nearest:
        return f"Did you mean {nearest}?"
    if not error.allowed:
        return f"No model here takes <code>--{escape(error.option)}</code>."
    return "Choose one of: " + ", ".join(escape(name) for name in error.allowed) + "."


def misfit(error: Misfit) -> str:
    match error.reason:
        case MisfitReason.PROMPT_TOO_LONG:
            return (
                f"The description is too long: {escape(error.asked)} characters, and the model "
                f"takes {escape(error.limit)}. Please shorten it."
            )
        case MisfitReason.MODE:
            return MODE_NOT_TAKEN
        case MisfitReason.STYLE_UNKNOWN:
            return f"There is no style <code>{escape(error.asked)}</code>. See /styles."


def no_such_offer(error: NoSuchOffer) -> str:
    if error.option is None:
        return NO_MODELS
    allowed = ", ".join(f"<code>{escape(name)}</code>" for name in error.allowed)
    return f"I can't combine that: {error.option} <code>{escape(error.value)}</code>. There is {allowed}."


def quota_exceeded(error: QuotaExceeded, zone: ZoneInfo, now: datetime) -> str:
    need = f"This needs {units(error.needed)}, and you have {units(error.left)} left."
    return f"{need} {resets(error.resets_at, zone, now)}"


def queue_full(error: QueueFull) -> str:
    return f"You have {error.limit} requests waiting already. Let some of them finish, or /cancel."


def throttled(error: Throttled) -> str:
    return f"That's a lot at once. Try again in {error.retry_after} s."


def unexpected(reference: str) -> str:
    return (
        "Something went wrong on my side. Please try again; if it goes on, tell the owner of "
        f"this bot this reference: <code>{reference}</code>"
    )


def picture_lost(reference: str) -> str:
    return (
        "Your picture was lost on my side before I could show it. Please tell the owner of this "
        f"bot this reference: <code>{reference}</code>"
    )


def plain(html: str) -> str:
    """Without markup, and short enough for the answer to a button (200 characters)."""
    return _shorten(_visible(html), 200)


def units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


def resets(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    return (
        f"New units come in {duration((at - now).total_seconds())} "
        f"(at {at.astimezone(zone):%H:%M} {escape(str(zone))})."
    )


def duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < UNITS_SHOWN:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < UNITS_SHOWN else f"{minutes // 60} h {minutes % 60:02} min"


def quota(view: QuotaView, zone: ZoneInfo, now: datetime) -> str:
    lines = [f"You have <b>{units(view.left)}</b> left.", _bar(view)]
    if view.extra_left:
        lines.append(f"{view.daily_left} for today and {view.extra_left} extra that don't expire.")
    if view.held:
        lines.append(f"{units(view.held)} held for pictures on their way.")
    lines.append(resets(view.resets_at, zone, now))
    return "\n".join(lines)


def _bar(view: QuotaView, width: int = 12) -> str:
    share = view.daily_left / view.daily_limit if view.daily_limit else 0.0
    filled = round(width * min(1.0, share))
    return f"{'▰' * filled}{'▱' * (width - filled)} {view.daily_left}/{view.daily_limit} today"


def styles(names: Sequence[str] = ()) -> str:
    known = {style.name: style.title for style in STYLES}
    lines = [f"<code>--style {name}</code>  {escape(title)}" for name, title in known.items()]
    lines += [f"<code>--style {escape(name)}</code>" for name in sorted(set(names) - set(known))]
    return "<b>Styles</b>\n" + "\n".join(lines)


def models(offers: Sequence[Offer]) -> str:
    if not offers:
        return NO_MODELS
    lines = [
        f"<code>--model {escape(offer.model)}</code>  by <code>--via {escape(offer.provider)}</code>"
        f" · {units(offer.cost)} a picture"
        for offer in offers
    ]
    return "<b>Models</b>, the first is used unless you choose\n" + "\n".join(lines)


def canceled_many(count: int) -> str:
    return "Canceled 1 request." if count == 1 else f"Canceled {count} requests."


# The one message of a job. It may be a photo's caption, so all of it fits one: at most CAPTION_LIMIT
# characters as Telegram counts them.


def queued(spec: JobSpec, standing: Standing | None) -> str:
    if standing is None:
        line = "⏳ Starting…"
    else:
        wait = f" · about {duration(standing.seconds)}" if standing.seconds else ""
        place = "next in line" if standing.position == 1 else f"position {standing.position}"
        line = f"⏳ Queued, {place}{wait}"
    return _titled(spec, line, *_notes(spec.adjustments))


def running(spec: JobSpec, fraction: float, width: int = 12) -> str:
    filled = min(width, int(width * fraction))
    line = f"🖌 {'▰' * filled}{'▱' * (width - filled)} {int(100 * fraction)} %"
    return _titled(spec, line, *_notes(spec.adjustments))


def starting(spec: JobSpec) -> str:
    return _titled(spec, "🖌 Drawing…", *_notes(spec.adjustments))


def stopping(spec: JobSpec) -> str:
    return _titled(spec, CANCELING)


def ended(job: Job, spec: JobSpec) -> str:
    """The message of a job that has no picture to show."""
    return _titled(spec, _ending(job), FREE)


def _ending(job: Job) -> str:
    if job.state is JobState.CANCELED:
        return "Canceled."
    if job.state is JobState.CENSORED:
        return texts_moderation.censored(job)
    reference = job.reason_data.get("reference")
    known = _known_fault(job) or FAILURES.get(job.reason or "internal", FAILURES["internal"])
    return f"⚠️ {known}" + (f" (reference <code>{escape(reference)}</code>)" if reference else "")


def _known_fault(job: Job) -> str | None:
    """What a service named as wrong in its request, where we have words for it."""
    fields = job.reason_data.get("fields", ())
    return next((FAULTY_FIELDS[field] for field in fields if field in FAULTY_FIELDS), None)


def caption(job: Job, spec: JobSpec, *, seeds: Sequence[int], seconds: float) -> str:
    """Of the finished picture."""
    facts = [f"<code>{escape(job.model)}</code>"]
    if spec.wish.style:
        facts.append(escape(spec.wish.style))
    legs = job.reason_data.get("legs", [0])
    facts.append(_shape(spec, legs[0]))
    if seeds:
        facts.append(f"seed <code>{seeds[0]}</code>")
    facts.append(duration(seconds))
    told = job.reason_data.get("notes", [])
    notes = _notes(spec.adjustments_by(legs))
    if spec.inputs.lone_of_album:
        notes.append(f"<i>{LONE_OF_ALBUM}</i>")
    return _titled(spec, " · ".join(facts), *_missing(job, spec), *notes, *map(_service_note, told))


def demo_world() -> str:
    """What the demo model can draw, in a few words."""
    known = world.listing("en")
    return f"{', '.join(known['objects'])}; places: {', '.join(known['places'])}"


def _service_note(note: dict[str, str]) -> str:
    text = escape(_shorten(note["text"], NOTE_TEXT_SHOWN), quote=False)
    words = SERVICE_NOTES[NoteKind(note["kind"])]
    return f"<i>{words.format(text=text, world=demo_world())}</i>"


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
    why = "not made"
    if job.reason_data.get("censored", 0) >= lost:
        why = texts_moderation.withheld(job)
    return [f"{lost} of {asked} were {why}; you paid for {made}."]


def _titled(spec: JobSpec, *lines: str) -> str:
    """The lines under as much of the prompt as there is room for; the last ones go if too many."""
    kept = list(lines)
    while (room := _room_above(kept)) < PROMPT_LEAST and len(kept) > 1:
        kept.pop()
    title = escape(_shorten(spec.wish.prompt, min(PROMPT_SHOWN, room)), quote=False)
    return "\n".join([f"<b>{title}</b>", *kept])


def _room_above(lines: Sequence[str]) -> int:
    return CAPTION_LIMIT - _utf16_length(_visible("\n".join(lines))) - 1


def _visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def _utf16_length(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def _shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, Telegram's own measure, never half a character."""
    if _utf16_length(text) <= limit:
        return text
    return text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", "ignore").rstrip() + "…"


def _notes(adjustments: Sequence[AdjustmentNote]) -> list[str]:
    notes = [_note(note) for note in adjustments]
    return [f"<i>Note: {'; '.join(notes)}.</i>"] if notes else []


def _note(note: AdjustmentNote) -> str:
    template = (
        ADJUSTMENTS[note.kind] if note.given else LEFT_OUT.get(note.kind, ADJUSTMENTS[note.kind])
    )
    return template.format(asked=escape(note.asked), given=escape(note.given))
