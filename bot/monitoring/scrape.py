"""One reading for Prometheus: what is counted here, and what the database says at that moment."""

import asyncio
from collections.abc import Mapping

from prometheus_client import generate_latest

from bot.monitoring.meters import Meters
from bot.usecases.pauses import Pauses
from providers.gate import Gate
from storage.base import Storage
from storage.errors import DatabaseAway

PATIENCE = 5.0  # seconds for the database; Prometheus itself waits for ten


class Scrape:
    def __init__(
        self, meters: Meters, storage: Storage, gates: Mapping[str, Gate], pauses: Pauses
    ) -> None:
        self._meters = meters
        self._storage = storage
        self._gates = gates
        self._pauses = pauses
        self._one_at_a_time = asyncio.Lock()  # whoever asks often asks the database no oftener

    async def __call__(self) -> bytes:
        async with self._one_at_a_time:
            await self._look_at_queue()
            self._meters.show_providers(self._gates)
            # It reads /proc, too, and so may block.
            return await asyncio.to_thread(generate_latest, self._meters.registry)

    async def _look_at_queue(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                pauses = await self._pauses.look()
                async with self._storage.reading() as view:
                    summary = await view.statistics.queue(people=0)
        except (DatabaseAway, TimeoutError):
            self._meters.hide_queue()
        else:
            self._meters.show_queue(summary, pauses)
