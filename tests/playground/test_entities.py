import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.entities import found_in, parse_html, utf16_length
from bot.playground.errors import ApiError


@pytest.mark.parametrize(
    ("markup", "text", "entities"),
    [
        ("<b>a</b>c", "ac", [("bold", 0, 1)]),
        ("\U0001f98a <i>fox</i>", "\U0001f98a fox", [("italic", 3, 3)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("1 &lt; 2 &amp;&#33; &nbsp;", "1 < 2 &! &nbsp;", []),
        ('<a href="http://x.y/?a=1&amp;b=2">x</a>', "x", [("text_link", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("  <b> a </b>\n", "a", [("bold", 0, 1)]),
        ("<B>a</B>", "a", [("bold", 0, 1)]),
        ("<b></b>a", "a", []),
        ("a > b", "a > b", []),
    ],
)
def test_markup_becomes_text_and_entities(
    markup: str, text: str, entities: list[tuple[str, int, int]]
) -> None:
    parsed, found = parse_html(markup)
    assert parsed == text
    assert [(each["type"], each["offset"], each["length"]) for each in found] == entities


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("a <x>b</x>", 'Unsupported start tag "x" at byte offset 2'),
        ("é <", 'Unsupported start tag "" at byte offset 3'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_what_telegram_would_not_parse_is_refused_in_its_words(markup: str, fault: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(markup)
    assert refused.value.code == 400
    assert refused.value.description == f"Bad Request: can't parse entities: {fault}"


@given(st.text(alphabet="ab<>/&;\"'= i\U0001f98a\n", max_size=40))
def test_any_markup_is_refused_or_gives_entities_inside_the_text(markup: str) -> None:
    try:
        text, entities = parse_html(markup)
    except ApiError:
        return
    for each in entities:
        assert 0 <= each["offset"] < each["offset"] + each["length"] <= utf16_length(text)


@given(st.text(max_size=60))
def test_escaped_text_comes_back_as_it_was(words: str) -> None:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (words.strip(), [])


def test_what_people_write_is_marked_by_itself() -> None:
    kinds = [each["type"] for each in found_in("/imagine@imagine_bot 1/2 @ann see https://a.b/c")]
    assert kinds == ["bot_command", "mention", "url"]


@pytest.mark.parametrize("words", ["<b>a</b>", "</imagine", "/imagine/", "and/or", "//x"])
def test_a_slash_inside_markup_or_a_path_is_no_command(words: str) -> None:
    assert found_in(words) == []
