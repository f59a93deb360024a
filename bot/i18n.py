"""The languages the bot speaks. Messages are gettext's: the English words are their own keys.

    GROUP_OFF = N_("I'm off in this group.")          marked where it is defined,
    services.answers.reply(message, _(GROUP_OFF))     translated where it is said
    ngettext("{count} unit", "{count} units", count).format(count=count)

`_` and `ngettext` speak the language of the update at hand (`middlewares/locale.py`), or of
`with use_locale(...)` where a job is spoken of outside an update. Never an f-string inside: the
key would be another one each time. A catalog is `locales/<language>/LC_MESSAGES/messages.po`, as
`python -m docs.translations` leaves it; it is compiled when it is read.
"""

from contextlib import AbstractContextManager
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from aiogram.utils.i18n import I18n
from babel import localedata
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "en"
DOMAIN = "messages"


class Catalogs(I18n):
    """aiogram's I18n, reading the .po files themselves: nothing compiled can be out of date."""

    def find_locales(self) -> dict[str, GNUTranslations]:
        return {
            path.parent.parent.name: _compiled(path)
            for path in self.path.glob(f"*/LC_MESSAGES/{self.domain}.po")
        }


def _compiled(path: Path) -> GNUTranslations:
    binary = BytesIO()
    with path.open("rb") as file:
        write_mo(binary, read_po(file))
    binary.seek(0)
    return GNUTranslations(binary)


CATALOGS = Catalogs(path=LOCALES, default_locale=DEFAULT, domain=DOMAIN)
LANGUAGES: tuple[str, ...] = (DEFAULT, *sorted(CATALOGS.locales))
for _known in LANGUAGES:
    localedata.load(_known)  # months and cities, read now instead of on the event loop


def _(message: str) -> str:
    return CATALOGS.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form for `count`; the caller formats it."""
    return CATALOGS.gettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's name for a mark that changes nothing
    return message


def spoken(language_code: str | None) -> str:
    """The language for someone whose Telegram says `language_code` ("ru", "pt-br", None)."""
    language = (language_code or DEFAULT).partition("-")[0].lower()
    return language if language in LANGUAGES else DEFAULT


def language() -> str:
    """The one that is being spoken."""
    return CATALOGS.current_locale


def use_locale(language: str | None) -> AbstractContextManager[None]:
    """Speak this language inside the block; None is the default one."""
    return CATALOGS.use_locale(spoken(language))
