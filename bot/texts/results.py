"""The words under, about and after a finished picture; Telegram HTML, as in `bot/texts`."""

from html import escape

from bot.i18n import N_, _
from bot.telegram.shortening import shorten
from bot.usecases.spec import JobSpec, Kin, Lineage
from storage.records import Job

PROMPT_SHOWN = 60  # characters of a parent's
SUPERGROUP = -1_000_000_000_000  # ids of those with links to their messages are below

MENTION = '<a href="tg://user?id={user_id}">{name}</a>'
LINK = '<a href="{address}">{words}</a>'

AGAIN = N_("Again")
VARY = N_("Vary")
HD = N_("HD")
EDIT = N_("Edit prompt")
RATIO = N_("Ratio")
STYLE = N_("Style")
FILE = N_("File")
COPY_PROMPT = N_("Copy prompt")
COPY_SEED = N_("Copy seed")
DELETE = N_("Delete")
DELETE_NOW = N_("Delete? Yes")
NO = N_("No")
BACK = N_("Back")

DRAWING = {
    Kin.AGAIN: N_("Drawing another one…"),
    Kin.VARIED: N_("Drawing a variation…"),
    Kin.LARGER: N_("Drawing it larger…"),
    Kin.RESHAPED: N_("Drawing it in another shape…"),
    Kin.RESTYLED: N_("Drawing it in another style…"),
}
NEW_SEED = N_("Drawing another one, with a new seed instead of {seed}…")
IN_A_MOMENT = N_("On its way…")
JUST_PRESSED = N_("I'm on it already.")
FILE_COMES = N_("The file is on its way…")
ALONE_COMES = N_("Number {number} is on its way…")
PROMPT_COMES = N_("It is too long for a button, so I send it…")
ASKED = N_("Reply to my question with the new description.")
DELETED = N_("Deleted. What it cost stays spent.")
REMOVED = N_("This message is gone. The picture stays under the first one.")
PLACEHOLDER = N_("This picture was deleted.")

NOT_YOUR_PICTURE = N_("Only the person who asked for this picture, or a group admin, can do that.")
RESULT_GONE = N_("I don't have this picture any more. Send /imagine to draw a new one.")
NOT_READY = N_("This picture isn't finished yet.")
NOTHING_LARGER = N_("None of my models can make this picture larger.")
NOTHING_NEAR = N_("None of my models can vary this picture. Try Again.")
CHOICE_GONE = N_("That style isn't there any more. See /styles.")
NOT_INLINE = N_("This works only under pictures in a chat with me. Open one and try it there.")
CHAT_IS_OFF = N_("I'm off in this group. An admin can send /enable.")
WHICH_PICTURE = N_(
    "These are several pictures in one. Press U1, U2, … below it, and reply to the one I send then."
)
FILE_IS_COVERED = N_(
    "This picture is covered, and a file can't be. Ask me for it in a private chat."
)
UNKNOWN_BUTTON = N_("I don't know this button any more. Send /imagine to begin anew.")

QUESTION = N_(
    "{name}, reply to this message with the new description. Everything else stays as it was, "
    "unless you add options like <code>--ar 16:9</code>.\n\n<code>{prompt}</code>"
)
QUESTION_HINT = N_("The new description")

LINEAGE = {
    Kin.AGAIN: N_("another try of {parent}"),
    Kin.VARIED: N_("a variation of {parent}"),
    Kin.LARGER: N_("larger than {parent}"),
    Kin.RESHAPED: N_("another shape of {parent}"),
    Kin.RESTYLED: N_("another style of {parent}"),
    Kin.REWORDED: N_("new words for {parent}"),
    Kin.REMIXED: N_("a remix of {parent}"),
}
THIS_PICTURE = N_("this picture")
PICTURE_NUMBER = N_("picture {number}")


def drawing(kin: Kin, seed_given_up: int | None = None) -> str:
    if seed_given_up is not None:
        return _(NEW_SEED).format(seed=seed_given_up)
    return _(DRAWING[kin])


def question(name: str, user_id: int, prompt: str) -> str:
    """The name is a mention: without one, Telegram would open everyone's reply box."""
    mention = MENTION.format(user_id=user_id, name=escape(name))
    return _(QUESTION).format(name=mention, prompt=escape(prompt, quote=False))


def prompt_to_copy(prompt: str) -> str:
    return f"<code>{escape(prompt, quote=False)}</code>"


def lineage(job: Job, spec: JobSpec) -> list[str]:
    """The line that says what a picture came from; none where it came from words alone."""
    if spec.lineage is None:
        return []
    words = _(LINEAGE[spec.lineage.kin])
    return ["↳ " + words.format(parent=_parent(job.chat_id, spec.lineage))]


def _parent(chat_id: int, lineage: Lineage) -> str:
    if lineage.prompt:
        words = f"“{escape(shorten(lineage.prompt, PROMPT_SHOWN), quote=False)}”"
    elif lineage.picture:
        words = _(PICTURE_NUMBER).format(number=lineage.picture)
    else:
        words = _(THIS_PICTURE)
    link = message_link(chat_id, lineage.message_id)
    return LINK.format(address=link, words=words) if link else words


def message_link(chat_id: int, message_id: int) -> str | None:
    """Only supergroups have links to their messages; elsewhere the reply itself leads there."""
    if chat_id >= SUPERGROUP:
        return None
    return f"https://t.me/c/{SUPERGROUP - chat_id}/{message_id}"
