"""The bot's own rules: what they hold, what they must not hold, and that no disguise helps."""

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.moderation.lookalikes import TO_CYRILLIC, TO_LATIN
from providers.moderation.rules import LONGEST_PROMPT, WordRules, shipped_lists
from providers.moderation.wordlist import WordLists
from providers.types import VerdictStatus

RULES = WordRules(shipped_lists())


def blocked(prompt: str, rules: WordRules = RULES) -> tuple[str, ...] | None:
    """The categories, None where it may be drawn."""
    verdict = rules.judge(prompt)
    assert verdict.stage == "prompt" and verdict.source == "rules"
    return verdict.categories if verdict.status is VerdictStatus.BLOCKED else None


def rules_of(blocklist: str, allowlist: str = "") -> WordRules:
    lists = WordLists()
    lists.add_blocklist(blocklist)
    lists.add_allowlist(allowlist)
    return WordRules(lists)


MUST_BLOCK = {
    "sexual": [
        "hardcore porn", "PORN", "a porn star on stage", "pornographic art", "oral sex, 4k",
        "two people having sex", "rule 34 of a cartoon", "rule34", "a woman masturbating",
        "she masturbates", "a giant dildo", "nsfw, best quality", "cock sucking", "gang rape",
        "a man raping a woman", "порно", "порнографическая сцена", "оральный секс", "минетом",
        "они занимаются сексом", "изнасилования", "хуй", "трахающиеся и трахаются",
    ],
    "minors": [
        "naked child", "a nude teenage girl", "topless schoolgirls", "sexy little girl",
        "a 12 year old in lingerie", "a 12-year-old girl, naked", "16yo nude", "erotic, toddlers",
        "lolicon", "a child without clothes on the beach", "голая девочка", "обнажённый подросток",
        "дети без одежды", "эротическое фото школьницы", "12-летняя, топлес", "15 лет, голая",
        "naked девочка", "голый child",
    ],
    "gore": [
        "dismembered corpse", "a man is decapitated", "beheading of a prisoner", "bloody gore",
        "mutilated bodies", "severed heads on a table", "расчленённое тело", "отрубленная голова",
        "обезглавленный труп",
    ],
}  # fmt: skip

MUST_ALLOW = [
    # places, names and words with others inside
    "Scunthorpe", "Essex", "Sussex", "Middlesex", "Penistone", "Cockermouth", "Clitheroe", "Lightwater",
    "a cocktail on a bar", "an assassin in the night", "a classic class of grass", "bass guitar",
    "a peacock and a cockatoo", "Dick Tracy", "Moby Dick, the white whale", "Al Gore on stage",
    "a gore-tex jacket", "Dickens in London", "a therapist", "grapes and a rapier", "an analyst",
    "the annals of Rome", "a document, circumstances", "shuttlecock", "Hancock", "a man rapping",
    "cum laude", "titanic", "title page", "constitution", "Titian", "a great tit and blue tits",
    "a cock crowing at dawn", "pussy willow branches", "a field of rapeseed", "sextant", "a sextet",
    "unisex clothes", "the pen is on the table", "an arsenal", "saturnalia", "Nissan Skyline R34",
    # art, and what is naked but nobody
    "The Rape of Europa by Titian", "a nude by Modigliani", "naked branches in winter",
    "children under naked trees", "seen with the naked eye, for kids", "judith beheading holofernes",
    "the severed head of Medusa", "a teenager with nude lipstick", "baby's breath flowers",
    # harmless with children
    "a child with a kite", "kids playing football", "teenage mutant ninja turtles", "12 years old whisky",
    "портрет ребёнка", "дети играют в снегу", "голые деревья и дети",
    # Russian false friends
    "шахматы", "шахматист", "хлеб и колебание", "оскорблять", "страховка", "застрахуй дом",
    "употреблять", "требуха", "команда", "мандарин", "бляха", "сукно", "посуда",
    "психушка", "подстрахуй", "соска для младенца", "сосна", "голова и голов", "голова ребёнка",
    "член партии", "художник сосал карандаш", "в гаре", "гол в ворота забил мальчик", "Вагинов",
    "нагиев", "наградa", "рубаха", "барсук", "на суку сидит ворона", "педагог",
    # other languages
    "góry zimą", "carottes râpées et fromage râpé", "der Göre Kleid", "Ägypten", "été à la plage",
    # signs and numbers
    "1 2 3 4 5", "a b c d e f g", "8k, 4k, 50mm f/1.8", "R2-D2 and C-3PO", "(((best quality)))",
    "U.S.A. in the 1950s", "Mr. T.", "o o o", "x y z axes", "!!! ??? ###", "$$$", "@home", "s3://x",
    "", " ", "🦊", "\u200b",
]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "prompt"), [(name, each) for name, those in MUST_BLOCK.items() for each in those]
)
def test_what_must_be_held(category: str, prompt: str) -> None:
    assert category in (blocked(prompt) or ()), prompt


