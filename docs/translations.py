"""Brings every catalog up to date with the words in the code: `python -m docs.translations`; with a
language's code (`python -m docs.translations de`) it begins that one. What is still untranslated is
listed; how to go on is in docs/translating.md.

A message that is gone takes its translation along, a changed one is a new one, and nothing is
guessed: a catalog holds what the bot says and no more. No dates and no line numbers, so that a
catalog only changes where the words do.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from bot.i18n import DOMAIN, LOCALES

ROOT = Path(__file__).parent.parent
SOURCES = ("bot/**/*.py", "providers/styles.py")
KEYWORDS = {"_": (0,), "N_": (0,), "ngettext": (0, 1), "Style": (1,)}
"""What marks a message, and which of its arguments are one; a Style's second is its title."""
HEADER = """\
# {name} words of the bot. See docs/translating.md.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
WIDTH = 100


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages() -> list[str]:
    """Those that have a catalog."""
    return sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(language: str) -> Catalog:
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


@cache
def spoken_in_code() -> Catalog:
    """Every message there is, with the files that say it."""
    found = Catalog()
    for path in sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)}):
        for line, message in marked_in(path.read_text("utf-8")):
            found.add(message, locations=[(path.relative_to(ROOT).as_posix(), line)])
    return found


def marked_in(source: str) -> list[tuple[int, str | tuple[str, ...]]]:
    """The messages and their lines. Babel's own reader overlooks those inside an f-string."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            places = KEYWORDS.get(node.func.id, ())
            texts = tuple(_text(node, place) for place in places)
            if texts and all(texts):
                found.append((node.lineno, texts if len(texts) > 1 else texts[0]))
    return sorted(found, key=lambda each: each[0])


def _text(call: ast.Call, place: int) -> str:
    """Empty for anything but a literal: a constant's name has its mark elsewhere."""
    match call.args[place : place + 1]:
        case [ast.Constant(value=str(text))]:
            return text
        case _other:
            return ""


def updated(language: str) -> Catalog:
    """All that the code says, with what is translated of it."""
    known, catalog = read(language), Catalog(locale=language)
    for message in messages(spoken_in_code()):
        old = known.get(message.id)
        if old is None or old.id != message.id or old.fuzzy:
            old = Message(message.id)
        catalog.add(
            message.id,
            string=old.string,
            locations=message.locations,
            user_comments=old.user_comments,
        )
    return catalog


def messages(catalog: Catalog) -> Iterator[Message]:
    """Without the header, which Babel counts as one."""
    return (message for message in catalog if message.id)


def untranslated(catalog: Catalog) -> list[str]:
    """What lacks its translation, or one of its plural forms."""
    return [
        first(message.id)
        for message in messages(catalog)
        if not all(message.string if message.pluralizable else [message.string])
    ]


def first(message_id: str | tuple[str, str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def text_of(catalog: Catalog, language: str) -> str:
    body = BytesIO()
    write_po(body, catalog, WIDTH, omit_header=True, sort_by_file=True, include_lineno=False)
    name = Locale.parse(language).english_name
    header = HEADER.format(name=name, code=language, plural_forms=catalog.plural_forms)
    return header + body.getvalue().decode().strip("\n") + "\n"


def update(language: str) -> None:
    catalog, path = updated(language), path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text_of(catalog, language), "utf-8")
    missing = untranslated(catalog)
    sys.stdout.write(f"{language}: {len(catalog)} messages, {len(missing)} untranslated\n")
    sys.stdout.writelines(f"  {text!r}\n" for text in missing)


if __name__ == "__main__":
    for code in sorted({*languages(), *sys.argv[1:]}):
        update(code)
