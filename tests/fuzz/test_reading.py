"""Commands, word lists and settings: read, or refused in words."""

from pathlib import Path

import pytest
from hypothesis import strategies as st

from bot.parsing import ImagineCommand, ParseError, parse_imagine, render
from bot.settings import Settings, WrongSetting, load_settings
from bot.texts.everyday import parse_error
from providers.moderation.rules import WordRules
from providers.moderation.wordlist import BadList, WordLists
from providers.styles import STYLES
from tests.fuzz.hunting import hunt, is_one_line, sizes
from tests.fuzz.words import anything, typed

STYLE_NAMES = [style.name for style in STYLES]
LINES = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.text("ab~|&[]_/()?*+{}1,^$\\ ", max_size=25),
        st.text("ab(|)?+*{1,}", max_size=20).map("/{}/".format),
        st.sampled_from(
            ["[sexual]", "[_young]", "[allow]", "[own]", "[minors]", "# a", "/(a+)+$/"]
        ),
    ),
    max_size=8,
).map("\n".join)
VALUES = st.one_of(
    anything,
    st.text("0123456789.,:=-/ ", max_size=30),
    st.sampled_from(["http://", "https://[", "sqlite+aiosqlite:///x", "1e999", "-1", "{}", "[]"]),
)
ENV_LINES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([name.upper() for name in Settings.model_fields]), VALUES).map(
            "=".join
        ),
        anything,
    ),
    max_size=6,
).map("\n".join)


@sizes
def test_the_parser(inputs: int) -> None:
    def check(text: str) -> None:
        parsed = parse_imagine(
            text, styles=STYLE_NAMES, models=["fake-model"], providers=["fake"], schedulers=["DDIM"]
        )
        if isinstance(parsed, ImagineCommand):
            assert parsed.wish.prompt
            assert render(parsed)
        else:
            assert isinstance(parsed, ParseError)
            assert parse_error(parsed)

    hunt(typed, check, inputs)


@sizes
def test_word_lists(inputs: int) -> None:
    def check(case: tuple[str, str, str]) -> None:
        blocked, allowed, prompt = case
        lists = WordLists()
        try:
            lists.add_blocklist(blocked)
            lists.add_allowlist(allowed)
        except BadList as error:
            is_one_line(error)
            return
        assert WordRules(lists).judge(prompt)

    hunt(st.tuples(LINES, LINES, typed), check, inputs // 5)


@sizes
def test_the_env_file(inputs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    file = tmp_path / "env"

    def check(content: str | bytes) -> None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            load_settings(_env_file=file)
        except WrongSetting as error:
            is_one_line(error)

    hunt(st.one_of(ENV_LINES, ENV_LINES, ENV_LINES, st.binary(max_size=60)), check, inputs // 5)
