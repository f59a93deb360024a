"""A list's word in its usual forms. Endings and no dictionary: lists name what needs more."""

_ENGLISH = ("", "s", "es", "ed", "ing", "er", "ers", "y")
_RUSSIAN = (
    # nouns and adjectives, by case
    "", "а", "я", "у", "ю", "о", "е", "ы", "и", "ь", "ой", "ей", "ою", "ею", "ом", "ем", "ам",
    "ям", "ами", "ями", "ах", "ях", "ов", "ев", "ью", "ья", "ье", "ия", "ие", "ии", "ию", "ием",
    "ией", "иям", "иями", "иях", "ый", "ий", "ая", "яя", "ое", "ее", "ые", "ого", "его", "ому",
    "ему", "ым", "им", "ую", "юю", "ых", "их", "ыми", "ими",
    # verbs, in the present and the past
    "ть", "ться", "ет", "ешь", "ут", "ют", "ит", "ишь", "ат", "ят", "ает", "ают", "ать", "аться",
    "ал", "ала", "али", "ить", "ил", "ила", "или", "ует", "уют",
)  # fmt: skip
_RUSSIAN_FOLDED = frozenset(ending.replace("й", "и") for ending in _RUSSIAN)


def forms(word: str) -> frozenset[str]:
    """Of a folded word: itself, or with `~` at its end everything it grows into."""
    stem, wanted, _ = word.partition("~")
    is_russian = any("а" <= letter <= "я" for letter in stem)
    if not wanted:
        return frozenset({stem})
    if is_russian:
        return frozenset(stem + ending for ending in _RUSSIAN_FOLDED)
    base = stem.removesuffix("e")
    return frozenset({stem, f"{stem}s"} | {base + ending for ending in _ENGLISH if ending != ""})
