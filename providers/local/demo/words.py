# ruff: noqa: RUF001 -- Russian letters are meant
"""The words for everything a picture can hold, in English and in Russian. Needs nothing but Python.

Russian nouns are given in the cases that the captions use, adjectives by stem and kind of ending.
"""

from dataclasses import dataclass

ENGLISH_OBJECTS: dict[str, tuple[tuple[str, str], ...]] = {
    "star": (("star", "stars"), ("little star", "little stars")),
    "heart": (("heart", "hearts"), ("love heart", "love hearts")),
    "cat": (("cat", "cats"), ("kitten", "kittens"), ("kitty", "kitties")),
    "fox": (("fox", "foxes"), ("fox face", "fox faces"), ("fox head", "fox heads")),
    "fish": (("fish", "fish"), ("goldfish", "goldfish"), ("fish", "fishes")),
    "house": (("house", "houses"), ("home", "homes"), ("cottage", "cottages"), ("hut", "huts")),
    "tree": (("tree", "trees"), ("oak", "oaks"), ("oak tree", "oak trees")),
    "car": (("car", "cars"), ("automobile", "automobiles"), ("auto", "autos")),
    "boat": (("boat", "boats"), ("ship", "ships"), ("sailboat", "sailboats"), ("yacht", "yachts")),
    "flower": (("flower", "flowers"), ("blossom", "blossoms"), ("daisy", "daisies")),
    "mushroom": (("mushroom", "mushrooms"), ("toadstool", "toadstools")),
    "balloon": (
        ("balloon", "balloons"),
        ("hot air balloon", "hot air balloons"),
        ("hot-air balloon", "hot-air balloons"),
        ("air balloon", "air balloons"),
    ),
    "butterfly": (("butterfly", "butterflies"), ("moth", "moths")),
    "apple": (("apple", "apples"),),
}
"""One and many; the first pair is the usual word."""

ENGLISH_COLOURS: dict[str, tuple[str, ...]] = {
    "red": ("red", "scarlet", "crimson"),
    "orange": ("orange", "ginger"),
    "yellow": ("yellow", "golden", "gold"),
    "green": ("green", "emerald"),
    "cyan": ("cyan", "turquoise", "aqua", "light blue", "teal"),
    "blue": ("blue", "dark blue", "navy"),
    "purple": ("purple", "violet", "lilac"),
    "pink": ("pink", "rosy"),
    "brown": ("brown", "chestnut"),
    "black": ("black",),
    "white": ("white",),
    "gray": ("gray", "grey", "silver"),
}
ENGLISH_SIZES = {
    "small": ("small", "tiny", "little"),
    "medium": ("medium-sized", "medium"),
    "large": ("large", "big", "huge"),
}
ENGLISH_COUNTS = {"two": ("two", "2", "a pair of", "a couple of"), "three": ("three", "3")}
ENGLISH_RELATIONS = {
    "left": ("to the left of", "left of", "on the left of"),
    "right": ("to the right of", "right of", "on the right of"),
    "above": ("above", "over", "on top of", "on"),
    "below": ("below", "under", "beneath"),
}
ENGLISH_TOGETHER = ("and", "next to", "beside", "with", "near", "by")
ENGLISH_PLACES = {
    "meadow": (
        "in a meadow", "on green hills", "on the grass", "in a field", "on a meadow", "over green hills",
        "on a hill", "in the hills", "in the garden", "in a park",
    ),
    "sea": (
        "by the sea", "at sea", "on the sea", "at the beach", "on the water", "in the ocean", "on the beach",
        "in the sea", "over the sea",
    ),
    "city": ("in the city", "in a city", "in the town", "on a city street", "among skyscrapers", "over the city"),
    "snow": ("in the snow", "in winter", "on snow", "in a snowy field", "under falling snow", "in winter snow"),
    "desert": ("in the desert", "in a desert", "on sand dunes", "on the sand", "over the desert"),
    "forest": ("in the forest", "in a forest", "in the woods", "among fir trees", "in a dark forest"),
    "space": ("in space", "in outer space", "among planets", "in the cosmos", "in the universe"),
}  # fmt: skip
ENGLISH_TIMES = {
    "day": ("by day", "on a sunny day", "during the day", "in daylight", "in the morning"),
    "sunset": ("at sunset", "at dusk", "in the evening", "at dawn", "at sunrise"),
    "night": (
        "at night",
        "by night",
        "under the moon",
        "in moonlight",
        "at midnight",
        "under a starry sky",
    ),
}
ENGLISH_STYLES = {
    "pixel": ("pixel art", "pixel-art", "pixelated", "8-bit", "16-bit", "pixel art, 16-bit, limited palette"),
    "pencil": (
        "pencil sketch", "pencil-sketch", "pencil drawing", "sketch", "pencil",
        "pencil sketch on paper, hatching, monochrome",
    ),
    "watercolor": (
        "watercolor", "watercolour", "watercolor painting", "aquarelle",
        "watercolor painting, soft washes, paper texture",
    ),
    "neon": ("neon", "neon lights", "neon glow", "glowing neon", "glowing neon lights, dark background, vivid colors"),
    "plain": (
        "flat illustration", "cartoon", "clip art", "simple drawing",
        "painting in the style of Wassily Kandinsky, abstract geometric shapes, vivid colors",
        "ultra high definition, highly detailed, sharp focus",
        "anime style, clean line art, cel shading",
        "photograph, natural light, realistic, high detail",
    ),
}  # fmt: skip
"""Among them the words that the bot puts after a prompt for services without styles."""


