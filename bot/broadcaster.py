"""Sends what is broadcast to one person after the other, slowly enough for Telegram and for results.

Where it has come to is in storage before each send: after a restart it goes on from there.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog
from aiogram import Bot

from bot.panels.broadcast import BroadcastScreen
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.pace import backoff
from providers.calls import to_its_end
from providers.clock import Clock
from storage.base import Storage
from storage.errors import DatabaseAway
from storage.records import Broadcast, BroadcastState

SPACING = 0.04  # seconds from one send to the next: 25 a second at most, of Telegram's 30
LEASE = timedelta(seconds=30)
IDLE_POLL = 5.0  # seconds between looks for one that another process has left
REPORT_EVERY = 3.0
LONGEST_PAUSE = 60.0  # seconds while Telegram is down
TRIES = 3  # for one person, each after a 429
WAY = 1.0  # seconds for which results go first; a steady stream of them must not stop it for ever
GRACE = 2.0  # seconds a send in hand may take once stopping

log = structlog.get_logger(__name__)


class MessageGone(Exception):
    """Its author deleted what is to be copied."""


class Broadcaster:
    """results_wait: whether somebody's result is on its way right now."""

    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        screen: BroadcastScreen,
        clock: Clock,
        *,
        results_wait: Callable[[], bool],
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._screen = screen
        self._clock = clock
        self._results_wait = results_wait
        self._runner = secrets.token_hex(8)
        self._bell = asyncio.Event()
        self._failures = 0  # in a row, for no reason of the person's

    def ring(self) -> None:
        """One was started."""
        self._bell.set()

    async def run(self) -> None:
        """Until canceled."""
        while True:
            self._bell.clear()
            try:
                if (it := await self._claim()) is not None:
                    await self._send_all(it)
                    continue
            except DatabaseAway:
                log.info("broadcast waits for the database")  # it is claimed again
            except Exception:
                log.exception("broadcast left to its lease")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), IDLE_POLL)

    async def _claim(self) -> Broadcast | None:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            return await tx.broadcasts.claim(self._runner, until=now + LEASE, now=now)

    async def _send_all(self, it: Broadcast) -> None:
        gone = False
        try:
            await self._go_through(it)
        except MessageGone:
            gone = True
        except asyncio.CancelledError:
            with suppress(DatabaseAway):  # its lease runs out then
                async with self._storage.transaction() as tx:
                    await tx.broadcasts.release(it.id, self._runner)
            raise
        await self._finish(it, gone=gone)

    async def _go_through(self, it: Broadcast) -> None:
        report_at = self._clock.monotonic()
        while True:
            await self._make_way()
            if not await to_its_end(self._next(it), grace=GRACE):
                return
            if self._clock.monotonic() >= report_at:
                await self._screen.report(it.id)
                report_at = self._clock.monotonic() + REPORT_EVERY
            pause = backoff(self._failures, LONGEST_PAUSE) if self._failures else SPACING
            await self._clock.sleep(pause)

    async def _make_way(self) -> None:
        end = self._clock.monotonic() + WAY
        while self._results_wait() and self._clock.monotonic() < end:
            await self._clock.sleep(WAY / 10)

    async def _next(self, it: Broadcast) -> bool:
        """False: there is nobody left, or it isn't ours to go on with."""
        until = self._clock.now() + LEASE
        async with self._storage.transaction() as tx:
            user_id = await tx.broadcasts.take(it.id, self._runner, until=until)
        if user_id is None:
            return False
        what = await self._send(it, user_id)
        async with self._storage.transaction() as tx:
            await tx.broadcasts.count(it.id, what)
            if what == "blocked":
                now = self._clock.now()
                await tx.chats.set_enabled(user_id, False, kind="private", now=now)
        return True

    async def _send(self, it: Broadcast, user_id: int) -> str:
        """What became of it: "sent", "blocked" or "failed". Raises MessageGone."""
        for _ in range(TRIES):
            try:
                await self._bot.copy_message(user_id, it.chat_id, it.message_id)
            except TELEGRAM_FAILURES as error:
                judgement = judge(error)
                if judgement.fate is not Fate.WAIT:
                    return self._failed(judgement.fate)
                await self._clock.sleep(judgement.seconds)
            else:
                self._failures = 0
                return "sent"
        return "failed"

    def _failed(self, fate: Fate) -> str:
        """Nothing is repeated: what has failed for no clear reason may have arrived."""
        if fate is Fate.NO_MESSAGE:
            raise MessageGone
        self._failures = self._failures + 1 if fate is Fate.UNKNOWN else 0
        return "blocked" if fate is Fate.UNREACHABLE else "failed"

    async def _finish(self, it: Broadcast, *, gone: bool) -> None:
        end = BroadcastState.STOPPED if gone else BroadcastState.DONE
        async with self._storage.transaction() as tx:
            if await tx.broadcasts.is_held(it.id, self._runner):
                await tx.broadcasts.end(it.id, end, now=self._clock.now())
        await self._screen.report(it.id, gone=gone)
