"""What starts no new work by an admin's word: everything, a provider, or the intake of requests.

The words are kept in storage, for all processes and over restarts. What runs is finished.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.usecases.asker import Asker
from bot.usecases.errors import Draining, NoSuchProvider
from providers.clock import Clock
from providers.limits import Gates
from storage.base import Storage, Stores

EVERYTHING = "paused"
PROVIDER = "paused:"  # and its name
DRAIN = "draining"
LOOK_EVERY = 1.0  # seconds: another process's pause is noticed within that time


@dataclass(frozen=True, slots=True)
class PauseState:
    """everything: nothing starts. providers: nothing starts there. draining: nothing is accepted."""

    everything: bool = False
    providers: frozenset[str] = frozenset()
    draining: bool = False

    def holds(self, providers: Iterable[str]) -> bool:
        """Whether a job waits that could go to one of these."""
        return self.everything or self.providers.issuperset(providers)


class Pauses:
    def __init__(self, storage: Storage, gates: Gates, clock: Clock) -> None:
        self._storage = storage
        self._gates = gates
        self._clock = clock
        self._looked_at = float("-inf")
        self.state = PauseState()

    async def look(self) -> PauseState:
        """As it is in storage, or was a moment ago."""
        if self._clock.monotonic() - self._looked_at >= LOOK_EVERY:
            async with self._storage.reading() as view:
                await self._read(view)
        return self.state

    async def pause(self, provider: str | None, *, by: int) -> PauseState:
        """A provider, or everything. Raises NoSuchProvider."""
        name = self._named(provider)
        async with self._storage.transaction() as tx:
            now = self._clock.now()
            await tx.controls.set(PROVIDER + name if name else EVERYTHING, True, by=by, now=now)
            await tx.audit.add(by, "pause", details=_of(name), now=now)
            return await self._read(tx)

    async def resume(self, provider: str | None, *, by: int) -> PauseState:
        """A provider, or all there is: pauses and the drain. Raises NoSuchProvider."""
        name = self._named(provider)
        async with self._storage.transaction() as tx:
            now = self._clock.now()
            names = [PROVIDER + name] if name else _all_of(await tx.controls.all())
            for control in names:
                await tx.controls.clear(control)
            await tx.audit.add(by, "resume", details=_of(name), now=now)
            return await self._read(tx)

    async def drain(self, *, by: int) -> PauseState:
        async with self._storage.transaction() as tx:
            now = self._clock.now()
            await tx.controls.set(DRAIN, True, by=by, now=now)
            await tx.audit.add(by, "drain", now=now)
            return await self._read(tx)

    async def _read(self, view: Stores) -> PauseState:
        controls = await view.controls.all()
        names = (name.removeprefix(PROVIDER) for name in controls if name.startswith(PROVIDER))
        self.state = PauseState(EVERYTHING in controls, frozenset(names), DRAIN in controls)
        for name, gate in self._gates.items():
            gate.paused = name in self.state.providers
        self._looked_at = self._clock.monotonic()
        return self.state

    def _named(self, provider: str | None) -> str | None:
        if provider is None or provider in self._gates:
            return provider
        raise NoSuchProvider(provider, tuple(self._gates))


class NotDraining:
    """A rule of entry. What was accepted before may come again: it is no new request."""

    async def __call__(self, asker: Asker, view: Stores, now: datetime) -> None:
        """Raises Draining."""
        if await view.controls.get(DRAIN) is None:
            return
        if await view.jobs.of_message(asker.chat_id, asker.message_id) is None:
            raise Draining


def _all_of(controls: Iterable[str]) -> list[str]:
    return [name for name in controls if name in {EVERYTHING, DRAIN} or name.startswith(PROVIDER)]


def _of(provider: str | None) -> dict[str, str]:
    return {"provider": provider} if provider else {}
