"""What admins read of a group's settings, and everyone of its rules."""

from collections.abc import Mapping
from html import escape

from bot.commands.chat_words import OFF
from bot.i18n import N_, _
from bot.texts import everyday as texts
from bot.usecases.errors import CoolingDown, QuietHours, WrongChatSetting

TITLE = N_("Settings of this group")
HOW = N_("Press a button, or type for example <code>/chatsettings cooldown 60</code>")
CLOSE = N_("Close")
BACK = N_("« Back")
SETTINGS = {
    "enabled": N_("Drawing"),
    "who": N_("Who may ask"),
    "style": N_("Style"),
    "ratio": N_("Shape"),
    "model": N_("Model"),
    "cooldown": N_("Pause"),
    "quiet": N_("Quiet hours"),
    "nsfw": N_("Sensitive pictures"),
    "delete": N_("Delete results"),
    "topics": N_("Topics"),
}
EXPLAINED = {
    "enabled": N_("Whether I draw in this group at all."),
    "who": N_("Who may ask me for pictures here."),
    "style": N_("The style where a request names none."),
    "ratio": N_("The shape where a request names none. Any from 1:3 to 3:1 can be typed."),
    "model": N_("The model where a request names none."),
    "cooldown": N_(
        "How long one person waits between two requests. Any number of seconds up to "
        "86400 can be typed."
    ),
    "quiet": N_(
        "Hours in which I draw nothing here. Any two can be typed, like <code>22-8</code>."
    ),
    "nsfw": N_(
        "What I do with pictures my own check finds sensitive. What a service censors stays "
        "censored."
    ),
    "delete": N_(
        "After how long I delete my results. Any number of minutes up to 2820 can be typed."
    ),
    "topics": N_(
        "Where I draw. Press “this topic” in each topic you want; press it again to take one out."
    ),
}
VALUES = {
    "on": N_("on"),
    OFF: N_("off"),
    "everyone": N_("everyone"),
    "admins": N_("admins only"),
    "block": N_("not shown"),
    "spoiler": N_("covered"),
    "allow": N_("shown"),
    "all": N_("all"),
    "here": N_("this topic"),
}
NOT_CHOSEN = N_("no preference")
HOURS = N_("{begin}:00 to {end}:00")
SOME_TOPICS = N_("only some")

ADMINS_ONLY_DRAW = N_("In this group only its admins can ask me for pictures.")
TOPIC_NOT_ALLOWED = N_("I don't draw in this topic. Try another one of this group.")
QUIET = N_("It's quiet time in this group until {time} ({zone}). Please ask again then.")
COOLING_DOWN = N_("In this group there's a pause between requests. Ask again in {wait}.")
NO_SUCH_SETTING = N_("There is no such setting. Send /chatsettings to see them all.")
WRONG_VALUE = N_("I can't set this: {explained}")
NOT_ALLOWED = N_(
    "I work only in the groups my owner has chosen, and this one isn't among them. Its id is "
    "<code>{chat}</code>."
)


def overview(words: Mapping[str, str]) -> str:
    lines = [f"{_(SETTINGS[name])}: <b>{escape(_value(name, words[name]))}</b>" for name in words]
    return "\n".join([f"<b>{_(TITLE)}</b>", *lines, "", _(HOW)])


def page(name: str, value: str) -> str:
    now = f"{_(SETTINGS[name])}: <b>{escape(_value(name, value))}</b>"
    return f"{now}\n{_(EXPLAINED[name])}"


def setting(name: str, value: str) -> str:
    """On a button of the first page: plain text."""
    return f"{_(SETTINGS[name])}: {_value(name, value)}"


def choice(name: str, value: str, *, chosen: bool) -> str:
    """On a button that chooses this value: plain text."""
    return ("✓ " if chosen else "") + _value(name, value)


def close() -> str:
    return _(CLOSE)


def back() -> str:
    return _(BACK)


def _value(name: str, value: str) -> str:
    match name:
        case "style" | "ratio" | "model":
            return _(NOT_CHOSEN) if value == OFF else value
        case "cooldown" if value != OFF:
            return texts.duration(int(value))
        case "delete" if value != OFF:
            return texts.duration(60 * int(value))
        case "quiet" if value != OFF:
            begin, _dash, end = value.partition("-")
            return _(HOURS).format(begin=begin, end=end)
        case "topics" if value not in VALUES:
            return _(SOME_TOPICS)
        case _:
            return _(VALUES[value])


def quiet_hours(error: QuietHours) -> str:
    zone = escape(str(error.until.tzinfo))
    return _(QUIET).format(time=f"{error.until:%H:%M}", zone=zone)


def cooling_down(error: CoolingDown) -> str:
    return _(COOLING_DOWN).format(wait=texts.duration(error.seconds))


def not_allowed(chat_id: int) -> str:
    return _(NOT_ALLOWED).format(chat=chat_id)


def wrong_setting(error: WrongChatSetting) -> str:
    if error.name not in EXPLAINED:
        return _(NO_SUCH_SETTING)
    return _(WRONG_VALUE).format(explained=_(EXPLAINED[error.name]))
