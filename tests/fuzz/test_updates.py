"""Whatever a client sends, the running dispatcher answers it, and a stranger moves nothing."""

import asyncio
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from hypothesis import strategies as st

import bot
from bot.handlers.inline import DRAW
from bot.usecases.recall import SECRET
from storage.records import JobState
from tests.fuzz.hunting import hunt, sizes
from tests.fuzz.stage import ANN, BORIS, CHEN, GROUP, OWNER, Stage, message, person, stage
from tests.fuzz.words import anything, typed


def kinds_of_data() -> list[type[CallbackData]]:
    """Every kind of a button's data that the bot defines."""
    for module in walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return [each for each in CallbackData.__subclasses__() if each.__module__.startswith("bot.")]


KINDS = kinds_of_data()
FIELDS = st.one_of(
    st.integers(-1, 6).map(str),
    st.sampled_from(["", "0", "1", "16x9", "True", "None", "en", "fake", "draw", str(2**63)]),
    st.text(max_size=12),
)


def fields_of(kind: type[CallbackData]) -> list[st.SearchStrategy[str]]:
    """One strategy a field: what fits in more often than not."""
    fitting = {int: st.integers(0, 6).map(str), bool: st.sampled_from("01")}
    found = []
    for field in kind.model_fields.values():
        known = field.annotation
        if isinstance(known, type) and issubclass(known, Enum):
            fits = st.sampled_from([str(each.value) for each in known])
        else:
            fits = fitting.get(known, FIELDS)
        found.append(st.one_of(fits, fits, FIELDS))
    return found


def data_of(kind: type[CallbackData]) -> st.SearchStrategy[str]:
    values = st.tuples(*fields_of(kind))
    return values.map(lambda them: kind.__separator__.join((kind.__prefix__, *them)))


datas = st.one_of(*map(data_of, KINDS), anything)


@pytest.fixture
def together(tmp_path: Path) -> Iterator[tuple[asyncio.Runner, Stage]]:
    """Ann's job, draft and invite are there, and hers and the owner's alone to change."""
    with asyncio.Runner() as runner:
        opened = stage(tmp_path)
        on = runner.run(opened.__aenter__())
        runner.run(on.say("/enable", OWNER, GROUP))
        for chat in (ANN, GROUP):
            runner.run(on.say("/imagine a fox", ANN, chat))
            runner.run(on.say("/imagine", ANN, chat))
        runner.run(on.say("/invite", OWNER))
        yield runner, on
        runner.run(opened.__aexit__(None, None, None))


async def state_of(on: Stage) -> list[object]:
    """All that a stranger could be after."""
    async with on.storage.reading() as view:
        jobs = [await view.jobs.get(number) for number in (1, 2)]
        assert {job.state for job in jobs if job} == {JobState.QUEUED}
        return [
            [(job.state, job.cancel_requested) for job in jobs if job],
            [await view.drafts.get(number) for number in (1, 2)],
            [each.token for each in await view.invites.working(limit=9, now=jobs[0].created_at)],
            await view.chats.get(GROUP),
            await view.users.get(OWNER),
            {name for name in await view.controls.all() if name != SECRET},
            len(await view.audit.newest(limit=99)),
        ]


def test_the_kinds_are_found() -> None:
    assert len(KINDS) >= 30
    assert len({kind.__prefix__ for kind in KINDS}) == len(KINDS)


@sizes
def test_callback_data_of_a_stranger(together: tuple[asyncio.Runner, Stage], inputs: int) -> None:
    runner, on = together
    before = runner.run(state_of(on))
    chats = st.sampled_from([BORIS, GROUP, None])

    def check(case: tuple[str, int | None]) -> None:
        data, chat = case
        runner.run(on.press(data, BORIS, chat))

    hunt(st.tuples(datas, chats), check, inputs)
    assert runner.run(state_of(on)) == before


@sizes
def test_callback_data_of_an_owner(together: tuple[asyncio.Runner, Stage], inputs: int) -> None:
    """More of it does something: nothing may fail."""
    runner, on = together
    chats = st.sampled_from([OWNER, GROUP, None])

    def check(case: tuple[str, int | None]) -> None:
        data, chat = case
        runner.run(on.press(data, OWNER, chat))

    hunt(st.tuples(datas, chats), check, inputs // 4)


def start(payload: str) -> tuple[str, dict[str, Any]]:
    return "message", message(f"/start {payload}", CHEN, CHEN)


def inline(text: str) -> tuple[str, dict[str, Any]]:
    return "inline_query", {"id": "1", "from": person(CHEN), "query": text, "offset": ""}


def chosen(text: str) -> tuple[str, dict[str, Any]]:
    facts = {"result_id": DRAW, "from": person(CHEN), "query": text}
    return "chosen_inline_result", facts | {"inline_message_id": text[:40]}


def command(text: str) -> tuple[str, dict[str, Any]]:
    return "message", message(f"/{text}", CHEN, CHEN)


PAYLOADS = st.one_of(
    anything,
    st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", max_size=64),
    anything.map("inv_".__add__),
    st.sampled_from(["inline", "inv_", "inv_" + "A" * 16]),
)
COMMANDS = st.tuples(
    st.sampled_from(["show", "job", "user", "grant", "ban", "chatsettings", "stats", "cancel"]),
    st.one_of(typed, st.integers().map(str)),
).map(" ".join)


@sizes
@pytest.mark.parametrize(
    ("sent", "words"),
    [(start, PAYLOADS), (inline, typed), (chosen, typed), (command, COMMANDS)],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_words(
    together: tuple[asyncio.Runner, Stage],
    sent: Callable[[str], tuple[str, dict[str, Any]]],
    words: st.SearchStrategy[str],
    inputs: int,
) -> None:
    runner, on = together

    def check(text: str) -> None:
        runner.run(on.feed(*sent(text)))

    hunt(words, check, inputs // 4)
