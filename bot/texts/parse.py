"""What is wrong with a command, and how it should be; Telegram HTML."""

from html import escape

from bot.i18n import N_, _
from bot.parsing import ParseError, ParseReason

NO_TEXT = N_("Tell me what to draw: <code>/imagine a fox in the snow</code>")
EMPTY_PROMPT = N_(
    "There are options but no description. Tell me what to draw: "
    "<code>/imagine a fox in the snow --ar 16:9</code>"
)
SEE_HELP = N_("See /help.")
DID_YOU_MEAN = N_("Did you mean {nearest}?")


def parse_error(error: ParseError) -> str:
    option, value = _option(error.option), f"<code>{escape(error.value)}</code>"
    match error.reason:
        case ParseReason.NO_TEXT:
            return _(NO_TEXT)
        case ParseReason.EMPTY_PROMPT:
            return _(EMPTY_PROMPT)
        case ParseReason.UNKNOWN_OPTION:
            what = _("I don't know {option}.").format(option=option)
            return f"{what} {_option_meant(error.nearest)}"
        case ParseReason.MISSING_VALUE:
            return _("{option} needs a value after it. See /help.").format(option=option)
        case ParseReason.UNCLOSED_QUOTE:
            words = _("The quote after {option} is never closed. Add the closing quote.")
            return words.format(option=option)
        case ParseReason.BAD_VALUE | ParseReason.OUT_OF_RANGE:
            what = _("{option} can't be {value}.").format(option=option, value=value)
            return f"{what} {_allowed_range(error)}"
        case ParseReason.UNKNOWN_VALUE:
            what = _("There is no {option} {value}.")
            what = what.format(option=escape(error.option), value=value)
            return f"{what} {_allowed_names(error)}"


def _option(name: str) -> str:
    return f"<code>--{escape(name)}</code>"


def _option_meant(nearest: str | None) -> str:
    return _(DID_YOU_MEAN).format(nearest=_option(nearest)) if nearest else _(SEE_HELP)


def _value_meant(nearest: str) -> str:
    return _(DID_YOU_MEAN).format(nearest=f"<code>{escape(nearest)}</code>")


def _allowed_range(error: ParseError) -> str:
    hint = _(SEE_HELP)
    if error.allowed:
        lowest, highest = map(escape, error.allowed)
        hint = _("Use {lowest} to {highest}.").format(lowest=lowest, highest=highest)
    return f"{hint} {_value_meant(error.nearest)}" if error.nearest else hint


def _allowed_names(error: ParseError) -> str:
    if error.nearest:
        return _value_meant(error.nearest)
    if not error.allowed:
        return _("No model here takes {option}.").format(option=_option(error.option))
    names = ", ".join(map(escape, error.allowed))
    return _("Choose one of: {names}.").format(names=names)
