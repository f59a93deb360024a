"""What may be typed after /chatsettings, and that the buttons say the same words."""

from typing import Any

import pytest

from bot.commands.chat_words import Here, read_change, words_of
from bot.panels.chat import panel
from bot.texts import chat_settings as texts
from bot.usecases.chat_settings import ChatSettings, Nsfw
from bot.usecases.errors import WrongChatSetting

HERE = Here({"anime", "neon", "default"}, ["sdxl", "demo"], Nsfw.SPOILER, topic=7)


@pytest.mark.parametrize(
    ("name", "value", "changes"),
    [
        ("enabled", "Off", {"enabled": False}),
        ("who", "Admins", {"who": "admins"}),
        ("cooldown", "60", {"cooldown": 60}),
        ("COOLDOWN", "off", {"cooldown": 0}),
        ("quiet", "22-8", {"quiet": (22, 8)}),
        ("quiet", "22:00 – 24", {"quiet": (22, 0)}),  # noqa: RUF001 - as phones write it
        ("quiet", "none", {"quiet": None}),
        ("delete", "30", {"auto_delete": 30}),
        ("nsfw", "spoiler", {"nsfw": Nsfw.SPOILER}),
        ("style", "Manga", {"style": "anime"}),
        ("style", "none", {"style": None}),
        ("model", "SDXL", {"model": "sdxl"}),
        ("ratio", "16:9", {"ratio": (16, 9)}),
        ("topics", "here", {"toggle_topic": 7}),
        ("topics", "all", {"topics": ()}),
    ],
)
def test_read(name: str, value: str, changes: dict[str, Any]) -> None:
    assert read_change(name, value, HERE) == changes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enabled", "perhaps"), ("who", "nobody"), ("cooldown", "soon"), ("cooldown", "90000"),
        ("cooldown", "-5"), ("cooldown", ""), ("quiet", "22"), ("quiet", "22-22"),
        ("quiet", "22-25"), ("quiet", "0-24"), ("delete", "2821"), ("nsfw", "allow"),
        ("nsfw", "x"), ("style", "moonwalk"), ("model", "gpt"), ("ratio", "9:1"),
        ("ratio", "512x512"), ("topics", "there"),
    ],
)  # fmt: skip
def test_refused_with_what_can_be_said(name: str, value: str) -> None:
    with pytest.raises(WrongChatSetting) as refused:
        read_change(name, value, HERE)
    assert texts.EXPLAINED[name] in texts.wrong_setting(refused.value)


def test_no_such_setting() -> None:
    with pytest.raises(WrongChatSetting) as refused:
        read_change("fountain", "on", HERE)
    assert "no such setting" in texts.wrong_setting(refused.value)


SETTINGS = ChatSettings(style="anime", ratio=(16, 9), cooldown=60, quiet=(22, 8), topics=(7,))


@pytest.mark.parametrize("settings", [ChatSettings(), SETTINGS])
def test_every_button_says_words_that_can_be_read(settings: ChatSettings) -> None:
    words = words_of(settings, enabled=True)
    first = panel(words, HERE)
    assert set(texts.SETTINGS) == set(words) == set(texts.EXPLAINED)
    for name in words:
        shown = panel(words, HERE, name)
        rows = shown.keyboard.inline_keyboard
        for button in [button for row in rows[:-1] for button in row]:
            _, key, value = (button.callback_data or "").split("|")
            assert key == name and read_change(name, value, HERE)
    assert len(first.keyboard.inline_keyboard) == 6


def test_what_the_owner_does_not_allow_is_not_offered() -> None:
    rows = panel(words_of(ChatSettings(), enabled=True), HERE, "nsfw").keyboard.inline_keyboard
    assert [button.text for row in rows[:-1] for button in row] == ["✓ not shown", "covered"]


def test_a_name_too_long_for_a_button_can_only_be_typed() -> None:
    here = Here({"s" * 80, "anime"}, ["m"], Nsfw.BLOCK)
    rows = panel(words_of(ChatSettings(), enabled=True), here, "style").keyboard.inline_keyboard
    assert [b.text for row in rows[:-1] for b in row] == ["✓ no preference", "anime"]
    assert read_change("style", "s" * 80, here)
