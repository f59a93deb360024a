"""Which language a person reads: the one they chose; None where Telegram's says it."""

from collections import OrderedDict

from providers.clock import Clock
from storage.base import Storage

REMEMBERED = 10_000  # people; the choice is asked for at every update


class Languages:
    """Other processes' changes are seen after REMEMBERED_FOR seconds."""

    REMEMBERED_FOR = 60.0

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._known: OrderedDict[int, tuple[float, str | None]] = OrderedDict()

    async def of(self, user_id: int) -> str | None:
        until, language = self._known.get(user_id, (0.0, None))
        if self._clock.monotonic() < until:
            return language
        async with self._storage.reading() as view:
            user = await view.users.get(user_id)
        language = user.locale if user else None
        self._keep(user_id, language)
        return language

    async def unasked(self, user_id: int) -> str | None:
        """For words that answer no update: the language chosen, else what Telegram said last."""
        async with self._storage.reading() as view:
            user = await view.users.get(user_id)
        return (user.locale or user.language) if user else None

    async def choose(self, user_id: int, language: str | None) -> None:
        """None: follow Telegram's again."""
        async with self._storage.transaction() as tx:
            await tx.users.set_locale(user_id, language)
        self._keep(user_id, language)

    def _keep(self, user_id: int, language: str | None) -> None:
        self._known[user_id] = (self._clock.monotonic() + self.REMEMBERED_FOR, language)
        self._known.move_to_end(user_id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
