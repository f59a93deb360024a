"""The words about the language spoken; Telegram HTML."""

from babel import Locale

from bot.i18n import N_

CHOOSE = N_("Which language shall I speak with you?")
AS_IN_TELEGRAM = N_("As in Telegram")
CHOSEN = N_("I speak English with you now.")
"""Each translation names its own language instead."""


def name_of(language: str) -> str:
    """As its own speakers call it."""
    name = Locale.parse(language).get_display_name() or language
    return name[0].upper() + name[1:]