@dataclass(frozen=True, slots=True)
class Noun:
    """gender: m, f or n. nominative, genitive, instrumental, accusative are singular, plural is
    nominative, plenty is genitive plural ("five ..."). living decides the accusative plural.
    """

    gender: str
    nominative: str
    genitive: str
    instrumental: str
    accusative: str
    plural: str


def _nouns(*rows: str) -> tuple[Noun, ...]:
    return tuple(Noun(*row.split()) for row in rows)


def _phrase(first: str, noun: Noun) -> Noun:
    """A fixed adjective before a masculine noun, as in "воздушный шар"."""
    return Noun(
        noun.gender,
        f"{first}ый {noun.nominative}",
        f"{first}ого {noun.genitive}",
        f"{first}ым {noun.instrumental}",
        f"{first}ый {noun.accusative}",
        f"{first}ые {noun.plural}",
    )


_BALLOON, _LITTLE_BALLOON = _nouns(
    "m шар шара шаром шар шары", "m шарик шарика шариком шарик шарики"
)
RUSSIAN_OBJECTS: dict[str, tuple[Noun, ...]] = {
    "star": _nouns(
        "f звезда звезды звездой звезду звёзды", "f звёздочка звёздочки звёздочкой звёздочку звёздочки"
    ),
    "heart": _nouns(
        "n сердце сердца сердцем сердце сердца", "n сердечко сердечка сердечком сердечко сердечки"
    ),
    "cat": _nouns(
        "m кот кота котом кота коты", "f кошка кошки кошкой кошку кошки", "m котик котика котиком котика котики",
        "m котёнок котёнка котёнком котёнка котята", "f киса кисы кисой кису кисы",
    ),
    "fox": _nouns(
        "f лиса лисы лисой лису лисы", "f лисичка лисички лисичкой лисичку лисички", "m лис лиса лисом лиса лисы",
        "f лисица лисицы лисицей лисицу лисицы",
    ),
    "fish": _nouns("f рыба рыбы рыбой рыбу рыбы", "f рыбка рыбки рыбкой рыбку рыбки"),
    "house": _nouns("m дом дома домом дом дома", "m домик домика домиком домик домики"),
    "tree": _nouns("n дерево дерева деревом дерево деревья", "n деревце деревца деревцем деревце деревца"),
    "car": _nouns(
        "f машина машины машиной машину машины", "f машинка машинки машинкой машинку машинки",
        "m автомобиль автомобиля автомобилем автомобиль автомобили",
    ),
    "boat": _nouns(
        "f лодка лодки лодкой лодку лодки", "m корабль корабля кораблём корабль корабли",
        "m кораблик кораблика корабликом кораблик кораблики", "m парусник парусника парусником парусник парусники",
        "f яхта яхты яхтой яхту яхты",
    ),
    "flower": _nouns(
        "m цветок цветка цветком цветок цветы", "m цветочек цветочка цветочком цветочек цветочки",
        "f ромашка ромашки ромашкой ромашку ромашки",
    ),
    "mushroom": _nouns("m гриб гриба грибом гриб грибы", "m грибок грибка грибком грибок грибки"),
    "balloon": (_phrase("воздушн", _BALLOON), _BALLOON, _phrase("воздушн", _LITTLE_BALLOON), _LITTLE_BALLOON),
    "butterfly": _nouns("f бабочка бабочки бабочкой бабочку бабочки", "m мотылёк мотылька мотыльком мотылька мотыльки"),
    "apple": _nouns("n яблоко яблока яблоком яблоко яблоки", "n яблочко яблочка яблочком яблочко яблочки"),
}  # fmt: skip

