"""How often someone may follow a link that doesn't work: nobody finds one by trying.

Counted by each process for itself, and no longer than an hour: a link has 96 random bits as it is.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.usecases.errors import TooManyGuesses
from providers.clock import Clock
from storage.errors import InviteInvalid

WRONG_AN_HOUR = 10
HOUR = 3600.0
REMEMBERED = 10_000  # people; the oldest are forgotten first


@dataclass(slots=True)
class Tries:
    since: float
    count: int = 0


class Guesses:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: OrderedDict[int, Tries] = OrderedDict()

    @contextmanager
    def counted(self, user_id: int) -> Iterator[None]:
        """Around one try, which counts where it is wrong. Raises TooManyGuesses."""
        tries = self._tries_of(user_id)
        if tries.count >= WRONG_AN_HOUR:
            raise TooManyGuesses(tries.since + HOUR - self._clock.monotonic())
        tries.count += 1  # before: several at once are several
        try:
            yield
        except InviteInvalid:
            raise
        except BaseException:
            tries.count -= 1
            raise
        else:
            tries.count -= 1

    def _tries_of(self, user_id: int) -> Tries:
        now = self._clock.monotonic()
        found = self._tries.get(user_id)
        if found is None or now - found.since >= HOUR:
            found = self._tries[user_id] = Tries(now)
            self._tries.move_to_end(user_id)
            if len(self._tries) > REMEMBERED:
                self._tries.popitem(last=False)
        return found