@pytest.mark.parametrize("prompt", MUST_ALLOW)
def test_what_must_pass(prompt: str) -> None:
    assert blocked(prompt) is None, prompt


@pytest.mark.parametrize(
    "prompt",
    [
        "ｐｏｒｎ", "𝓹𝓸𝓻𝓷", "ᴘᴏʀɴ", "🇵🇴🇷🇳", "🅿🅾🆁🅽", "Ⓟⓞⓡⓝ", "p\u200bo\u200dr\u2060n", "p\u0336o\u0336r\u0336n\u0336",
        "pоrn", "рorn", "poгn", "p0rn", "h3nt@i", "$lut", "b1owjob", "b!owjob",
        "p o r n", "p.o.r.n", "P-O-R-N", "p_o_r_n", "p/o/r/n", "po-rn", "p  o  r  n", "p\no\nr\nn",
        "s l u t s here", "pooooorn", "ppppoooorrrrnnnn", "p\u00adorn", "pörn", "porn's", "#porn",
        "porn123", "xx porn xx", "(porn:1.3)", "porn!", "«porn»", "rulе 34", "RULE３４",
        "пopнo", "порнo", "п0рно", "п о р н о", "пооооорно", "по-рно", "ПОРНО", "порн0",
    ],
)  # fmt: skip
def test_a_disguise_does_not_help(prompt: str) -> None:
    assert blocked(prompt) == ("sexual",), prompt


# Disguises by chance.

WORDS = ["porn", "hentai", "masturbation", "dildo", "gangbang", "порнуха", "инцест", "куннилингус"]
INVISIBLE = [
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\u00ad",
    "\ufeff",
    "\u034f",
    "\u180e",
    "\ufe0f",
]
MARKS = ["\u0301", "\u0308", "\u0336", "\u0489", "\u20e0"]
SPACERS = [" ", ".", "-", "_", "*", "/", "\n", "\u3000", "\u2009", " · "]


def lookalikes(letter: str) -> list[str]:
    table = TO_CYRILLIC if "а" <= letter <= "я" else TO_LATIN
    return [letter, letter.upper(), *(chr(p) for p, meant in table.items() if meant == letter)]


@st.composite
def disguised(draw: st.DrawFn) -> str:
    word = draw(st.sampled_from(WORDS))
    how = draw(st.sampled_from(["lookalikes", "invisible", "marks", "spaced", "stretched", "wide"]))
    match how:
        case "lookalikes":
            return "".join(draw(st.sampled_from(lookalikes(letter))) for letter in word)
        case "invisible":
            return "".join(letter + draw(st.sampled_from(["", *INVISIBLE])) for letter in word)
        case "marks":
            return "".join(letter + draw(st.sampled_from(["", *MARKS])) for letter in word)
        case "spaced":
            return draw(st.sampled_from(SPACERS)).join(word)
        case "stretched":
            place = draw(st.integers(0, len(word) - 1))
            return word[:place] + word[place] * draw(st.integers(3, 9)) + word[place + 1 :]
        case _:
            return "".join(chr(ord(c) + 0xFEE0) if c.isascii() else c for c in word)


