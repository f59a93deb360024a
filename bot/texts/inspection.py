"""What admins read about one job: who asked, for what, and everything that became of it."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bot.i18n import N_, _
from bot.texts import everyday as texts
from bot.texts.operations import OUTCOMES, who
from bot.usecases.errors import CantRetry, NoSuchJob, OutOfUnits
from bot.usecases.inspect_job import JobView
from storage.records import DeliveryState, Job, Submission, SubmissionState

PROMPT_SHOWN = 1500  # characters
WHICH_JOB = N_(
    "Say which: <code>/job 12</code>, or reply with /job to a request or to a picture of mine. "
    "/queue shows who waits."
)
SUBMISSIONS = {
    SubmissionState.SUBMITTING: N_("being ordered"),
    SubmissionState.SUBMITTED: N_("ordered"),
    SubmissionState.ENDED: N_("over"),
}
DELIVERIES = {
    DeliveryState.NONE: "",
    DeliveryState.PENDING: N_("not delivered yet"),
    DeliveryState.DELIVERED: N_("delivered"),
    DeliveryState.UNDELIVERABLE: N_("could not be delivered"),
}
HOLDS = {
    "held": N_("{units} held"),
    "captured": N_("{captured} of {units} held were spent"),
    "released": N_("{units} held were given back"),
}
CHAT_KINDS = {
    "private": N_("private"),
    "group": N_("group"),
    "supergroup": N_("group"),
    "channel": N_("channel"),
}
"""Telegram's kinds of chats, in people's words."""


def no_such_job(error: NoSuchJob) -> str:
    if error.job_id is None:
        return _("That message belongs to no request of mine.")
    return _("There is no request {number}.").format(number=error.job_id)


def cant_retry(error: CantRetry) -> str:
    return _("Only what failed or was canceled can be tried again; this one is {state}.").format(
        state=_(OUTCOMES[error.state])
    )


def out_of_units(error: OutOfUnits) -> str:
    return _(
        "It needs {needed}, and {user} has {left} left. Give them some first: /grant {user} {needed_number}"
    ).format(
        needed=texts.units(error.needed),
        left=texts.units(error.left),
        user=error.user_id,
        needed_number=error.needed - error.left,
    )


def retried(job: Job) -> str:
    return _("Tried again as request {number}.").format(number=job.id)


def job(view: JobView, zone: ZoneInfo) -> str:
    it = view.job
    title = _("Request {number}: {state}").format(number=it.id, state=_(OUTCOMES[it.state]))
    prompt = view.spec.wish.prompt
    shown = prompt if len(prompt) <= PROMPT_SHOWN else prompt[:PROMPT_SHOWN] + "…"
    facts = "\n".join(_facts(view))
    history = "\n".join(f"{_moment(at, zone)} {line}" for at, line in _history(view))
    rest = "\n".join(_rest(view))
    quote = f"<blockquote expandable>{escape(shown, quote=False)}</blockquote>"
    return f"<b>{title}</b>\n{quote}\n{facts}\n\n{history}\n{rest}".rstrip()


def _facts(view: JobView) -> Iterator[str]:
    it = view.job
    yield _("By {who} in {chat} ({kind})").format(
        who=who(it.user_id, view.user),
        chat=f"<code>{it.chat_id}</code>",
        kind=_(CHAT_KINDS.get(it.chat_kind, it.chat_kind)),
    )
    ways = " → ".join(f"{leg.provider}/{leg.model}" for leg in view.legs)
    yield _("Ways: {ways}").format(ways=escape(ways))
    if it.parent_id is not None:
        yield _("Goes on from request {number}").format(number=it.parent_id)
    if view.position is not None:
        yield _("Place in the queue: {position}").format(position=view.position)


def _history(view: JobView) -> list[tuple[datetime, str]]:
    """What happened when, oldest first."""
    it = view.job
    lines = [(it.created_at, _("accepted"))]
    if it.started_at is not None:
        lines.append((it.started_at, _("started, try {number}").format(number=it.attempts)))
    lines += [(each.created_at, _submission(each)) for each in view.submissions]
    if it.finished_at is not None:
        why = f" ({escape(it.reason)})" if it.reason else ""
        lines.append((it.finished_at, _(OUTCOMES[it.state]) + why))
    return sorted(lines, key=lambda line: line[0])


def _submission(each: Submission) -> str:
    line = _("order at {provider} for pictures {first} to {last}: {state}").format(
        provider=escape(each.provider),
        first=each.part + 1,
        last=each.part + each.images,
        state=_(SUBMISSIONS[each.state]),
    )
    return f"{line}, <code>{escape(each.remote_id)}</code>" if each.remote_id else line


def _rest(view: JobView) -> Iterator[str]:
    it = view.job
    if view.hold is not None:
        yield _(HOLDS[view.hold.state]).format(
            units=texts.units(view.hold.units), captured=texts.units(view.hold.captured)
        )
    if view.pictures:
        yield _("Pictures kept: {count}").format(count=view.pictures)
    if it.delivery is not DeliveryState.NONE:
        yield _("{state}, tries: {count}").format(
            state=_(DELIVERIES[it.delivery]), count=it.delivery_attempts
        )
    if it.cancel_requested and it.finished_at is None:
        yield _("It was told to stop.")


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"<code>{at.astimezone(zone):%m-%d %H:%M:%S}</code>"
