"""The words of the commands and of the bot's everyday answers; those of one topic are in the
modules beside it, and the most used of them are at hand here too. Plain, short, and saying what to
do next; never a service's own text.

All texts are Telegram HTML: whatever came from a user goes through `escape`. Constants are marked
here and translated where they are said (see `bot/i18n.py`); functions answer in the language spoken.
"""

from html import escape

from bot.i18n import N_, _, ngettext
from bot.telegram.shortening import plain
from bot.texts.catalog import misfit, models, no_such_offer, styles
from bot.texts.failures import NOT_SHOWN, picture_lost, unexpected
from bot.texts.job import (
    READY_SOON,
    STOPPING,
    caption,
    ended,
    queued,
    running,
    starting,
    stopping,
)
from bot.texts.measures import duration, units
from bot.texts.parse import parse_error
from bot.texts.quota import queue_full, quota, quota_exceeded, resets, throttled
from providers.health import Trouble

__all__ = [
    "NOT_SHOWN",
    "READY_SOON",
    "STOPPING",
    "caption",
    "duration",
    "ended",
    "misfit",
    "models",
    "no_such_offer",
    "parse_error",
    "picture_lost",
    "plain",
    "queue_full",
    "queued",
    "quota",
    "quota_exceeded",
    "resets",
    "running",
    "starting",
    "stopping",
    "styles",
    "throttled",
    "unexpected",
    "units",
]

CANCEL_BUTTON = N_("Cancel")

COMMANDS = {
    "imagine": N_("Draw a picture: /imagine a fox in the snow"),
    "history": N_("Your pictures"),
    "settings": N_("What your pictures are like unless you say otherwise"),
    "quota": N_("What you have left today"),
    "cancel": N_("Cancel your requests in this chat"),
    "styles": N_("Styles you can choose"),
    "models": N_("Models you can choose"),
    "language": N_("Choose the language I speak with you"),
    "help": N_("How to use this bot"),
    "forgetme": N_("Delete what I know of you"),
}
GROUP_ADMIN_COMMANDS = {
    "enable": N_("Let the bot draw in this group"),
    "disable": N_("Stop the bot in this group"),
    "chatsettings": N_("Who may draw here, when, and how"),
}

START = N_(
    "Hello! I draw pictures from words.\n\n"
    "Try: <code>/imagine a fox in the snow --style anime --ar 16:9</code>\n\n"
    "/help shows everything I can do."
)
HELP = (
    N_(
        "<b>Draw</b>\n"
        "<code>/imagine a fox in the snow</code>\n"
        "<code>/imagine a fox --style anime --ar 16:9 --no people</code>"
    ),
    N_(
        "<b>Options</b>, in any order\n"
        "<code>--ar 16:9</code> shape, from 1:3 to 3:1, or pixels like 1024x576\n"
        "<code>--style anime</code> see /styles\n"
        "<code>--no text</code> what to leave out\n"
        "<code>--seed 42</code> the same seed gives the same picture\n"
        "<code>--n 4</code> up to 4 pictures at once\n"
        "<code>--steps 30</code>, <code>--guidance 4</code> for the curious\n"
        "<code>--model</code>, <code>--via</code> see /models"
    ),
    N_(
        "<b>From pictures</b>: put /imagine in a photo's caption, or reply to a photo\n"
        "one picture: a new one from it; <code>--strength 0.3</code> keeps more of it\n"
        "several, or <code>--blend 0.6</code>: mixed, with the words\n"
        "<code>--mask</code> repaints a part: reply to a photo with a copy of it where you "
        "painted over that part\n"
        "<code>--depth</code> keeps only its space and shapes"
    ),
    N_(
        "<b>Also</b>\n"
        "/imagine on its own: choose style, shape and more by buttons\n"
        "/history your pictures · /settings what they are like\n"
        "/quota what you have left · /cancel stops your requests\n"
        "/language the language I speak with you · /forgetme deletes what I know of you\n"
        "A picture costs one unit, or what /models says. What fails, is canceled or is censored "
        "costs nothing."
    ),
)
"""Its paragraphs; `how_to` puts them together."""
NOT_UNDERSTOOD = N_(
    "I draw when a message begins with /imagine, like this: "
    "<code>/imagine a fox in the snow</code>\n/help shows everything I can do."
)
GROUP_ON = N_("I'm on in this group. Try <code>/imagine a fox in the snow</code>")
GROUP_OFF = N_("I'm off in this group now. An admin can send /enable to turn me on again.")
GROUP_HINT = N_("I'm off in this group. As an admin, send /enable to turn me on.")
GROUPS_ONLY = N_("This command is for groups. In a private chat I'm always on.")
ADMINS_ONLY = N_("Only this group's admins can do that.")
NOT_YOURS = N_("Only the person who asked for this picture, or a group admin, can cancel it.")
NOTHING_TO_CANCEL = N_("You have nothing waiting or being drawn in this chat.")
CANCEL_ACCEPTED = N_("Canceled. It cost nothing.")
ALREADY_ENDED = N_("This request is finished already.")
TROUBLES = {
    Trouble.NO_CREDIT: N_(
        "The account at <b>{provider}</b> is empty. Its jobs go to other providers where there "
        "are any. Top it up; I try it again every ten minutes."
    ),
    Trouble.KEY_REFUSED: N_(
        "<b>{provider}</b> refuses this bot's key. Its jobs go to other providers where there are "
        "any. Put a new key into its setting and start the bot again."
    ),
}
"""For the bot's owners: what only they can mend."""


def how_to(*more: str) -> str:
    """The answer to /help; `more` are paragraphs that not everybody gets, as they are said."""
    return "\n\n".join([*map(_, HELP), *more])


def canceled_many(count: int) -> str:
    return ngettext("Canceled {count} request.", "Canceled {count} requests.", count).format(
        count=count
    )


def trouble(found: Trouble, provider: str) -> str:
    return _(TROUBLES[found]).format(provider=escape(provider))


def more_refused(names: str) -> str:
    """The last line of a group's notice that has more lines than can be shown."""
    return _("… and more for {names}").format(names=names)
