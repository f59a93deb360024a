"""What people read who may not use the bot, for now or for good, and what invites say."""

from datetime import datetime
from html import escape

from bot.i18n import N_, _, ngettext
from bot.texts.measures import duration, span, units
from bot.usecases.errors import Banned, NoAccess, Paused, Strike, TooManyGuesses
from storage.records import Invite

NO_ACCESS = N_(
    "This bot is not open to everyone. Ask its owner to let you in, and tell them your id: "
    "<code>{user_id}</code>"
)
BANNED_HERE = N_("You can't use this bot for now. Write to me in private to see why.")
INVITES_OFF = N_(
    "Nobody comes in by a link here: set <code>ACCESS=invite</code> and start the bot again, or "
    "let people in with /allow."
)
INVITE_INVALID = N_(
    "This invite link doesn't work any more. Ask whoever sent it to you for a new one."
)
INVITE_USED = N_("You have come by this link before, so it changes nothing.")
WELCOME = N_(
    "Welcome! Try: <code>/imagine a fox in the snow</code>\n/help shows everything I can do."
)
NO_INVITES = N_("No invite link works now. /invite makes one.")
INVITES = N_("<b>Invite links that work</b>")
REVOKE_BUTTON = N_("Revoke {token}…")
REVOKED = N_("The link doesn't work any more.")


def no_access(error: NoAccess) -> str:
    return _(NO_ACCESS).format(user_id=error.user_id)


def banned(error: Banned) -> str:
    if error.seconds is None:
        told = _("You can't use this bot any more.")
    else:
        told = _("You can't use this bot for {time}.").format(time=span(error.seconds))
    return f"{told} {_reason(error.reason)}".rstrip()


def _reason(reason: str | None) -> str:
    return _("The reason: {reason}").format(reason=escape(reason, quote=False)) if reason else ""


def paused(error: Paused) -> str:
    return _(
        "Too many of your requests were censored, so I take none from you for now. You can ask "
        "again in {time}."
    ).format(time=duration(error.seconds))


def strike(strike: Strike) -> str:
    """After what was censored: what comes of it."""
    pause = duration(strike.pause)
    if strike.left == 0:
        return _(
            "Too many of your requests were censored: you can ask again in {time}. Each further "
            "one makes it longer."
        ).format(time=pause)
    return ngettext(
        "{count} more censored request within a day, and you'll have to wait for {time}.",
        "{count} more censored requests within a day, and you'll have to wait for {time}.",
        strike.left,
    ).format(count=strike.left, time=pause)


def too_many_guesses(error: TooManyGuesses) -> str:
    return _(
        "You have tried too many invite links that don't work. You can try another in {time}."
    ).format(time=duration(error.seconds))


def welcome(invite: Invite) -> str:
    if not invite.units:
        return _(WELCOME)
    bonus = _("You have {units} on top of the daily ones; they don't expire.")
    return f"{_(WELCOME)}\n{bonus.format(units=units(invite.units))}"


def invite_made(invite: Invite, link: str, now: datetime) -> str:
    return f"{escape(link)}\n{_facts(invite, now)}"


def invites(working: list[Invite], now: datetime) -> str:
    if not working:
        return _(NO_INVITES)
    lines = [f"<code>{each.token[:6]}…</code> {_facts(each, now)}" for each in working]
    return "\n".join([_(INVITES), *lines])


def _facts(invite: Invite, now: datetime) -> str:
    people = ngettext("for {count} person", "for {count} people", invite.uses_left)
    facts = [people.format(count=invite.uses_left)]
    if invite.units:
        facts.append(_("{units} extra each").format(units=units(invite.units)))
    if invite.expires_at is None:
        facts.append(_("until it is revoked"))
    else:
        left = span((invite.expires_at - now).total_seconds())
        facts.append(_("works for {time}").format(time=left))
    return " · ".join(facts)
