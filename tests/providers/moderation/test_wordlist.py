"""Lists as files: what can be written, and that a mistake is named and never slow."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.moderation.patterns import BadPattern, compile_pattern
from providers.moderation.rules import shipped_lists
from providers.moderation.wordlist import ALWAYS, BadList, WordLists


def problem(blocklist: str = "", allowlist: str = "") -> str:
    lists = WordLists()
    with pytest.raises(BadList) as caught:  # noqa: PT012 - either may be the wrong one
        lists.add_blocklist(blocklist)
        lists.add_allowlist(allowlist)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("fine\n*", 2), ("a | | b", 1), ("| a", 1), ("a &", 1), ("& a", 1), ("~", 1), ("!!!", 1), ("a~b", 1),
        ("# fine\n\n[Not A Name", 3), ("[_a] & [_nowhere]", 1), ("a\n[]\n", 2), ("a (b)", 1),
        ("/a*/", 1), ("/a+/", 1), ("/(a/", 1), ("/a)/", 1), ("/(?=a)/", 1), (r"/(a)\1/", 1), ("/a{2,}/", 1),
        ("/(a?){9}/", 1), ("/a{31}/", 1), ("/a??/", 1), ("/?/", 1), ("/a?/", 1), ("/|a/", 1), ("/[b-a]/", 1),
        ("/" + "a?" * 20 + "b/", 1), (r"/\x41/", 1), ("/" + "(a|b)" * 11 + "/", 1), ("/[/", 1), ("/a\\/", 1),
        ("[allow]\na & b", 2), ("[allow]\n/a/", 2),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_line(text: str, line: int) -> None:
    assert problem(text).startswith(f"line {line}: ")


@pytest.mark.parametrize("text", ["a & b", "/a/", "[nowhere]", "[minors]", "[_young]", "[allow]"])
def test_a_mistake_in_an_allow_list(text: str) -> None:
    blocklist = "[gore]\nguts\n[minors]\nx\n[_young]\ny\n"
    assert problem(blocklist, f"# mine\n{text}").startswith("line 2: ")


def test_what_protects_children_cannot_be_taken_away() -> None:
    assert "minors" in ALWAYS and "can't be allowed" in problem("[minors]\nx", "[minors]")


def test_what_can_be_written() -> None:
    lists = WordLists()
    lists.add_blocklist("# only this\r\n\r\n  word  \n[a/b-c]\ntwo words|other~ & [own]\n")
    first, second = lists.blocked
    assert (first.category, second.category) == ("own", "a/b-c")
    assert len(first.parts) == 1 and len(second.parts) == 2
    assert second.parts[1].section == "own" and len(second.parts[0].phrases) == 2
    assert lists.sections == {"own", "a/b-c"}


@given(st.text(max_size=200) | st.text("ab~|&[]/(?){}1,\\ \n#-_", max_size=60))
def test_any_file_is_read_or_refused(text: str) -> None:
    for add in (WordLists().add_blocklist, WordLists().add_allowlist):
        with suppress(BadList):
            add(text)


@pytest.mark.parametrize(
    ("source", "fits", "fails"),
    [
        ("rule ?34", ["rule34", "a rule 34 b"], ["rule 345", "overrule 34"]),
        ("colou?rs?", ["color", "colours"], ["colorful"]),
        ("(1[0-7]|[1-9]) years?", ["7 years", "17 year"], ["18 years", "70 years"]),
        (r"\d{2,4}s", ["90s", "1990s"], ["9s", "19900s"]),
        ("(?:ab|cd)", ["ab", "cd"], ["abcd"]),
        ("a.c", ["abc", "a c"], ["ac"]),
        (r"a\.b", ["a.b"], ["acb"]),
        ("[^x]y", ["ay"], ["xy"]),
    ],
)
def test_patterns_fit_whole_words(source: str, fits: list[str], fails: list[str]) -> None:
    pattern = compile_pattern(source)
    assert all(pattern.search(text) for text in fits)
    assert not any(pattern.search(text) for text in fails)


@given(st.text("ab?|(){1,3}[]\\dw.", max_size=40))
def test_no_pattern_that_is_taken_is_slow(source: str) -> None:
    try:
        pattern = compile_pattern(source)
    except BadPattern:
        return
    started = time.process_time()
    pattern.search("ab" * 1000 + "!")
    assert time.process_time() - started < 5


@pytest.mark.parametrize("source", ["(a|a)" * 9 + "b", "a?" * 9 + "b", "[ab]{0,30}[ab]{0,30}b"])
def test_the_worst_that_is_taken_is_quick_enough(source: str) -> None:
    pattern = compile_pattern(source)
    started = time.process_time()
    assert pattern.search("a" * 10_000) is None
    assert pattern.search("a " * 5_000) is None
    assert time.process_time() - started < 5


def test_python_would_have_taken_the_slow_ones() -> None:
    """What is refused above isn't refused for being no regular expression."""
    for source in ("(a+)+b", "(a|a)*b", "(a?){30}a{30}"):
        assert re.compile(source)
        with pytest.raises(BadPattern):
            compile_pattern(source)


def test_what_is_added_to_the_shipped_lists_stays_ones_own() -> None:
    first, plain = shipped_lists(), shipped_lists()
    first.add_blocklist("[own]\nzebra")
    first.add_allowlist("nude beach\n[gore]")
    assert shipped_lists() == plain != first
