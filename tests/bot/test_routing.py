"""Our routers against aiogram's own: the same to whoever uses them."""

import aiogram
import pytest

from bot.telegram.routing import KINDS, Router


def test_a_router_lacks_nothing_of_aiograms() -> None:
    theirs = aiogram.Router(name="theirs")
    assert theirs.observers.keys() == KINDS
    assert vars(theirs).keys() - KINDS - {"errors"} == vars(Router(name="ours")).keys()


def test_an_observer_is_there_once_it_is_asked_for() -> None:
    router = Router(name="ours")
    assert router.observers == {}
    assert router.message is router.message and router.errors is router.error
    assert router.observers == {"message": router.message, "error": router.error}
    assert router.message.event_name == "message" and router.message.router is router


def test_what_is_no_kind_of_update_is_no_observer() -> None:
    with pytest.raises(AttributeError, match="mesage"):
        _ = Router(name="ours").mesage
