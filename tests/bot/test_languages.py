"""People are answered in their own language: Telegram's, or the one they chose."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.callbacks import LanguageChosen
from bot.i18n import LANGUAGES, use_locale
from bot.playground import Message, Playground
from bot.texts import everyday as texts
from bot.texts import quota as texts_quota
from bot.texts.language import name_of
from bot.texts.measures import duration, listed, moment
from providers.errors import OutOfCredit
from providers.testing import Behaviour, FakeProvider, hang, refuse
from storage.records import QuotaView
from tests.bot.harness import ANN, BORIS, GROUP, Flow, flow
from tests.bot.test_texts import NOON, STYLE_NAMES, TOKYO

OLGA = 3001
TYPED = re.compile(
    r"https?://\S+|/[a-z]+|--[a-z-]+( [\w:.]+)?|@\w+|\d+x\d+"
)  # is the same in every language
NAMES = {"Telegram", "UTC", "fake", "model"} | {
    part for name in STYLE_NAMES for part in name.split("-")
}


def arrive(chat: Flow) -> None:
    chat.playground.add_user(OLGA, "Ольга", language_code="ru")


def foreign_words(message: Message) -> set[str]:
    return foreign_words_in(message.words)


def foreign_words_in(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{2,}", TYPED.sub(" ", text))) - NAMES


async def test_a_whole_visit_is_in_russian(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([Behaviour(), hang()]), daily_quota=5) as chat:
        arrive(chat)
        for text in ("/start", "/help", "/styles", "/models", "/cancel", "/language", "привет"):
            await chat.say(text, user=OLGA)
        await chat.see_text("Привет! Я рисую", chat=OLGA)
        await chat.say("/imagine лиса --style anime --no люди", user=OLGA)
        picture = await chat.see_picture(chat=OLGA)
        assert "сид" in picture.words and " с" in picture.words
        for refused in ("", " --oops 1 лиса", " лиса --style нету", " лиса --ar 9:1"):
            await chat.say("/imagine" + refused, user=OLGA)
        await chat.see_text("Я не знаю параметра --oops", chat=OLGA)
        await chat.say("/imagine медведь --n 4", user=OLGA)
        status = await chat.see_text(" %", chat=OLGA)
        await chat.say("/quota", user=OLGA)
        await chat.see_text("У вас осталось 0 кредитов", chat=OLGA)
        await chat.say("/imagine волк", user=OLGA)
        await chat.see_text("Для этого нужен 1 кредит. У вас осталось 0 кредитов", chat=OLGA)
        answer = await chat.playground.press(OLGA, OLGA, status.message_id, "Отменить")
        assert answer is not None and answer.text == "Останавливаю…"
        await chat.see_text("Отменено.\nКредиты не потрачены.", chat=OLGA)
        told = {text for m in chat.bot_messages(OLGA) for text in foreign_words(m)}
        assert not told - {"English", "Ultra", "HD"}, told


OWNERS_WORDS = (
    *("/admin", "/queue", "/job 1", "/stats 7 text", "/audit", "/providers", "/invites"),
    *(
        "/user 3001",
        "/grant 3001 5",
        "/limit 3001 default",
        "/reset 3001",
        "/ban 777 2d",
        "/unban 777",
    ),
    *("/allow 777", "/disallow 777", "/promote 777", "/demote 777", "/admins", "/chatlimit -777 5"),
    *(
        "/pause",
        "/resume",
        "/pause fake",
        "/resume fake",
        "/drain",
        "/resume",
        "/broadcast",
        "/grant",
    ),
)
CLUB = -1007777777777


def foreign_labels(message: Message) -> set[str]:
    words = " ".join(TYPED.sub(" ", button["text"]) for button in message.buttons)
    return set(re.findall(r"[A-Za-z]{2,}", words)) - NAMES


async def press_all(chat: Flow, place: int) -> set[str]:
    """Press each button of the last message with any; returns the foreign words of the answers."""
    asked = [m for m in chat.bot_messages(place) if m.buttons][-1]
    told: set[str] = set()
    for button in [each["text"] for each in asked.buttons if "callback_data" in each]:
        now = next((m for m in chat.bot_messages(place) if m.message_id == asked.message_id), None)
        if now is None or button not in {each["text"] for each in now.buttons}:
            continue
        answer = await chat.playground.press(OLGA, place, asked.message_id, button)
        told |= foreign_words_in(answer.text if answer else "")
        told |= {word for m in chat.bot_messages(place) for word in foreign_labels(m)}
    return told


async def test_owners_and_groups_are_spoken_to_in_russian(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=frozenset({OLGA})) as chat:
        arrive(chat)
        chat.playground.add_group(CLUB, "Клуб", {OLGA: "creator"})
        await chat.playground.add_bot(CLUB, by=OLGA)
        await chat.say("/imagine лиса", user=OLGA)
        await chat.see_picture(chat=OLGA)
        told = await press_all(chat, OLGA)
        for text in ("/settings", "/history", "/show 1", "/forgetme", "/imagine", *OWNERS_WORDS):
            before = len(chat.bot_messages(OLGA))
            await chat.say(text, user=OLGA)
            await chat.playground.wait_until(lambda: len(chat.bot_messages(OLGA)) > before)  # noqa: B023 - awaited here
            if text in {"/settings", "/admin"}:
                told |= await press_all(chat, OLGA)
        for text in (
            "/chatsettings",
            "/enable",
            "/quota",
            "/chatsettings oops",
        ):
            before = len(chat.bot_messages(CLUB))
            await chat.say(text, user=OLGA, chat=CLUB)
            await chat.playground.wait_until(lambda: len(chat.bot_messages(CLUB)) > before)  # noqa: B023 - awaited here
            if text == "/chatsettings":
                told |= await press_all(chat, CLUB)
        for place in (OLGA, CLUB):
            told |= {word for m in chat.bot_messages(place) for word in foreign_words(m)}
        assert not " ".join(sorted(told - {"English", "Ultra", "HD", "ru"}))


async def test_a_bug_is_told_in_russian(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        arrive(chat)

        async def broken(user_id: int) -> None:
            raise RuntimeError(f"a bug met user {user_id}")

        data = chat.app.edge._dispatcher.workflow_data
        data["services"] = replace(data["services"], show_quota=broken)
        with capture_logs():  # the console's own would print all there is around the bug
            await chat.say("/quota", user=OLGA)
            told = await chat.see_text("пошло не так", chat=OLGA)
        assert re.fullmatch("У меня что-то .+ владельцу бота этот код: [0-9a-f]{8}", told.words)


async def choose(chat: Flow, button: str, *, user: int = ANN, place: int | None = None) -> str:
    """What the press is answered with."""
    place = place or user
    before = len(chat.bot_messages(place))
    await chat.say("/language", user=user, chat=place)
    await chat.playground.wait_until(lambda: len(chat.bot_messages(place)) > before)
    asked = chat.bot_messages(place)[-1]
    answer = await chat.playground.press(user, place, asked.message_id, button)
    assert answer is not None
    return answer.text


async def test_a_language_is_chosen_at_once_and_kept(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, playground=playground) as chat:
            assert await choose(chat, "Русский") == "Теперь я говорю с вами по-русски."
            message = await chat.see_text("по-русски")
            assert not message.buttons
            await chat.say("/quota")
            await chat.see_text("20 кредитов")
            await chat.say("/imagine a fox")
            assert "сид" in (await chat.see_picture()).words
        async with flow(tmp_path, playground=playground) as chat:
            await chat.say("/cancel")
            await chat.see_text("ничего не рисуется")
            assert await choose(chat, "Как в Telegram") == "I speak English with you now."
            playground.set_language(ANN, "ru-RU")
            await chat.say("/start")
            await chat.see_text("Привет!")
            assert await choose(chat, "English") == "I speak English with you now."
            await chat.say("/start")
            await chat.see_text("Hello!")


async def test_in_a_group_everyone_has_their_own_language(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await choose(chat, "English", user=ANN, place=GROUP)
        asked = chat.bot_messages(GROUP)[-1]
        answer = await chat.playground.press(BORIS, GROUP, asked.message_id, "Русский")
        assert answer is not None and "по-русски" in answer.text
        assert chat.bot_messages(GROUP)[-1].buttons, "others may still choose"
        await chat.say("/imagine a fox --oops 1", user=BORIS, chat=GROUP)
        await chat.say("/imagine a fox --oops 1", user=ANN, chat=GROUP)
        notice = await chat.see_text("Ann: I don't know --oops", chat=GROUP)
        assert "Boris: Я не знаю параметра --oops" in notice.words


@pytest.mark.parametrize("data", ["lang:xx", "lang:ru:en", "lang:../ru"])
def test_no_other_language_is_taken_from_a_button(data: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        LanguageChosen.unpack(data)


async def test_owners_are_alerted_in_their_language(tmp_path: Path) -> None:
    provider = FakeProvider(lambda _request: refuse(OutOfCredit("fake")))
    async with flow(tmp_path, provider, admin_ids=frozenset({BORIS})) as chat:
        await choose(chat, "Русский", user=BORIS)
        await chat.say("/imagine a fox")
        await chat.see_text("На счёте в fake кончились деньги", chat=BORIS)


async def test_the_menu_is_registered_in_every_language(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        calls = await chat.playground.wait_until(
            lambda: (
                len(chat.calls("setMyCommands")) == 2 * len(LANGUAGES)
                and chat.calls("setMyCommands")
            )
        )
        told = {
            (call.params.get("scope", {}).get("type"), call.params.get("language_code")): [
                command["description"] for command in call.params["commands"]
            ]
            for call in calls
        }
    scopes, languages = (None, "all_chat_administrators"), (None, *LANGUAGES[1:])
    assert set(told) == {(scope, language) for scope in scopes for language in languages}
    assert told[None, None] == list(texts.COMMANDS.values())
    for scope in scopes:
        assert len(told[scope, "ru"]) == len(told[scope, None])
        assert all(re.search("[а-я]", words) for words in told[scope, "ru"])


# Words that need no chat.


def test_languages_are_called_as_their_speakers_do() -> None:
    assert [name_of(language) for language in ("en", "ru")] == ["English", "Русский"]


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [
        (0, "1 s", "1 с"),
        (99, "99 s", "99 с"),
        (100, "2 min", "2 мин"),
        (7500, "2 h 05 min", "2 ч 05 мин"),
    ],
)
def test_durations(seconds: float, english: str, russian: str) -> None:
    assert duration(seconds) == english
    with use_locale("ru"):
        assert duration(seconds) == russian


def test_moments() -> None:
    later = NOON.replace(hour=14, minute=30)  # 23:30 in Tokyo
    assert moment(later, TOKYO, NOON) == "today at 23:30 (Tokyo)"
    with use_locale("ru"):
        assert moment(later.replace(hour=15), TOKYO, NOON) == "завтра в 00:30 (Токио)"
        assert moment(NOON.replace(day=9), TOKYO, NOON).startswith("9 января 2026")


def test_the_reset_is_told_as_people_say_it() -> None:
    at = NOON.replace(hour=15)
    view = QuotaView(daily_limit=10, daily_left=1, extra_left=0, held=2, resets_at=at)
    with use_locale("ru"):
        assert texts_quota.quota(view, TOKYO, NOON).splitlines() == [
            "У вас остался <b>1 кредит</b>.",
            "▰▱▱▱▱▱▱▱▱▱▱▱ 1/10 на сегодня",
            "2 кредита отложено на картинки, которые ещё рисуются.",
            "Новые кредиты появятся через 3 ч 00 мин, завтра в 00:00 (Токио).",
        ]


def test_lists() -> None:
    assert [listed(words) for words in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
