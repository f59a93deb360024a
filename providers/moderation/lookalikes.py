"""Characters that are taken for letters of another alphabet, as tables for `str.translate`.

Only what is left after folding counts: small letters without marks (`providers.moderation.folding`).
"""

Table = dict[int, str]

_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщъыьэюя"

_LATIN_LOOKALIKES = {
    # Cyrillic: the capitals' shapes count too, and Я is read as R
    "а": "a", "в": "b", "г": "r", "е": "e", "з": "z", "и": "u", "к": "k", "м": "m", "н": "h",
    "о": "o", "п": "n", "р": "p", "с": "c", "т": "t", "у": "y", "х": "x", "ш": "w", "ь": "b",
    "я": "r", "і": "i", "ј": "j", "ѕ": "s", "һ": "h", "ԁ": "d", "ԛ": "q", "ԝ": "w", "ѵ": "v",
    "ӏ": "l", "ү": "y", "є": "e", "ғ": "f",
    # Greek
    "α": "a", "β": "b", "γ": "y", "δ": "d", "ε": "e", "ζ": "z", "η": "n", "θ": "o", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "v", "ο": "o", "π": "n", "ρ": "p", "σ": "s", "τ": "t",
    "υ": "u", "χ": "x", "ω": "w", "ϳ": "j", "ϝ": "f",
    # Armenian
    "հ": "h", "ո": "n", "ս": "u", "օ": "o", "ց": "g", "յ": "j", "զ": "q", "ք": "p",
    # Latin itself: small capitals, crossed and phonetic letters
    "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h", "ɪ": "i",
    "ᴊ": "j", "ᴋ": "k", "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ǫ": "q", "ʀ": "r",
    "ꜱ": "s", "ᴛ": "t", "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z", "ı": "i", "ɑ": "a",
    "ɡ": "g", "ȷ": "j", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ƒ": "f", "ð": "d",
    "æ": "ae", "œ": "oe", "ɩ": "i", "ʋ": "u", "ɛ": "e", "ɔ": "c", "ɲ": "n", "ŋ": "n",
}  # fmt: skip

_CYRILLIC_LOOKALIKES = {
    "a": "а", "b": "в", "c": "с", "d": "д", "e": "е", "g": "г", "h": "н", "i": "и", "k": "к",
    "l": "л", "m": "м", "n": "п", "o": "о", "p": "р", "r": "г", "t": "т", "u": "и", "w": "ш",
    "x": "х", "y": "у",
}  # fmt: skip


def _table(*pairs: tuple[str, str]) -> Table:
    return {ord(shown): meant for shown, meant in pairs}


def _cyrillic_table() -> Table:
    """A letter of a third alphabet goes by way of the Latin one it looks like."""
    by_way = {
        shown: _CYRILLIC_LOOKALIKES[latin]
        for shown, latin in _LATIN_LOOKALIKES.items()
        if shown not in _RUSSIAN and latin in _CYRILLIC_LOOKALIKES
    }
    return _table(*(_CYRILLIC_LOOKALIKES | by_way).items())


# What looks like a letter within every alphabet: flags, and letters in filled boxes and circles.
_BOXED_FROM = (0x1F1E6, 0x1F150, 0x1F170)
BOXED: Table = {first + i: chr(ord("a") + i) for first in _BOXED_FROM for i in range(26)}

TO_LATIN = _table(*_LATIN_LOOKALIKES.items())
TO_CYRILLIC = _cyrillic_table()


def _digits(shown: str, meant: str) -> Table:
    return _table(*zip(shown, meant, strict=True))


_LATIN_DIGITS = _digits("03456789@$", "oeasgtbgas")
_CYRILLIC_DIGITS = _digits("016@$!|", "оибасии")

READINGS: tuple[Table, ...] = (
    TO_LATIN,
    TO_LATIN | _LATIN_DIGITS | _digits("1!|", "iii"),
    TO_LATIN | _LATIN_DIGITS | _digits("1!|", "lll"),
    TO_CYRILLIC,
    TO_CYRILLIC | _CYRILLIC_DIGITS | _digits("34", "зч"),
    TO_CYRILLIC | _CYRILLIC_DIGITS | _digits("34", "еа"),
)
"""Each a way to read a word whose characters aren't what they seem."""
