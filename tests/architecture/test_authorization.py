"""Every button's handler says who may press it, by a filter or by a test, or is nobody's to fear."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest
from aiogram import Router
from aiogram.dispatcher.event.handler import HandlerObject

from bot import handlers
from bot.filters import from_admin
from tests.architecture.naming import exists
from tests.fakes.clock import FakeClock

BUTTONS = "tests/bot/test_result_buttons.py::"
GUIDED = "tests/bot/test_guided.py::test_others_words_and_presses_change_nothing"
DATA_OF_ANOTHER_CHAT = BUTTONS + "test_data_of_another_chat_is_refused"
RESULTS = [
    "again",
    "vary",
    "larger",
    "ratios",
    "ratio",
    "styles",
    "turn_styles",
    "style",
    "back",
    "edit",
    "send_file",
    "send_prompt",
    "send_alone",
    "delete",
    "delete_now",
]
PROVEN = {
    "cancel.cancel_pressed": "tests/fuzz/test_updates.py::test_callback_data_of_a_stranger",
    "chat_settings.pressed": "tests/bot/test_chat_settings.py::test_only_admins_choose",
    **dict.fromkeys(
        [f"guided.{name}" for name in ("turned", "ratio", "style", "model", "count")]
        + ["guided.write", "guided.closed"],
        GUIDED,
    ),
    "history.opened": "tests/bot/test_history_panel.py::test_show_is_for_the_owner_alone",
    **{f"results.{name}": DATA_OF_ANOTHER_CHAT for name in RESULTS},
}
OWN = "it reads and changes what is the presser's own, whatever the data"
HARMLESS = {
    **dict.fromkeys([f"settings.{name}" for name in ("turned", "ratio", "style", "model")], OWN),
    "settings.language": OWN,
    "settings.files": OWN,
    "language.chosen": OWN,
    "forgetme.forget": OWN,
    "forgetme.keep": OWN,
    "history.turned": OWN,
    "cancel.waiting_pressed": "it finds the presser's own request alone",
    "history.closed": "it removes a message of the presser's own private chat",
    "unknown_buttons.unknown": "it says that there is no such button",
}


def routers() -> Iterator[Router]:
    for module in iter_modules(handlers.__path__, "bot.handlers."):
        create = getattr(import_module(module.name), "create_router", None)
        if create is not None:
            wants_clock = create.__code__.co_argcount
            yield create(FakeClock()) if wants_clock else create()


def name_of(handler: HandlerObject) -> str:
    function = handler.callback
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def pressed() -> list[HandlerObject]:
    return [each for router in routers() for each in router.callback_query.handlers]


def is_for_admins(handler: HandlerObject) -> bool:
    return any(each.callback is from_admin for each in handler.filters or ())


ADMINS = {name_of(each) for each in pressed() if is_for_admins(each)}


def test_everyone_who_presses_is_asked_who_they_are() -> None:
    assert {name_of(each) for each in pressed()} == ADMINS | PROVEN.keys() | HARMLESS.keys()
    assert not ADMINS & (PROVEN.keys() | HARMLESS.keys()) and not PROVEN.keys() & HARMLESS.keys()
    assert len(ADMINS) >= 12


@pytest.mark.parametrize("name", sorted(set(PROVEN.values())))
def test_what_proves_it_exists(name: str) -> None:
    assert exists(name)
