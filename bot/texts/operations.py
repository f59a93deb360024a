"""What admins read about the bot at work: what is paused, the queue, one look at everything."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bot.i18n import N_, _
from bot.texts import audit as texts_audit
from bot.texts import everyday as texts
from bot.usecases.errors import NoSuchProvider
from bot.usecases.estimate import Standing
from bot.usecases.overview import Overview, ProviderState, QueueView
from bot.usecases.pauses import PauseState
from bot.usecases.spec import JobSpec
from providers.health import Trouble
from storage.records import AuditLine, JobState, User, VerdictCount
from storage.summaries import EndedCount, PersonLoad, QueueSummary

DRAINING = N_(
    "I'm finishing what is waiting before an update and take nothing new for now. Please try again "
    "in a few minutes."
)
CLOSED = N_("Closed.")
DRAINED = N_(
    "✓ <b>Everything is finished.</b> Nothing is waiting, running or undelivered: the bot can be "
    "stopped and updated now. /resume takes requests again."
)
COMMANDS = {
    "admin": N_("The bot at a glance, with buttons"),
    "queue": N_("What is waiting and running"),
    "job": N_("Everything about one request"),
    "stats": N_("A chart of the last days"),
    "providers": N_("How every provider does"),
    "pause": N_("Start nothing new, or nothing at one provider"),
    "resume": N_("End every pause and the drain"),
    "drain": N_("Finish what is waiting, take nothing new"),
    "broadcast": N_("Send a message to everyone"),
    "audit": N_("Who changed what"),
}
OUTCOMES = {
    JobState.SUCCEEDED: N_("done"),
    JobState.CENSORED: N_("censored"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELED: N_("canceled"),
    JobState.QUEUED: N_("waiting"),
    JobState.RUNNING: N_("running"),
}
TROUBLES = {
    Trouble.NO_CREDIT: N_("the account is empty"),
    Trouble.KEY_REFUSED: N_("the key is refused"),
}
VERDICTS = {
    ("blocked", "prompt"): N_("prompts blocked"),
    ("blocked", "image"): N_("pictures withheld"),
    ("unchecked", "prompt"): N_("prompts not checked"),
    ("unchecked", "image"): N_("pictures not checked"),
}


def held(spec: JobSpec, standing: Standing | None) -> str:
    """The status of a job that a pause keeps waiting; nobody can say for how long."""
    place = Standing(standing.position, None) if standing else None
    return f"{texts.queued(spec, place)}\n{_('Paused by the admins; your place is kept.')}"


def no_such_provider(error: NoSuchProvider) -> str:
    return _("There is no provider {name} here. There is {allowed}.").format(
        name=f"<code>{escape(error.name)}</code>",
        allowed=", ".join(f"<code>{escape(name)}</code>" for name in error.allowed),
    )


def pause_state(state: PauseState) -> str:
    """What an admin's word keeps from starting, all of it."""
    lines = []
    if state.everything:
        lines.append(
            _(
                "⏸ <b>Everything is paused.</b> Nothing new starts, what runs is finished, and new "
                "requests wait. /resume goes on."
            )
        )
    if state.providers:
        lines.append(
            _("⏸ Paused: <b>{providers}</b>. Its jobs go elsewhere where they can.").format(
                providers=escape(", ".join(sorted(state.providers)))
            )
        )
    if state.draining:
        lines.append(
            _(
                "🚰 <b>Draining.</b> New requests are refused, what is waiting is finished. /resume "
                "takes requests again."
            )
        )
    return "\n".join(lines) or _("▶ Nothing is paused.")


def queue_line(summary: QueueSummary, at: datetime) -> str:
    line = _("{waiting} waiting · {running} running").format(
        waiting=summary.waiting, running=summary.running
    )
    if summary.oldest is not None:
        age = texts.duration((at - summary.oldest).total_seconds())
        line += " · " + _("the oldest waits for {age}").format(age=age)
    return line


def state(view: QueueView) -> str:
    """The answer to /pause, /resume and /drain."""
    return f"{pause_state(view.pauses)}\n{queue_line(view.summary, view.at)}"


def draining(state: PauseState, summary: QueueSummary) -> str:
    line = _("{waiting} waiting · {running} running · {undelivered} to be delivered").format(
        waiting=summary.waiting, running=summary.running, undelivered=summary.undelivered
    )
    if not (state.everything or state.providers):
        return f"{pause_state(state)}\n{line}"
    return f"{pause_state(state)}\n{line}\n" + _("What is paused will not finish by itself.")


