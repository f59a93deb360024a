"""Every text for people, found by its signature, with markup in each word that somebody else chose:
names, prompts, titles, models, reasons. What comes out is what Telegram can read, and no markup of
theirs is in it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bot
from bot.playground.entities import parse_html
from bot.texts import guided as texts_guided
from bot.usecases.spec import JobSpec
from storage.records import AuditLine, Job, JobState, User
from tests.bot.test_texts import job_of, spec_of

FOLDER = Path(bot.__path__[0]) / "texts"
MARK = '<u class="theirs">&amp;</b><'
PLAIN = {
    *(f"guided.{name}" for name in ("style_button", "model_button")),
    *(f"inline.{name}" for name in ("draw_title", "cant_read")),
    *(f"settings.{name}" for name in ("style", "shape", "model", "speaks", "name_of")),
    *(f"providers.{name}" for name in ("credit", "models")),
}
"""Shown where no markup is read: on buttons, above results, by the doctor; a chat's are escaped."""

ESCAPED_BEFORE = {"everyday.more_refused", "quota.more_refused", "measures.and_more"}
ESCAPED_BEFORE |= {"measures.listed"}

OURS = {
    "access.invites": "a token is our own random letters",
    "failures.unexpected": "a reference is our own random letters",
    "failures.picture_lost": "the same",
    "people.usage": "a command's name",
    "language.name_of": "one of the bot's languages",
    "pictures.wrong_pictures": "an option's name",
    "operations.verdicts": "states and stages",
    "results.drawing": "a seed; and only the kinds that have a button",
    "storage.damaged": "a key is our own hash",
    "inspection.job": "needs reasons that the bot knows",
    "parse.parse_error": "in tests/bot/test_texts.py, with whatever is typed",
    "guided.guide": "see test_the_choices_are_escaped",
    "settings.page": "the same",
    "notes.said_by_service": "in tests/bot/test_texts.py, with each kind of note",
    **{
        f"chat_settings.{name}": "a setting's name and choices"
        for name in ("overview", "page", "setting", "choice", "wrong_setting")
    },
}
"""What these say besides the bot's words is nobody else's, or needs more than its types to build."""

hostile = st.sampled_from([MARK, f"a{MARK}", f"{MARK}\n{MARK}", MARK * 20])
moments = st.integers(1_600_000_000, 1_900_000_000).map(partial(datetime.fromtimestamp, tz=UTC))


def texts() -> Iterator[tuple[str, Callable[..., str]]]:
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        for name, value in vars(import_module(f"bot.texts.{path.stem}")).items():
            is_own = getattr(value, "__module__", None) == f"bot.texts.{path.stem}"
            if is_own and not name.startswith("_") and get_type_hints(value).get("return") is str:
                yield f"{path.stem}.{name}", value


def job(words: str) -> Job:
    data = {"reference": words, "message": words, "made": 1, "source": words, "field": words}
    return job_of(spec_of(words), JobState.FAILED, "internal", **data)


TEXTS = dict(texts())


@pytest.fixture(scope="module", autouse=True)
def registered() -> Iterator[None]:
    usual = {
        str: st.text(),
        int: st.integers(),
        float: st.floats(),
        datetime: st.datetimes(),
        ZoneInfo: st.timezones(),
    }
    theirs = {
        str: hostile,
        int: st.integers(1, 99),
        float: st.floats(0, 1e6),
        datetime: moments,
        ZoneInfo: st.just(ZoneInfo("UTC")),
    }
    actions = st.sampled_from(["ban", "grant", "x"])
    details = st.fixed_dictionaries({"reason": hostile, "units": st.integers(1, 9)})
    st.register_type_strategy(User, st.builds(User, preferences=st.none()))
    st.register_type_strategy(JobSpec, hostile.map(spec_of))
    st.register_type_strategy(Job, hostile.map(job))
    st.register_type_strategy(AuditLine, st.builds(AuditLine, action=actions, details=details))
    for kind, strategy in theirs.items():
        st.register_type_strategy(kind, strategy)
    yield
    for kind, strategy in usual.items():
        st.register_type_strategy(kind, strategy)


def arguments_of(text: Callable[..., str]) -> st.SearchStrategy[dict[str, Any]]:
    hints = get_type_hints(text)
    named = [
        each for each in signature(text).parameters.values() if each.kind is not each.VAR_POSITIONAL
    ]
    return st.fixed_dictionaries({each.name: of_type(hints[each.name]) for each in named})


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    return hostile if hint is object else st.from_type(hint)


def test_the_texts_are_found() -> None:
    assert len(TEXTS) > 90
    assert OURS.keys() <= TEXTS.keys()


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - PLAIN - ESCAPED_BEFORE - OURS.keys()))
def test_no_markup_of_others_is_shown(name: str) -> None:
    def check(arguments: dict[str, Any]) -> None:
        _, entities = parse_html(TEXTS[name](**arguments))
        assert not any(each["type"] == "underline" for each in entities)

    once = settings(max_examples=10, database=None, suppress_health_check=list(HealthCheck))
    once(given(arguments_of(TEXTS[name]))(check))()


def test_the_choices_are_escaped() -> None:
    assert "<" not in texts_guided.style(MARK) + texts_guided.model(MARK)
