"""Why there is no picture, and what to do about it; Telegram HTML."""

from html import escape

from bot.i18n import N_, _
from bot.texts import moderation as texts_moderation
from bot.texts.pictures import FAULTY_FIELDS
from storage.records import Job, JobState

FAILURES = {
    "invalid_request": N_(
        "The service didn't take this request. Try other options or other words."
    ),
    "unauthorized": N_(
        "The drawing service refused this bot's key. Please tell the owner of this bot."
    ),
    "out_of_credit": N_(
        "The drawing service's credit is used up. Please tell the owner of this bot."
    ),
    "rate_limited": N_("The drawing service is too busy right now. Try again in a minute."),
    "gone": N_("The model isn't available any more. Choose another one: /models"),
    "unavailable": N_(
        "The drawing service can't be reached right now. Try again in a few minutes."
    ),
    "outcome_unknown": N_(
        "The connection to the drawing service broke, and I can't tell whether the picture was "
        "made. Please send the command again."
    ),
    "generation_failed": N_(
        "The model failed on this request. Try again, or change the words a little."
    ),
    "input_lost": N_("The picture you gave was lost on my side. Please send the command again."),
    "result_lost": N_(
        "The picture was lost on its way from the service. Please send the command again."
    ),
    "bad_answer": N_("The service sent something that isn't a picture. Please try again."),
    "deadline": N_("It took too long, so I stopped. Please try again later."),
    "canceled_there": N_("The drawing service stopped this request. Please try again."),
    "not_stored": N_(
        "The picture was made, but I have no room to keep it right now. Please try again later."
    ),
    "gave_up": N_(
        "I tried several times and was interrupted each time. Please send the command again."
    ),
    "waited_too_long": N_("It waited in the queue for a whole day. Please send the command again."),
    "internal": N_("Something went wrong on my side. Please try again."),
}
NOT_SHOWN = N_(
    "Your picture is ready, but Telegram doesn't let me show it here. In a group, an admin can "
    "give me the right to send photos."
)


def ending(job: Job) -> str:
    """Of a job that has no picture to show."""
    if job.state is JobState.CANCELED:
        return _("Canceled.")
    if job.state is JobState.CENSORED:
        return texts_moderation.censored(job)
    known = _(_known_fault(job) or FAILURES.get(job.reason or "internal", FAILURES["internal"]))
    if reference := job.reason_data.get("reference"):
        told = _("(reference <code>{reference}</code>)").format(reference=escape(reference))
        return f"⚠️ {known} {told}"
    return f"⚠️ {known}"


def _known_fault(job: Job) -> str | None:
    """What a service named as wrong in its request, where we have words for it."""
    fields = job.reason_data.get("fields", ())
    return next((FAULTY_FIELDS[field] for field in fields if field in FAULTY_FIELDS), None)


def unexpected(reference: str) -> str:
    return _(
        "Something went wrong on my side. Please try again; if it goes on, tell the owner of "
        "this bot this reference: <code>{reference}</code>"
    ).format(reference=reference)


def picture_lost(reference: str) -> str:
    return _(
        "Your picture was lost on my side before I could show it. Please tell the owner of this "
        "bot this reference: <code>{reference}</code>"
    ).format(reference=reference)
