"""Tells the owners when no provider draws any more; one of several that is down is passed by."""

from collections.abc import Callable, Mapping

import structlog

from bot.i18n import _
from bot.texts.providers import NOBODY_DRAWS
from providers.breaker import BreakerState
from providers.clock import Clock
from providers.gate import Gate

EVERY = 5.0  # seconds

log = structlog.get_logger(__name__)

Tell = Callable[[Callable[[], str]], None]


class EngineWatch:
    """Once, until one of them has drawn again."""

    def __init__(self, gates: Mapping[str, Gate], tell_owners: Tell, clock: Clock) -> None:
        self._gates = gates
        self._tell_owners = tell_owners
        self._clock = clock
        self._told = False

    async def run(self) -> None:
        """For good; to be canceled at any time."""
        while True:
            self.look()
            await self._clock.sleep(EVERY)

    def look(self) -> None:
        working = [gate for gate in self._gates.values() if not gate.paused]
        all_down = bool(working) and all(
            gate.breaker_state is not BreakerState.CLOSED for gate in working
        )
        if all_down and not self._told:
            log.error("no provider draws")
            self._tell_owners(lambda: _(NOBODY_DRAWS))
        self._told = all_down
