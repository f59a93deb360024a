"""The words of inline and guest mode; Telegram HTML where it is a message's text, as in `bot/texts`.

Titles, descriptions and buttons are plain.
"""

from html import escape

from bot.i18n import N_, _
from bot.texts import everyday as texts
from bot.texts.job import PROMPT_SHOWN

TITLE_SHOWN = 60  # characters
BUTTON_SHOWN = 60

DRAW = N_("Draw: {prompt}")
DRAW_COST = N_("A new picture, for {units}")
SOON = N_("<b>{prompt}</b>\n🖌 I draw it here in a moment. It costs {units}.")
SOON_HERE = N_("<b>{prompt}</b>\n🖌 I draw it here in a moment.")
WAITING = N_("On its way…")
NOT_BEGUN = N_(
    "This picture isn't being drawn, or isn't yours to stop. If nothing happens in a minute, please "
    "tell the owner of this bot to turn on inline feedback."
)
TYPE_WORDS = N_("Type what to draw, like: a fox in the snow")
DRAW_IN_PRIVATE = N_("Draw new pictures in a private chat")
CANT_READ = N_("Can't draw that: {reason}")
OFF = N_("I can't draw in other chats at the moment. Send me /imagine in a private chat.")
SUMMONED = N_("Tell me what to draw beside my name: <code>@{name} a fox in the snow</code>")
NO_PHOTO_HERE = N_(
    "Your picture is ready, but Telegram doesn't show it in this form here. It is in your history: "
    "send me /history in a private chat."
)
CANT_STORE = N_(
    "Your picture is ready, but I can't bring it here. It is in your history: send me /history in a "
    "private chat. The owner of this bot knows."
)
STORAGE_REFUSES = N_(
    "I can't send pictures to the storage chat <code>{chat}</code>, so those drawn in inline mode "
    "don't get into their messages. Let me in there as an admin, or change STORAGE_CHAT_ID."
)
STORAGE_MOVED = N_(
    "The storage chat became a supergroup: set STORAGE_CHAT_ID to <code>{chat}</code> before the "
    "next start."
)


def draw_title(prompt: str) -> str:
    return _(DRAW).format(prompt=_cut(prompt, TITLE_SHOWN))


def draw_cost(cost: int) -> str:
    return _(DRAW_COST).format(units=texts.units(cost))


def soon(prompt: str, cost: int) -> str:
    return _(SOON).format(prompt=escape(prompt, quote=False), units=texts.units(cost))


def soon_here(prompt: str) -> str:
    """Where the cost isn't told before: the prompt may be a photo's caption, or long."""
    return _(SOON_HERE).format(prompt=escape(_cut(prompt, PROMPT_SHOWN), quote=False))


def cant_read(reason: str) -> str:
    """`reason`: one of our texts."""
    return _cut(_(CANT_READ).format(reason=texts.plain(reason)), BUTTON_SHOWN)


def title_of(prompt: str) -> str:
    """A picture's caption where it is sent from the history."""
    return f"<b>{escape(_cut(prompt, PROMPT_SHOWN), quote=False)}</b>"


def summoned(username: str | None) -> str:
    return _(SUMMONED).format(name=escape(username or ""))


def storage_refuses(chat_id: int | None) -> str:
    return _(STORAGE_REFUSES).format(chat=chat_id)


def storage_moved(chat_id: int) -> str:
    return _(STORAGE_MOVED).format(chat=chat_id)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
