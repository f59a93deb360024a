"""What admins read about people; what they did is told first, then how things stand."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bot.i18n import N_, _, ngettext
from bot.texts.measures import listed, moment, span, units
from bot.texts.quota import bar
from bot.usecases.errors import BadOrder, PersonNotFound
from bot.usecases.person import Activity, Person
from storage.records import Job, JobState, User

PROMPT_SHOWN = 40  # characters

HELP = N_(
    "<b>For admins</b>, here with me alone; X is an id or a @username, or reply to a message of "
    "theirs with the command (in a group too: I answer here)\n"
    "/user X what I know of someone\n"
    "/grant X 10 extra units, <code>-10</code> takes some back\n"
    "/limit X 50 units a day; <code>default</code>, <code>unlimited</code>\n"
    "/reset X forgives what was spent today\n"
    "/ban X 2d spam · /unban X\n"
    "/allow X · /disallow X where I'm not open to everyone\n"
    "/invite 20 5 3d a link: units, uses, time · /invites\n"
    "/audit who changed what; /audit X about someone"
)
OWNER_HELP = N_("/promote X makes an admin · /demote X · /admins")
COMMANDS = {
    "user": N_("What I know of someone"),
    "grant": N_("Extra units for someone"),
    "limit": N_("Someone's units a day"),
    "chatlimit": N_("A group's shared units a day"),
    "reset": N_("Forgive what someone spent today"),
    "ban": N_("Take no requests from someone"),
    "unban": N_("Take requests from someone again"),
    "invite": N_("Make an invite link"),
    "invites": N_("Invite links that work"),
}
USAGE = {
    "user": N_("Say whom: <code>/user 12345</code>, <code>/user @name</code>, or reply."),
    "grant": N_(
        "Say whom and how many units: <code>/grant 12345 10</code>, <code>/grant @name -5</code>, "
        "or reply with <code>/grant 10</code>. At most a million."
    ),
    "limit": N_(
        "Say whom and how many units a day: <code>/limit 12345 50</code>, <code>/limit @name "
        "default</code>, or reply with <code>/limit unlimited</code>."
    ),
    "chatlimit": N_(
        "Say which group and how many units a day: <code>/chatlimit -100123456 50</code>, or in the "
        "group <code>/chatlimit 50</code>. <code>default</code> is what the settings say."
    ),
    "reset": N_("Say whom: <code>/reset 12345</code>, <code>/reset @name</code>, or reply."),
    "ban": N_(
        "Say whom, for how long and why: <code>/ban 12345 2d spam</code>, <code>/ban @name</code>, "
        "or reply with <code>/ban 1w</code>. Times are like 30m, 2h, 3d, 1w; without one it is for "
        "good."
    ),
    "unban": N_("Say whom: <code>/unban 12345</code>, <code>/unban @name</code>, or reply."),
    "allow": N_("Say whom: <code>/allow 12345</code>, <code>/allow @name</code>, or reply."),
    "disallow": N_(
        "Say whom: <code>/disallow 12345</code>, <code>/disallow @name</code>, or reply."
    ),
    "invite": N_(
        "Say how many extra units, for how many people and for how long: <code>/invite</code>, "
        "<code>/invite 20</code>, <code>/invite 20 5</code>, <code>/invite 20 5 3d</code> or "
        "<code>/invite 0 100 forever</code>."
    ),
    "promote": N_("Say whom: <code>/promote 12345</code>, <code>/promote @name</code>, or reply."),
    "demote": N_("Say whom: <code>/demote 12345</code>, <code>/demote @name</code>, or reply."),
    "audit": N_("Say nothing more, or whom: <code>/audit</code>, <code>/audit @name</code>."),
}
PROTECTED = N_("Owners and admins can't be banned. An owner can /demote an admin first.")
THAT_WAS_ME = N_(
    "That message is mine, or hides who wrote it. Reply to a message of theirs, or give their id."
)
UNBANNED = N_("✓ Nothing is held against them any more.")
ALLOWED = N_("✓ They may use the bot.")
DISALLOWED = N_("✓ They are off the list.")
PROMOTED = N_("✓ An admin from now on.")
DEMOTED = N_("✓ No admin any more.")
LIMITED = N_("✓ The daily limit is set.")
ADMINS = N_("<b>Owners and admins</b>")
STATES = {
    JobState.QUEUED: N_("waiting"),
    JobState.RUNNING: N_("running"),
    JobState.SUCCEEDED: N_("done"),
    JobState.CENSORED: N_("censored"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELED: N_("canceled"),
}


def usage(error: BadOrder) -> str:
    return _(USAGE[error.command])


def not_found(error: PersonNotFound) -> str:
    if not error.name:
        return _(THAT_WAS_ME)
    return _(
        "I don't know {name}: they never wrote to me under that name. Give their id, or reply to a "
        "message of theirs."
    ).format(name=escape(error.name, quote=False))


def granted(change: int) -> str:
    if change > 0:
        return _("✓ {units} given.").format(units=units(change))
    return _("✓ {units} taken back.").format(units=units(-change))


def was_reset(forgiven: int) -> str:
    return _("✓ {units} of today forgiven.").format(units=units(forgiven))


def banned(canceled: int) -> str:
    told = _("✓ Banned.")
    if not canceled:
        return told
    more = ngettext("{count} request was canceled.", "{count} requests were canceled.", canceled)
    return f"{told} {more.format(count=canceled)}"


def card(person: Person, zone: ZoneInfo) -> str:
    """How things stand with someone."""
    lines = [_title(person), *_standing(person, zone), *_quota(person)]
    return "\n".join(lines)


def full_card(person: Person, activity: Activity, zone: ZoneInfo) -> str:
    return "\n".join([card(person, zone), *_activity(activity)])


def admins(people: list[Person]) -> str:
    lines = [f"{_title(each)} · {_role(each)}" for each in people]
    return "\n".join([_(ADMINS), *(lines or [_("There are none.")])])


def _title(person: Person) -> str:
    """The name is the person's own choice, so it is no link and cut short."""
    user = person.user
    name = escape(user.name[:PROMPT_SHOWN], quote=False) if user and user.name else _("Unknown")
    at = f" @{escape(user.username)}" if user and user.username else ""
    return f"<b>{name}</b>{at} <code>{person.id}</code>"


