"""Whatever a client sends, the running dispatcher answers it, and a stranger moves nothing."""

import asyncio
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from itertools import product
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from hypothesis import strategies as st

import bot
from bot.handlers.inline import DRAW
from bot.usecases.recall import SECRET
from storage.records import JobState
from tests.fuzz.dice import rolled, text
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
FITTING = {int: list("0123456"), bool: list("01")}
UNFIT = ["", "-1", "0", "1", "6", "16x9", "True", "None", "en", "fake", "draw", str(2**63)]


def field(dice: Random, kind: object) -> str:
    """Of a button's data: what fits in more often than not."""
    fits = FITTING.get(kind, UNFIT) if isinstance(kind, type) else UNFIT
    if isinstance(kind, type) and issubclass(kind, Enum):
        fits = [str(each.value) for each in kind]
    if dice.random() < 0.7:
        return dice.choice(fits)
    return dice.choice(UNFIT) if dice.random() < 0.5 else text(dice, 12)


def data(dice: Random) -> str:
    """Of any kind of button, or nobody's."""
    if dice.random() < 0.1:
        return text(dice, 64)
    kind = dice.choice(KINDS)
    fields = [field(dice, each.annotation) for each in kind.model_fields.values()]
    return kind.__separator__.join((kind.__prefix__, *fields))


datas = rolled(data)


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


def choices(kind: object, token: str) -> list[str]:
    """Of a field: the ids of what is Ann's, and every choice there is."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(each.value) for each in kind]
    if kind is int:
        return ["1", "2"]
    return ["0", "1"] if kind is bool else [token]


def aimed(kind: type[CallbackData], token: str) -> list[str]:
    fields = [choices(each.annotation, token) for each in kind.model_fields.values()]
    return [kind.__separator__.join((kind.__prefix__, *each)) for each in product(*fields)]


def test_no_kind_of_button_is_anothers_to_press(together: tuple[asyncio.Runner, Stage]) -> None:
    """Each kind, aimed at Ann's jobs, drafts and the owner's link; what Ann can do by the same."""
    runner, on = together
    before = runner.run(state_of(on))
    (token,) = before[2]
    presses = [data for kind in KINDS for data in aimed(kind, token)]
    assert {data.split(":")[0].split("|")[0] for data in presses} == {
        kind.__prefix__ for kind in KINDS
    }
    for data in presses:
        for chat in (BORIS, GROUP):
            runner.run(on.press(data, BORIS, chat))
    assert runner.run(state_of(on)) == before
    runner.run(on.press("cancel:2", ANN, GROUP))
    runner.run(on.press(f"uninvite:{token}", OWNER, OWNER))
    with pytest.raises(AssertionError):  # the job isn't queued any more
        runner.run(state_of(on))


@sizes
def test_callback_data_of_a_stranger(together: tuple[asyncio.Runner, Stage], inputs: int) -> None:
    runner, on = together
    before = runner.run(state_of(on))
    chats = st.sampled_from([BORIS, GROUP, None])

    def check(case: tuple[str, int | None]) -> None:
        pressed, chat = case
        runner.run(on.press(pressed, BORIS, chat))

    hunt(st.tuples(datas, chats), check, inputs)
    assert runner.run(state_of(on)) == before


@sizes
def test_callback_data_of_an_owner(together: tuple[asyncio.Runner, Stage], inputs: int) -> None:
    """More of it does something, and takes the longer: nothing may fail."""
    runner, on = together
    chats = st.sampled_from([OWNER, GROUP, None])

    def check(case: tuple[str, int | None]) -> None:
        pressed, chat = case
        runner.run(on.press(pressed, OWNER, chat))

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


SAID = st.one_of(
    st.tuples(st.just(start), PAYLOADS),
    st.tuples(st.just(inline), typed),
    st.tuples(st.just(chosen), typed),
    st.tuples(st.just(command), COMMANDS),
)


@sizes
def test_words(together: tuple[asyncio.Runner, Stage], inputs: int) -> None:
    runner, on = together

    def check(case: tuple[Callable[[str], tuple[str, dict[str, Any]]], str]) -> None:
        sent, words = case
        runner.run(on.feed(*sent(words)))

    hunt(SAID, check, inputs // 4)
