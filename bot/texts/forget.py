"""What /forgetme says: what goes, what stays, and afterwards what went."""

from bot.i18n import N_, _, ngettext
from bot.usecases.forget import Forgotten

ASK = N_(
    "<b>Shall I forget you?</b>\n\n"
    "I delete what you asked for and the pictures it gave, those you sent me, your history, your "
    "settings and language, your name and @username, and whatever you haven't sent yet. What is "
    "being drawn for you is canceled.\n\n"
    "This stays, under a keyed hash in place of your id: how many units were spent and when, extra "
    "units, whether you are on the list, strikes and a ban. It counts again if you come back.\n\n"
    "Messages in our chats are yours and the groups': delete them there. Services that drew for you "
    "keep what their own rules say."
)
YES_BUTTON = N_("Forget me")
NO_BUTTON = N_("Keep everything")
KEPT = N_("Nothing was deleted.")
IN_PRIVATE = N_("Send /forgetme to me in a private chat.")
STAYS = N_(
    "Your history, settings and names are gone too. Sums of units, strikes and bans stay under a "
    "keyed hash. If you write to me again, we start anew."
)


def done(forgotten: Forgotten) -> str:
    jobs = ngettext("{count} request", "{count} requests", forgotten.jobs)
    pictures = ngettext("{count} picture", "{count} pictures", forgotten.pictures)
    told = _("✓ Forgotten: {requests} and {pictures}.").format(
        requests=jobs.format(count=forgotten.jobs),
        pictures=pictures.format(count=forgotten.pictures),
    )
    return f"{told} {_(STAYS)}"