def _role(person: Person) -> str:
    if person.is_owner:
        return _("owner")
    return _("admin") if person.user and person.user.role else _("user")


def _standing(person: Person, zone: ZoneInfo) -> list[str]:
    user = person.user
    if user is None:
        return [_("I have never seen them.")] if not person.is_owner else [_role(person)]
    facts = [_role(person)]
    if user.allowed:
        facts.append(_("on the list"))
    if user.locale or user.language:
        facts.append(_("language {name}").format(name=escape(user.locale or user.language or "")))
    lines = [" · ".join(facts)]
    if user.banned_at(person.at):
        lines.append(_ban(user, zone, person.at))
    if strikes := _strikes(user, person.at):
        lines.append(strikes)
    return lines


def _ban(user: User, zone: ZoneInfo, now: datetime) -> str:
    if user.banned_until is None:
        told = _("🚫 Banned for good")
    else:
        told = _("🚫 Banned until {moment}").format(moment=moment(user.banned_until, zone, now))
    return told + (f": {escape(user.ban_reason, quote=False)}" if user.ban_reason else "")


def _strikes(user: User, now: datetime) -> str:
    if not user.strikes or user.struck_at is None:
        return ""
    ago = span((now - user.struck_at).total_seconds())
    told = _("Strikes: {count}, the last one {time} ago").format(count=user.strikes, time=ago)
    if user.blocked_until is None or user.blocked_until <= now:
        return told
    left = span((user.blocked_until - now).total_seconds())
    return told + ", " + _("paused for {time} more").format(time=left)


def _quota(person: Person) -> list[str]:
    view = person.quota
    lines = [_("Unlimited units a day") if view.unlimited else bar(view)]
    facts = []
    if view.extra_left:
        facts.append(_("{units} extra").format(units=units(view.extra_left)))
    if view.held:
        facts.append(_("{units} held").format(units=units(view.held)))
    return lines + ([" · ".join(facts)] if facts else [])


def _activity(activity: Activity) -> list[str]:
    spent = _("Spent: {today} today, {week} in 7 days, {ever} in all")
    lines = [spent.format(today=activity.today, week=activity.week, ever=units(activity.ever))]
    if activity.counts:
        counts = [f"{count} {_(STATES[state])}" for state, count in activity.counts.items()]
        lines.append(_("Requests: {counts}").format(counts=listed(counts)))
    return lines + [_job(job) for job in activity.jobs]


def _job(job: Job) -> str:
    """Without the words: an admin reads them only where there is a reason to (/job)."""
    at = f"{job.created_at:%m-%d %H:%M}"
    why = f" ({escape(job.reason)})" if job.reason else ""
    return f"#{job.id} {at} {escape(job.model)} · {_(STATES[job.state])}{why}"