def queue(view: QueueView) -> str:
    parts = [
        f"<b>{_('Queue')}</b>\n{queue_line(view.summary, view.at)}",
        "\n".join(_provider_line(each) for each in view.providers),
        "\n".join(_person_line(load, user) for load, user in view.people),
        "" if view.pauses == PauseState() else pause_state(view.pauses),
    ]
    return "\n\n".join(filter(None, parts))


def _provider_line(each: ProviderState) -> str:
    facts = [
        _("{waiting} waiting · {running} running").format(
            waiting=each.waiting, running=each.running
        )
    ]
    if each.seconds_left is not None and not each.paused:
        facts.append(_("done in about {time}").format(time=texts.duration(each.seconds_left)))
    return f"{_mark(each)} <b>{escape(each.name)}</b>: " + " · ".join([*facts, *health(each)])


def _mark(each: ProviderState) -> str:
    if each.paused:
        return "⏸"
    return "✗" if each.trouble or each.is_gone else "!" if each.rests_for > 0 else "✓"


def health(each: ProviderState) -> list[str]:
    """What keeps it from working, if anything does."""
    facts = []
    if each.paused:
        facts.append(_("paused"))
    if each.is_gone:
        facts.append(_("not in the settings any more"))
    if each.trouble is not None:
        facts.append(_(TROUBLES[each.trouble]))
    elif each.rests_for > 0:
        facts.append(_("rests for {time}").format(time=texts.duration(each.rests_for)))
    return facts


def providers(view: QueueView) -> str:
    """A page of the panel; /providers asks the services themselves."""
    lines = [_provider_line(each) + _credit(each) for each in view.providers]
    asks = _("/providers asks each of them now.")
    return "\n".join([f"<b>{_('Providers')}</b>", *lines, "", asks])


def _credit(each: ProviderState) -> str:
    if each.credit is None:
        return ""
    amount = f"{each.credit.amount:.2f}".removesuffix(".00")
    return " · " + _("{credit} left").format(credit=f"{amount} {escape(each.credit.unit)}")


def who(user_id: int, user: User | None) -> str:
    """@username or name, with the id that commands take."""
    name = f"@{user.username}" if user and user.username else user.name if user else None
    number = f"<code>{user_id}</code>"
    return f"{escape(name, quote=False)} ({number})" if name else number


def _person_line(load: PersonLoad, user: User | None) -> str:
    counts = _("{waiting} waiting · {running} running").format(
        waiting=load.waiting, running=load.running
    )
    return f"{who(load.user_id, user)}: {counts}"


def outcomes(ended: Sequence[EndedCount]) -> str:
    jobs: Counter[JobState] = Counter()
    for each in ended:
        jobs[each.state] += each.jobs
    told = [f"{jobs[state]} {_(word)}" for state, word in OUTCOMES.items() if jobs[state]]
    spent = texts.units(sum(each.units for each in ended))
    return " · ".join([*told, spent]) if told else _("nothing yet")


def verdicts(counts: Iterable[VerdictCount]) -> str:
    sums: Counter[tuple[str, str]] = Counter()
    for each in counts:
        sums[each.status, each.stage] += each.count
    told = [f"{_(word)}: {sums[kind]}" for kind, word in VERDICTS.items() if sums[kind]]
    return " · ".join(told) or _("nothing to report")


def overview(view: Overview) -> str:
    queue_view = view.queue
    names = " ".join(f"{_mark(each)} {escape(each.name)}" for each in queue_view.providers)
    return "\n".join(
        [
            f"<b>{_('The bot at a glance')}</b>",
            pause_state(queue_view.pauses),
            "",
            f"<b>{_('Queue')}</b>: {queue_line(queue_view.summary, queue_view.at)}",
            f"<b>{_('Providers')}</b>: {names}",
            f"<b>{_('Today')}</b>: {outcomes(view.today)}",
            f"<b>{_('Moderation today')}</b>: {verdicts(view.verdicts)}",
            "",
            _(
                "People: /user /grant /limit /reset /ban /unban /chatlimit · /job · /broadcast · /audit"
            ),
        ]
    )


def audit(lines: Sequence[AuditLine], zone: ZoneInfo) -> str:
    """A page of the panel; /audit shows more."""
    told = [texts_audit.line(each, zone) for each in lines] or [_("Nothing yet.")]
    return "\n".join([f"<b>{_('Audit')}</b>", *told])
