"""What a process does of the whole: over PostgreSQL several share it."""

import asyncio
from dataclasses import dataclass

from bot.settings import Settings, WrongSetting


@dataclass(frozen=True, slots=True)
class Duties:
    """edge: takes Telegram's updates. works: runs jobs; of these providers, None: of all there are."""

    edge: bool = True
    works: bool = True
    providers: frozenset[str] | None = None

    @property
    def is_whole(self) -> bool:
        return self.edge and self.works and self.providers is None

    def check(self, settings: Settings) -> None:
        """Raises WrongSetting where others would be needed that can't be there."""
        if not self.is_whole and settings.database.startswith("sqlite"):
            raise WrongSetting(
                "DATABASE_URL", "must be postgresql+asyncpg://... where processes share the work"
            )

    def claims(self, enabled: frozenset[str]) -> frozenset[str]:
        """Raises WrongSetting for a provider that can't be worked for here."""
        if self.providers is None:
            return enabled
        for name in sorted(self.providers - enabled):
            there = ", ".join(sorted(enabled))
            raise WrongSetting("--providers", f"{name!r} is not enabled here; there is {there}")
        return self.providers


EVERYTHING = Duties()


class Idle:
    """In place of a part that other processes are."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        await self._stopping.wait()