innocent = st.lists(
    st.sampled_from(["fox", "snow", "castle", "лиса", "снег", "8k", "the", "river", "oil", "art"]),
    max_size=6,
).map(" ".join)


@given(innocent, disguised(), innocent)
def test_a_disguised_word_stays_blocked(before: str, word: str, after: str) -> None:
    assert blocked(f"{before} {word} {after}"), word


@given(innocent)
def test_innocent_words_pass_in_any_order(prompt: str) -> None:
    assert blocked(prompt) is None


@given(st.text(max_size=300) | st.text("а1@$!|.- \u0301\u200bасdpo", max_size=300))
def test_nothing_typed_makes_it_stumble(prompt: str) -> None:
    blocked(prompt)


@pytest.mark.parametrize(
    "unit",
    ["fox ", "a ", "p ", "1a ", "a-", "a!", "$", "aaa", "p o r m ", "cock ", "\u0301", "ﷺ", "х у "],
)
def test_time_grows_with_length_alone(unit: str) -> None:
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        best = min(_timed(text) for _ in range(3))
        return max(best, 0.001)

    assert seconds(LONGEST_PROMPT) < 40 * seconds(LONGEST_PROMPT // 8)


def _timed(text: str) -> float:
    started = time.process_time()
    RULES.judge(text)
    return time.process_time() - started


def test_what_is_too_long_to_check_is_not_allowed() -> None:
    assert RULES.judge("a" * LONGEST_PROMPT).status is VerdictStatus.ALLOWED
    assert RULES.judge("a" * (LONGEST_PROMPT + 1)).status is VerdictStatus.UNCHECKED


# What an owner writes.


def test_an_owners_words_are_added() -> None:
    lists = shipped_lists()
    lists.add_blocklist("our mayor\n[politics]\ninsult~\nflag | banner & burn~\n/swasti[ck]a/\n")
    rules = WordRules(lists)
    assert blocked("Our  Mayor, smiling", rules) == ("own",)
    assert blocked("our town's mayor", rules) is None
    for prompt in ("insults", "insulting", "a burning flag", "my Banner; they burn", "swastica"):
        assert blocked(prompt, rules) == ("politics",), prompt
    for prompt in ("a flag", "burning leaves", "swastikas", "an insultist"):
        assert blocked(prompt, rules) is None, prompt
    assert blocked("porn", rules) == ("sexual",)


def test_an_owner_takes_words_and_categories_away() -> None:
    lists = shipped_lists()
    lists.add_allowlist("anatomical vagina\ndildo~\n[gore]\n")
    rules = WordRules(lists)
    assert blocked("anatomical vagina, dildos, decapitated", rules) is None
    assert blocked("vagina", rules) == ("sexual",)
    assert blocked("d1ldo", rules) == ("sexual",)  # what is allowed needs no disguise


def test_what_is_allowed_excuses_nothing_else() -> None:
    assert blocked("Al Gore, porn") == ("sexual",)
    assert blocked("al porn gore") == ("sexual",)
    rules = rules_of("red & apple", "red carpet")
    assert blocked("an apple on a red carpet", rules) is None
    assert blocked("a red apple on a red carpet", rules) == ("own",)


def test_a_section_with_an_underscore_blocks_nothing_alone() -> None:
    rules = rules_of("[both]\n[_a] & [_b]\n[_a]\nsun\n[_b]\nmoon\n/star(s|ry)/\n")
    assert blocked("sun", rules) is blocked("moon", rules) is None
    assert blocked("sun and moon", rules) == blocked("stars, sun", rules) == ("both",)


def test_words_of_a_phrase_stand_in_a_row() -> None:
    rules = rules_of("old black cat~")
    assert blocked("old black cats", rules) and blocked("an OLD, black: cat!", rules)
    assert blocked("old cat black", rules) is None
    assert blocked("old black", rules) is None


def test_a_thousand_random_words_take_no_time_and_mean_nothing() -> None:
    chance = random.Random(7)  # noqa: S311 - a test's
    words = ["".join(chance.choices(string.ascii_lowercase, k=9)) for _ in range(1000)]
    assert blocked(" ".join(words)[:LONGEST_PROMPT]) is None
