"""The verdict on a prompt before anything is spent, and the count of what moderation did."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import structlog

from bot.usecases.errors import PromptBlocked, PromptUnchecked, Strike
from bot.usecases.quotas import QuotaRules
from providers.clock import Clock
from providers.moderation.base import PromptModerator
from providers.types import Verdict, VerdictStatus, Wish
from storage.base import Storage, Stores
from storage.records import VerdictCount

ALLOWED = Verdict(VerdictStatus.ALLOWED, "prompt")

WITHOUT_GUIDANCE = 1.0
"""At this guidance and below, what should not be drawn is no longer kept away from."""

log = structlog.get_logger(__name__)


class Moderation:
    """Who judges prompts: the bot's own rules at once, then a service where one is set.

    open_when_down: prompts the service couldn't check are drawn (MODERATION_WHEN_DOWN=open).
    """

    def __init__(
        self,
        rules: PromptModerator,
        service: PromptModerator | None = None,
        *,
        open_when_down: bool = False,
    ) -> None:
        self._rules = rules
        self._service = service
        self._open_when_down = open_when_down

    @property
    def asks_service(self) -> bool:
        """Whether `by_service` takes time."""
        return self._service is not None

    async def by_rules(self, wish: Wish) -> Verdict:
        return await self._rules.check(_judged(wish))

    async def by_service(self, wish: Wish) -> Verdict:
        return await self._service.check(_judged(wish)) if self._service else ALLOWED

    def enforce(self, verdict: Verdict, strike: Strike | None = None) -> None:
        """Raises PromptBlocked, PromptUnchecked."""
        match verdict.status:
            case VerdictStatus.BLOCKED:
                raise PromptBlocked(verdict.source or "", verdict.categories, strike)
            case VerdictStatus.UNCHECKED if not self._open_when_down:
                raise PromptUnchecked
            case VerdictStatus.UNCHECKED:
                log.warning("prompt unchecked", source=verdict.source)
            case VerdictStatus.ALLOWED:
                pass

    async def aclose(self) -> None:
        await self._rules.aclose()
        if self._service is not None:
            await self._service.aclose()


class Tally:
    """Counts verdicts by day, source and stage: each blocked picture, and a prompt once a job."""

    def __init__(self, rules: QuotaRules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock

    async def count(self, tx: Stores, verdicts: Iterable[Verdict], *, source: str = "") -> None:
        """source: of a verdict that names none."""
        day = self._rules.day_at(self._clock.now()).day
        kinds = Counter((v.source or source, v.stage or "image", v.status) for v in verdicts)
        for (who, stage, status), count in kinds.items():
            if status is not VerdictStatus.ALLOWED:
                await tx.verdicts.count(
                    VerdictCount(
                        day=day,
                        source=who,
                        stage=stage,
                        status=status.value,
                        count=1 if stage == "prompt" else count,
                    )
                )


class ShowVerdicts:
    """For the owner: what was blocked or couldn't be checked lately."""

    def __init__(self, storage: Storage, rules: QuotaRules, clock: Clock) -> None:
        self._storage = storage
        self._rules = rules
        self._clock = clock

    async def __call__(self, *, days: int = 7) -> list[VerdictCount]:
        """Of the last `days`, today included."""
        today = self._rules.day_at(self._clock.now()).day
        async with self._storage.reading() as view:
            return await view.verdicts.since(today - timedelta(days=days - 1))


def _judged(wish: Wish) -> str:
    """The prompt. What the picture should not show is a reason to draw nothing only where the
    guidance is too low to keep away from it.
    """
    asked = (wish.guidance_scale, wish.prior_guidance_scale)
    if any(scale is not None and scale <= WITHOUT_GUIDANCE for scale in asked):
        return f"{wish.prompt}\n{wish.negative_prompt}"
    return wish.prompt
