"""Every reader of a service's answers, found by its signature, fed answers of every shape.

A reader takes what a service sent, an `Answer` or its decoded body, or what another reader made of
it, and gives a value or raises an error of its own: nothing else may come out.
"""

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from random import Random
from typing import Any, get_type_hints

import pytest

import providers
from providers.errors import ProviderError
from providers.moderation.service_answers import UnreadableVerdict
from providers.sniffing import NotAPicture
from providers.wire import Answer, UnreadableJson
from tests.fakes.clock import START
from tests.fuzz.dice import ODD, rolled, spoil
from tests.fuzz.dice import value as made_up
from tests.fuzz.hunting import hunt, is_one_line, sizes

Reader = Callable[..., object]

FOLDER = Path(providers.__path__[0])
DATA = Path(__file__).parents[1] / "data"
FITTING = {"now": START, "asked": None}  # what readers want besides
KNOWN_ERRORS = (ProviderError, UnreadableVerdict, UnreadableJson, NotAPicture)
STATUSES = [
    200,
    201,
    202,
    204,
    400,
    401,
    402,
    403,
    404,
    405,
    406,
    409,
    413,
    422,
    429,
    500,
    503,
    599,
]


def modules() -> Iterator[str]:
    for path in sorted([*FOLDER.glob("*.py"), *(FOLDER / "moderation").glob("*.py")]):
        if any(word in path.stem for word in ("answers", "listing", "refusals", "pipelines")):
            yield ".".join(("providers", *path.relative_to(FOLDER).with_suffix("").parts))


def functions() -> Iterator[Reader]:
    for name in modules():
        for value in vars(import_module(name)).values():
            is_own = getattr(value, "__module__", None) == name and callable(value)
            if is_own and not isinstance(value, type) and not value.__name__.startswith("_"):
                yield value


def takes(reader: Reader) -> object:
    hints = get_type_hints(reader)
    return hints.get(next(iter(signature(reader).parameters)))


def others(reader: Reader) -> list[Parameter]:
    return list(signature(reader).parameters.values())[1:]


def call(reader: Reader, value: object) -> object:
    return reader(value, **{each.name: FITTING[each.name] for each in others(reader)})


ALL = [each for each in functions() if {p.name for p in others(each)} <= FITTING.keys()]
FIRST = [each for each in ALL if takes(each) in (object, Answer)]
MADE = {get_type_hints(each)["return"] for each in FIRST}
NEXT: dict[object, list[Reader]] = defaultdict(list)
for _reader in ALL:
    if takes(_reader) in MADE:
        NEXT[takes(_reader)].append(_reader)


def recorded() -> list[Any]:
    """Every value in the answers that were recorded, nested ones too."""
    found: list[Any] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict | list):
            found.append(value)
            for each in value.values() if isinstance(value, dict) else value:
                collect(each)

    for name in ("fusionbrain/responses", "replicate/recorded", "replicate/errors"):
        collect(json.loads((DATA / f"{name}.json").read_text()))
    return found


RECORDED = recorded()
KEYS = sorted({key for value in RECORDED if isinstance(value, dict) for key in value})
KEYS += ["data", "error", "url", "b64_json", "image", "images", "credits", "results", "flagged"]
HEADERS = ["retry-after", "content-type", "x-remaining-credits", "ratelimit-reset", "x"]


def body(dice: Random) -> Any:
    """A recorded answer, spoiled, or one that is made up."""
    if dice.random() < 0.3:
        return made_up(dice, KEYS)
    return spoil(dice, copy.deepcopy(dice.choice(RECORDED)), KEYS)


def answer(dice: Random) -> Answer:
    data = json.dumps(body(dice)).encode() if dice.random() < 0.8 else dice.randbytes(40)
    headers = {name: str(dice.choice(ODD)) for name in HEADERS if dice.random() < 0.3}
    return Answer(dice.choice(STATUSES), headers, data)


def read(reader: Reader, value: object) -> None:
    try:
        made = call(reader, value)
    except KNOWN_ERRORS as error:
        is_one_line(error)
        return
    for following in NEXT[type(made)]:
        read(following, made)


def test_the_readers_are_found() -> None:
    found = {f"{each.__module__.removeprefix('providers.')}.{each.__name__}" for each in FIRST}
    assert {
        "fusionbrain_answers.parse_status",
        "nebula_answers.pictures_of",
        "openai_answers.outputs_of",
        "replicate_answers.parse_prediction",
        "segmind_answers.parse_report",
        "moderation.service_answers.read_judgement",
    } <= found
    assert len(FIRST) >= 25 and sum(map(len, NEXT.values())) >= 3
    adapters = {path.stem for path in FOLDER.glob("*_answers.py")}
    assert adapters == {each.__module__.rpartition(".")[2] for each in FIRST} & adapters


@sizes
@pytest.mark.parametrize("kind", [object, Answer], ids=["bodies", "answers"])
def test_any_answer_is_read_or_refused(kind: type, inputs: int) -> None:
    readers = [each for each in FIRST if takes(each) is kind]

    def check(value: object) -> None:
        for reader in readers:
            read(reader, value)

    hunt(rolled(body if kind is object else answer), check, inputs)