RUSSIAN_COLOURS: dict[str, tuple[tuple[str, str], ...]] = {
    "red": (("красн", "hard"), ("ал", "hard")),
    "orange": (("оранжев", "hard"), ("рыж", "hush")),
    "yellow": (("жёлт", "hard"), ("золот", "stressed")),
    "green": (("зелён", "hard"), ("изумрудн", "hard")),
    "cyan": (("бирюзов", "hard"), ("голуб", "stressed")),
    "blue": (("син", "soft"), ("тёмно-син", "soft")),
    "purple": (("фиолетов", "hard"), ("сиренев", "hard"), ("пурпурн", "hard"), ("лилов", "hard")),
    "pink": (("розов", "hard"),),
    "brown": (("коричнев", "hard"), ("бур", "hard")),
    "black": (("чёрн", "hard"),),
    "white": (("бел", "hard"),),
    "gray": (("сер", "hard"), ("серебрист", "hard")),
}
RUSSIAN_SIZES: dict[str, tuple[tuple[str, str], ...]] = {
    "small": (("маленьк", "velar"), ("крошечн", "hard")),
    "medium": (("средн", "soft"),),
    "large": (("больш", "big"), ("огромн", "hard")),
}
ENDINGS: dict[str, tuple[str, ...]] = {
    # m nominative, f nominative, n nominative, plural, m/n genitive, f genitive,
    # m/n instrumental, f instrumental, f accusative, genitive plural, m prepositional
    "hard": ("ый", "ая", "ое", "ые", "ого", "ой", "ым", "ой", "ую", "ых", "ом"),
    "stressed": ("ой", "ая", "ое", "ые", "ого", "ой", "ым", "ой", "ую", "ых", "ом"),
    "soft": ("ий", "яя", "ее", "ие", "его", "ей", "им", "ей", "юю", "их", "ем"),
    "hush": ("ий", "ая", "ее", "ие", "его", "ей", "им", "ей", "ую", "их", "ем"),
    "velar": ("ий", "ая", "ое", "ие", "ого", "ой", "им", "ой", "ую", "их", "ом"),
    "big": ("ой", "ая", "ое", "ие", "ого", "ой", "им", "ой", "ую", "их", "ом"),
}
_CASES = (
    "m", "f", "n", "plural", "genitive", "genitive f",
    "instrumental", "instrumental f", "accusative f", "genitive plural", "prepositional",
)  # fmt: skip


def adjective(stem: str, kind: str, case: str) -> str:
    """case: m, f, n, plural, genitive, genitive f, instrumental, ... (see `_CASES`)."""
    return stem + ENDINGS[kind][_CASES.index(case)]


RUSSIAN_COUNTS = {"two": {"m": "два", "n": "два", "f": "две"}, "three": dict.fromkeys("mnf", "три")}
RUSSIAN_RELATIONS = {
    "left": (("слева от", "genitive"),),
    "right": (("справа от", "genitive"),),
    "above": (("над", "instrumental"),),
    "below": (("под", "instrumental"),),
}
RUSSIAN_TOGETHER = (
    ("и", "nominative"),
    ("рядом с", "instrumental"),
    ("возле", "genitive"),
    ("около", "genitive"),
)
RUSSIAN_PLACES = {
    "meadow": (
        "на лугу",
        "на зелёных холмах",
        "на траве",
        "в поле",
        "на поляне",
        "на холме",
        "в саду",
        "в парке",
    ),
    "sea": (
        "на море",
        "у моря",
        "в море",
        "на пляже",
        "на воде",
        "на берегу моря",
        "в океане",
        "над морем",
        "на берегу",
    ),
    "city": ("в городе", "на улице города", "среди небоскрёбов", "на фоне города", "над городом"),
    "snow": ("на снегу", "в снегу", "зимой", "среди снега", "под снегом"),
    "desert": ("в пустыне", "на песке", "среди песков", "среди барханов"),
    "forest": ("в лесу", "среди ёлок", "на опушке леса", "в тёмном лесу"),
    "space": ("в космосе", "среди планет", "в открытом космосе"),
}
RUSSIAN_TIMES = {
    "day": ("днём", "в солнечный день", "утром", "при свете дня"),
    "sunset": ("на закате", "вечером", "на рассвете", "в сумерках"),
    "night": ("ночью", "под луной", "при луне", "в полночь", "под звёздным небом"),
}
RUSSIAN_STYLES = {
    "pixel": ("пиксель-арт", "пиксельная графика", "пиксели", "пиксель арт", "8 бит"),
    "pencil": (
        "карандашный рисунок",
        "рисунок карандашом",
        "карандашом",
        "карандаш",
        "набросок",
        "эскиз карандашом",
    ),
    "watercolor": ("акварель", "акварелью", "акварельный рисунок"),
    "neon": ("неон", "в неоновом свете", "неоновый", "неоновый свет", "неоновые огни"),
    "plain": ("мультяшный рисунок", "простой рисунок", "плоская иллюстрация", "мультик"),
}

_FUNCTION_WORDS = (
    "a an the of in on at by with and to is are it its this that for from as against plain simple "
    "background one style please draw paint make show create generate me picture image drawing "
    "illustration painting photo beautiful cute nice pretty lovely funny cool my some very "
    "в во на с со и у из для это эта этот один одна одно фоне фон простом однотонном стиле стиль "
    "нарисуй нарисуйте изобрази покажи сделай создай мне картинку картинка рисунок изображение "
    "пожалуйста красивый красивая красивое милый милая милое очень"
)
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that ask for nothing to be drawn, so that nobody has to be told about them."""
