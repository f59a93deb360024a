"""What can be chosen by name, over all enabled offers."""

from dataclasses import replace

from bot.usecases.engines import Engines
from providers.testing import FAKE_OFFER


def test_a_scheduler_of_several_offers_is_listed_once() -> None:
    local = replace(FAKE_OFFER, schedulers=("ddim", "ddpm"))
    remote = replace(FAKE_OFFER, schedulers=("DDIM", "P-Sampler"))
    assert sorted(Engines({}, [local, FAKE_OFFER, remote]).schedulers) == [
        "P-Sampler",
        "ddim",
        "ddpm",
    ]
    assert Engines({}, [FAKE_OFFER]).schedulers == []
