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
from typing import Any, get_type_hints

import pytest
from hypothesis import strategies as st

import providers
from providers.errors import ProviderError
from providers.moderation.service_answers import UnreadableVerdict
from providers.sniffing import NotAPicture
from providers.wire import Answer, UnreadableJson
from tests.fakes.clock import START
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
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["DONE", "FAIL", "succeeded", "failed", "NSFW", "2026-01-01T00:00:00Z", "=="]),
)
made_up = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), inner, max_size=6),
    ),
    max_leaves=12,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """(holder, key or index) of everything inside."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A recorded answer with some of its parts of another kind, or gone."""
    value = copy.deepcopy(draw(st.sampled_from(RECORDED)))
    for _ in range(draw(st.integers(0, 3))):
        inside = places(value)
        if not inside:
            break
        holder, key = draw(st.sampled_from(inside))
        if draw(st.booleans()):
            holder[key] = draw(made_up)
        else:
            del holder[key]
    return value


bodies = st.one_of(mutated(), mutated(), made_up)
headers = st.dictionaries(
    st.sampled_from(["retry-after", "content-type", "x-remaining-credits", "ratelimit-reset", "x"]),
    st.one_of(st.text(max_size=20), st.sampled_from(["image/png", "nan", "-1", "1e999"])),
)
answers = st.builds(
    Answer,
    st.sampled_from(STATUSES),
    headers,
    st.one_of(bodies.map(lambda body: json.dumps(body).encode()), st.binary(max_size=60)),
)


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
            read(reader, copy.deepcopy(value))

    hunt(bodies if kind is object else answers, check, inputs // 5)  # each by all of them
