"""The words of /settings; Telegram HTML, as in `bot/texts`."""

from html import escape

from bot.i18n import N_, _
from bot.texts import guided as texts
from bot.texts import language as texts_language
from bot.usecases.menu import Menu, Ratio
from bot.usecases.preferences import Preferences

TITLE = N_("<b>Your settings</b>")
EXPLAINED = N_("They count wherever your /imagine doesn't say otherwise.")
LANGUAGE = N_("Language: {language}")
FILES = N_("Originals as files: {choice}")
YES = N_("yes")
NO = N_("no")
NOT_SET = N_("not set")
NO_PREFERENCE = N_("No preference")
FILES_EXPLAINED = N_(
    "In our private chat the original comes along with each picture, as a file in full quality."
)
AS_IN_TELEGRAM = N_("as in Telegram")
PRIVATE_ONLY = N_("Your settings are your own: send /settings in our private chat.")


def page(preferences: Preferences, menu: Menu, language: str | None) -> str:
    always = preferences.always
    lines = [style(always.style), shape(always.ratio)]
    if len(menu.models) > 1:
        lines.append(model(always.model))
    lines += [speaks(language), files(wanted=preferences.files)]
    told = ["", _(FILES_EXPLAINED)] if preferences.files else []
    listed = [escape(line, quote=False) for line in lines]
    return "\n".join([_(TITLE), _(EXPLAINED), "", *listed, *told])


# Plain, for buttons as well.


def style(name: str | None) -> str:
    return _(texts.STYLE).format(style=texts.style_button(name) if name else _(NOT_SET))


def shape(ratio: Ratio | None) -> str:
    return _(texts.SHAPE).format(shape=texts.shape(ratio) if ratio else _(NOT_SET))


def model(name: str | None) -> str:
    return _(texts.MODEL).format(model=name or _(texts.ANY_MODEL))


def speaks(language: str | None) -> str:
    return _(LANGUAGE).format(language=name_of(language))


def name_of(language: str | None) -> str:
    return texts_language.name_of(language) if language else _(AS_IN_TELEGRAM)


def files(*, wanted: bool) -> str:
    return _(FILES).format(choice=_(YES) if wanted else _(NO))
