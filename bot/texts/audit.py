"""The audit log in words."""

from html import escape
from zoneinfo import ZoneInfo

from bot.i18n import N_, _
from bot.texts.measures import units
from bot.usecases.audit import AuditPage
from storage.records import UNLIMITED, AuditLine

OLDER_BUTTON = N_("Older")
TITLE = N_("<b>Who changed what</b>")
NOTHING = N_("Nothing yet.")
DETAILS_SHOWN = 120  # characters
WORDS = {
    "grant": N_("gave {target} {units}"),
    "revoke": N_("took {units} from {target}"),
    "reset": N_("forgave {target} today's use"),
    "ban": N_("banned {target}"),
    "unban": N_("unbanned {target}"),
    "allow": N_("let {target} in"),
    "disallow": N_("took {target} off the list"),
    "promote": N_("made {target} an admin"),
    "demote": N_("took the admin's role from {target}"),
    "invite": N_("made an invite link"),
    "invite_used": N_("came by an invite link"),
    "invite_revoked": N_("revoked an invite link"),
    "enable": N_("turned the bot on in {target}"),
    "disable": N_("turned the bot off in {target}"),
    "chatsettings": N_("changed the settings of {target}"),
    "pause": N_("paused the drawing"),
    "resume": N_("resumed the drawing"),
    "drain": N_("began to drain"),
    "cancel_job": N_("canceled the request {target}"),
    "retry_job": N_("tried the request {target} again"),
    "broadcast": N_("sent the message {target} to everybody"),
    "stop_broadcast": N_("stopped sending the message {target}"),
}
"""By action; one without words here is shown as it is named."""


def page(page: AuditPage, zone: ZoneInfo) -> str:
    return "\n".join([_(TITLE), *([line(each, zone) for each in page.lines] or [_(NOTHING)])])


def line(line: AuditLine, zone: ZoneInfo) -> str:
    at = f"{line.at.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{at} <code>{line.actor_id}</code> {_deed(line)}"


def _deed(line: AuditLine) -> str:
    target = f"<code>{line.target_id}</code>" if line.target_id is not None else ""
    if line.action == "limit":
        return _("set the daily limit of {target}: {limit}").format(
            target=target, limit=_limit(line.details.get("limit"))
        )
    if line.action == "chatlimit":
        return _("set what the group {target} shares a day: {limit}").format(
            target=target, limit=_limit(line.details.get("limit"))
        )
    if line.action in WORDS:
        words = _(WORDS[line.action]).format(
            target=target, units=units(line.details.get("units", 0))
        )
        return words + _more(line.details, "until", "reason", "provider")
    return f"{escape(line.action)} {target}" + _more(line.details, *line.details)


def _limit(limit: int | None) -> str:
    if limit is None:
        return _("as the settings say")
    return _("unlimited") if limit >= UNLIMITED else units(limit)


def _more(details: dict[str, object], *names: str) -> str:
    told = [str(details[name]) for name in names if details.get(name)]
    return f" ({escape(', '.join(told)[:DETAILS_SHOWN], quote=False)})" if told else ""
