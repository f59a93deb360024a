"""What admins read about a message to everybody."""

from bot.i18n import N_, _, ngettext
from storage.records import Broadcast, BroadcastState

HOW_TO = N_(
    "Write the message here first, as it should look, then reply to it with /broadcast. I show it "
    "once more before anything is sent."
)
CANT_COPY = N_("Telegram doesn't let me copy this kind of message. Try another one.")
GONE = N_("Its original was deleted, so it can't be sent any further.")
SEND, CANCEL, STOP = N_("Send"), N_("Cancel"), N_("Stop")
HEADINGS = {
    BroadcastState.PREVIEW: N_("Not sent yet"),
    BroadcastState.RUNNING: N_("📣 Sending…"),
    BroadcastState.STOPPED: N_("⏹ Stopped"),
    BroadcastState.DONE: N_("✓ Sent to everyone"),
}


def question(people: int) -> str:
    return ngettext("Send this to {count} person?", "Send this to {count} people?", people).format(
        count=people
    )


def report(it: Broadcast, left: int) -> str:
    lines = [
        f"<b>{_(HEADINGS[it.state])}</b>",
        _("{sent} sent · {blocked} have blocked the bot · {failed} failed").format(
            sent=it.sent, blocked=it.blocked, failed=it.failed
        ),
    ]
    if left and it.state is not BroadcastState.DONE:
        lines.append(ngettext("{count} to go", "{count} to go", left).format(count=left))
    return "\n".join(lines)
