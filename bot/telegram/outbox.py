"""Answers on their way: handlers leave a call here and return, so that an update is acknowledged
as soon as it is stored, and one slow chat holds up no other.

Calls to one chat go out in order. A 429 is waited out exactly; a call whose fate is unknown is
repeated only where repeating it shows nothing twice.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

import structlog

from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.pace import Pace
from providers.clock import Clock

TRIES = 4
LONGEST_WAIT = 120.0  # seconds; an answer later than that answers nothing

log = structlog.get_logger(__name__)

Call = Callable[[], Awaitable[object]]
Lane = tuple[int, str]  # a chat, and what may overtake what in it


class Outbox:
    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._waiting: defaultdict[Lane, deque[tuple[Call, bool]]] = defaultdict(deque)
        self._group: asyncio.TaskGroup | None = None
        self._busy: set[Lane] = set()
        self._stopping = asyncio.Event()

    def put(self, chat_id: int, call: Call, *, lane: str = "", repeatable: bool = False) -> None:
        """Calls of one lane of a chat keep their order.

        repeatable: it may be called again though it may have taken effect (an edit, say).
        """
        self._waiting[chat_id, lane].append((call, repeatable))
        self._start((chat_id, lane))

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            for lane in list(self._waiting):
                self._start(lane)
            await self._stopping.wait()
        self._group = None

    def _start(self, lane: Lane) -> None:
        if self._group is not None and lane not in self._busy:
            self._busy.add(lane)
            self._group.create_task(self._serve(lane))

    async def _serve(self, lane: Lane) -> None:
        queue = self._waiting[lane]
        try:
            while queue:
                call, repeatable = queue.popleft()
                await self._send(lane[0], call, repeatable)
        finally:
            self._busy.discard(lane)
            self._waiting.pop(lane, None)

    async def _send(self, chat_id: int, call: Call, repeatable: bool) -> None:
        for attempt in range(TRIES):
            await self._clock.sleep(self._pace.closed_for(chat_id))
            try:
                await call()
            except TELEGRAM_FAILURES as error:
                judgement = judge(error)
                if not self._worth_another(judgement.fate, judgement.seconds, repeatable):
                    log.info("answer not sent", chat=chat_id, error=type(error).__name__)
                    return
                if judgement.fate is Fate.WAIT:
                    self._pace.close(chat_id, judgement.seconds)
                else:
                    await self._clock.sleep(2.0**attempt)
            except Exception:  # one answer's bug must not silence all others
                log.exception("answer crashed", chat=chat_id)
                return
            else:
                return

    def _worth_another(self, fate: Fate, seconds: float, repeatable: bool) -> bool:
        if self._stopping.is_set():
            return False
        return (fate is Fate.WAIT and seconds <= LONGEST_WAIT) or (
            fate is Fate.UNKNOWN and repeatable
        )
