"""Long polling that acknowledges an update only when its handler is done.

aiogram's own loop either moves the offset before the handlers have run or handles one update at a
time. Here all that was fetched runs at once, one chat's updates in order, and the offset moves up to
the oldest that isn't done. One that takes long (a picture to fetch, an album to wait for) holds up
no other chat: meanwhile Telegram is asked again, and what is in hand already is passed over.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.types import Update

from bot.settings import WrongSetting
from bot.telegram.errors import TELEGRAM_FAILURES, judge
from bot.telegram.pace import backoff
from providers.clock import Clock
from storage.errors import DatabaseAway

POLL_TIMEOUT = 25  # seconds Telegram holds an empty getUpdates open
PATIENCE = 0.5  # seconds for what is in hand, before Telegram is asked for what came since
STOP_PATIENCE = 1.5  # and once stopping; what isn't done then comes again to the next process
LONGEST_PAUSE = 30.0  # seconds between tries while Telegram can't be reached

Lane = tuple[int, int]
"""A chat, whose updates are handled in order; a picture of an album is a lane of its own, and so is
what comes from no chat: someone typing in inline mode waits for nobody.
"""

log = structlog.get_logger(__name__)


class Poller:
    def __init__(self, bot: Bot, dispatcher: Dispatcher, clock: Clock) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._kinds = dispatcher.resolve_used_update_types()
        self._clock = clock
        self._stopping = asyncio.Event()
        self._offset: int | None = None
        self._in_hand: set[int] = set()  # ids of updates
        self._done: set[int] = set()  # and of those that wait for an older one
        self._settled: set[int] = set()  # since Telegram was last asked: the answer may hold them
        self._lanes: dict[Lane, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._webhook_dropped = False

    def stop(self) -> None:
        """Fetch nothing more; `run` returns when what is in hand is stored."""
        self._stopping.set()

    async def run(self) -> None:
        """Raises WrongSetting: the token isn't valid any more."""
        async with asyncio.TaskGroup() as group:
            stopped = group.create_task(self._stopping.wait())
            while not self._stopping.is_set():
                fetch = group.create_task(self._fetch())
                await asyncio.wait({fetch, stopped}, return_when=asyncio.FIRST_COMPLETED)
                if not fetch.done():
                    fetch.cancel()
                    break
                self._take(fetch.result(), group)
                await self._wait_for_hands(PATIENCE)
            await self._wait_for_hands(STOP_PATIENCE)
            for task in self._tasks:
                task.cancel()
        await self._confirm()

    async def _fetch(self) -> list[Update]:
        try:
            if not self._webhook_dropped:
                await self._bot.delete_webhook(drop_pending_updates=False)
                self._webhook_dropped = True
            self._settled.clear()
            updates = await self._bot.get_updates(
                offset=self._offset,
                timeout=0 if self._in_hand else POLL_TIMEOUT,
                allowed_updates=self._kinds,
                request_timeout=POLL_TIMEOUT + 10,
            )
        except TelegramUnauthorizedError:
            raise WrongSetting("BOT_TOKEN", "Telegram doesn't accept it any more") from None
        except TELEGRAM_FAILURES as error:
            self._failures += 1
            pause = judge(error).seconds or backoff(self._failures, LONGEST_PAUSE)
            log.warning("getUpdates failed", error=type(error).__name__, pause=pause)
            await self._clock.sleep(pause)
            return []
        self._failures = 0
        return updates

    def _take(self, updates: Sequence[Update], group: asyncio.TaskGroup) -> None:
        for update in updates:
            if self._is_known(update.update_id):
                continue
            self._in_hand.add(update.update_id)
            lane = _lane_of(update)
            if lane in self._lanes:
                self._lanes[lane].append(update)
                continue
            self._lanes[lane] = deque([update])
            task = group.create_task(self._serve(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _is_known(self, update_id: int) -> bool:
        """In hand, or done but not acknowledged when Telegram was asked."""
        return any(update_id in ids for ids in (self._in_hand, self._done, self._settled))

    async def _wait_for_hands(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    async def _serve(self, lane: Lane) -> None:
        queue = self._lanes[lane]
        try:
            while queue:
                await self._feed(queue[0])
                self._acknowledge(queue.popleft().update_id)
        finally:
            del self._lanes[lane]

    async def _feed(self, update: Update) -> None:
        try:
            while not await self._handled(update):
                log.warning("update waits for the database", update=update.update_id)
        except Exception:  # not even the error handler could: the other chats' must go on
            log.exception("update not handled", update=update.update_id)

    async def _handled(self, update: Update) -> bool:
        """False where the database was away for longer than a handler waits: it isn't acknowledged."""
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except DatabaseAway:
            return False
        return True

    def _acknowledge(self, update_id: int) -> None:
        """The next poll tells Telegram, as far as nothing older is in hand."""
        self._in_hand.remove(update_id)
        self._done.add(update_id)
        oldest = min(self._in_hand, default=None)
        told = {done for done in self._done if oldest is None or done < oldest}
        if told:
            self._offset = max(told) + 1
            self._done -= told
            self._settled |= told

    async def _confirm(self) -> None:
        """Tell Telegram what is done, so that it isn't sent again to the next process."""
        if self._offset is None:
            return
        try:
            await self._bot.get_updates(offset=self._offset, limit=1, timeout=0, request_timeout=2)
        except TELEGRAM_FAILURES as error:  # it comes again then, and changes nothing
            log.info("last batch not confirmed", error=type(error).__name__)


def _lane_of(update: Update) -> Lane:
    event = update.event
    chat = getattr(event, "chat", None) or getattr(getattr(event, "message", None), "chat", None)
    in_album = getattr(event, "media_group_id", None) is not None
    return chat.id if chat else 0, update.update_id if in_album or chat is None else 0
