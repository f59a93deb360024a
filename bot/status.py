"""The living part of a job's one message: position, progress, previews, Cancel. Its end is
`delivery.py`'s.

A card is kept for every unfinished job. Edits are coalesced: a card knows what it shows and what
it should show, and a slow tick brings the two together as fast as the chat's pace allows.

The first preview turns the message into a photo, whose caption then tells the rest.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import structlog
from aiogram import Bot

from bot.card_messages import CardMessages
from bot.cards import Card
from bot.i18n import use_locale
from bot.inline_messages import pace_key
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.pace import Pace
from bot.turns import Turns
from bot.usecases.engines import Engines
from bot.usecases.estimate import standing_of
from bot.usecases.outage import waits_out
from bot.usecases.pauses import Pauses
from providers.clock import Clock
from providers.types import Progress
from storage.base import Storage
from storage.errors import DatabaseAway
from storage.records import Job, JobState

TICK = 0.5  # seconds
EDITS_PER_TICK = 10  # Telegram takes about 30 calls a second in all; results come first
REFRESH_EVERY = 5.0  # seconds between looks at one waiting job's place in the queue
CLOSED_REMEMBERED = 1000  # the last jobs to end; a handler is never further behind

NO_ID = 0  # in place of a message's: it is known by its inline_message_id, and was there before us

log = structlog.get_logger(__name__)


class StatusBoard:
    """Implements `running.JobWatcher`; `on_end` is told of every job that got its outcome.

    A preview is a picture nobody has checked: `previews` says whether any is shown, and
    `cover_previews` whether under a spoiler. adopts: queued jobs found at the start are shown too.
    """

    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        engines: Engines,
        pace: Pace,
        clock: Clock,
        *,
        pauses: Pauses,
        on_end: Callable[[], None],
        previews: bool = True,
        cover_previews: bool = False,
        adopts: bool = True,
    ) -> None:
        self._storage = storage
        self._engines = engines
        self._pauses = pauses
        self._pace = pace
        self._clock = clock
        self._on_end = on_end
        self._previews = previews
        self._messages = CardMessages(bot, storage, pace, clock, cover_previews=cover_previews)
        self._turns = Turns(storage, clock)
        self._adopts = adopts
        self._cards: dict[int, Card] = {}
        self._closed: OrderedDict[int, None] = OrderedDict()
        self._group: asyncio.TaskGroup | None = None
        self._stopping = asyncio.Event()

    def announce(self, job: Job) -> None:
        """Show a job in its chat, at once where nothing is shown yet.

        The worker may be faster than the handler: a job may have started, or be over, by now.
        """
        if job.id in self._cards or job.id in self._closed:
            return
        card = self._add(job)
        if self._group is not None:
            self._group.create_task(self._try_update(card))

    def _add(self, job: Job) -> Card:
        card = self._cards[job.id] = _card(job)
        return card

    def started(self, job: Job) -> None:
        self.announce(job)
        if card := self._cards.get(job.id):
            card.running, card.lease_until = True, job.lease_until
            card.mine = not self._turns.shared

    def kept(self, job: Job, lease_until: datetime) -> None:
        if card := self._cards.get(job.id):
            card.lease_until = lease_until

    def lost(self, job: Job) -> None:
        if self._turns.shared:  # another process has it
            self._drop(job.id)

    def progressed(self, job: Job, progress: Progress) -> None:
        if card := self._cards.get(job.id):
            card.fraction = max(card.fraction, progress.fraction)
            if self._previews and progress.preview is not None:
                card.preview = progress.preview

    def stopping(self, job: Job) -> None:
        card = self._cards.get(job.id)
        if card and (card.running or not self._turns.shared):  # else it's another process's to show
            card.stopping = True

    def requeued(self, job: Job) -> None:
        if card := self._cards.get(job.id):
            card.running, card.fraction, card.preview = False, 0.0, None
            card.lease_until = None

    def ended(self, job: Job) -> None:
        if card := self._cards.get(job.id):
            card.closed = True
        self._on_end()

    async def close(self, job_id: int) -> int | None:
        """No more edits of this message; when the one in flight, if any, is over: the message's id."""
        self._closed[job_id] = None
        if len(self._closed) > CLOSED_REMEMBERED:
            self._closed.popitem(last=False)
        card = self._drop(job_id)
        if card is None:
            return None
        async with card.lock:
            return card.message_id

    def _drop(self, job_id: int) -> Card | None:
        """It is another's to show, or over."""
        card = self._cards.pop(job_id, None)
        if card is not None:
            card.closed = True
        return card

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            for job in await self._found():
                if job.id not in self._cards and job.id not in self._closed:
                    self._add(job)  # and no more: there may be thousands, and the ticks pace them
            ticking = group.create_task(self._tick_forever())
            await self._stopping.wait()
            self._group = None
            ticking.cancel()

    @waits_out
    async def _found(self) -> list[Job]:
        """What this process is to show from its start on; what runs elsewhere is shown there."""
        if not self._adopts:
            return []
        async with self._storage.reading() as view:
            jobs = await view.jobs.unfinished()
        return [job for job in jobs if job.state is JobState.QUEUED or not self._turns.shared]

    async def _tick_forever(self) -> None:
        while True:
            await self._clock.sleep(TICK)
            await self._tick()

    async def _tick(self) -> None:
        due = [card for card in list(self._cards.values()) if self._is_due(card)]
        due.sort(
            key=lambda card: (card.message_id is not None, not card.running, card.refreshed_at)
        )
        one_a_chat: dict[int, Card] = {}
        for card in due:
            one_a_chat.setdefault(pace_key(card.job), card)
        async with asyncio.TaskGroup() as group:
            for card in list(one_a_chat.values())[:EDITS_PER_TICK]:
                group.create_task(self._try_update(card))

    def _is_due(self, card: Card) -> bool:
        if card.unsendable or card.closed or card.lock.locked() or not self._may_show(card):
            return False
        if card.message_id is None:
            return True
        if card.running or card.stopping:
            return card.wanted() != card.shown or self._preview_due(card)
        return self._clock.monotonic() - card.refreshed_at >= REFRESH_EVERY

    def _may_show(self, card: Card) -> bool:
        is_new = card.message_id is None
        chat_id = pace_key(card.job)
        return self._pace.may_send(chat_id) if is_new else self._pace.may_edit(chat_id)

    def _preview_due(self, card: Card) -> bool:
        if card.preview is None or card.message_id is None or card.stopping or card.words_only:
            return False
        return self._pace.may_edit_media(card.job.chat_id)

    async def _update(self, card: Card) -> None:
        async with card.lock:
            if card.closed or self._pace.closed_for(pace_key(card.job)):
                return
            await self._refresh(card)
            wanted = card.wanted()
            if (wanted == card.shown and not self._preview_due(card)) or card.closed:
                return
            if card.running:
                if await self._is_ours(card):
                    await self._try_show(card, wanted)
            elif await self._turns.take(card.job.id):
                await self._try_show(card, wanted)
                await self._turns.leave(card.job.id)
            elif self._is_elsewhere(card):
                await self._leave(card)

    async def _is_ours(self, card: Card) -> bool:
        """Whether no other process may edit a running job's message, now or before we are done."""
        if not card.mine and (free := await self._turns.take_over(card.job.id)) is not None:
            card.mine = True
            if card.message_id is None:
                card.message_id = free.message_id
            # Whoever accepted it has tried to send one: it may be there. The outcome brings another.
            card.unsendable = card.message_id is None and not free.held
        return card.mine and not card.unsendable and self._turns.in_time(card.lease_until)

    async def _try_show(self, card: Card, wanted: str) -> None:
        if not self._may_show(card):  # others may have been shown meanwhile
            return
        if card.message_id is not None and not await self._turns.may_edit(pace_key(card.job)):
            return
        try:
            await self._show(card, wanted)
            card.shown = wanted
        except TELEGRAM_FAILURES as error:
            self._after_failure(card, error)

    async def _show(self, card: Card, wanted: str) -> None:
        if card.message_id is None:
            await self._messages.send(card, wanted)
        elif not (self._preview_due(card) and await self._messages.edit_media(card, wanted)):
            await self._messages.edit_words(card, wanted)

    async def _try_update(self, card: Card) -> None:
        try:
            with use_locale(card.job.language):
                await self._update(card)
        except DatabaseAway:
            pass  # others say so; a later tick tries again
        except Exception:  # one card's trouble (storage, a bug) must not end all the others
            log.exception("status not updated", job=card.job.id)

    async def _refresh(self, card: Card) -> None:
        card.refreshed_at = self._clock.monotonic()
        if not card.running:
            pauses = await self._pauses.look()
            card.held = pauses.holds(leg.provider for leg in card.spec.legs(card.job))
            card.standing = await self._storage.read(
                lambda view: standing_of(card.job, view, self._engines)
            )
            if self._is_elsewhere(card) and card.message_id is not None:
                await self._leave(card)

    def _is_elsewhere(self, card: Card) -> bool:
        return self._turns.shared and card.standing is None and not card.running

    async def _leave(self, card: Card) -> None:
        """To whoever runs it."""
        self._drop(card.job.id)
        await self._turns.leave(card.job.id)

    def _after_failure(self, card: Card, error: Exception) -> None:
        judgement = judge(error)
        match judgement.fate:
            case Fate.NO_TEXT:
                card.is_photo = True  # the next tick knows
            case Fate.NO_CAPTION:
                card.is_photo = False
            case Fate.WAIT:
                self._pace.close(pace_key(card.job), judgement.seconds)
            case Fate.DONE:
                card.shown = card.wanted()
            case Fate.UNKNOWN if card.message_id is not None:
                pass  # an edit: the next tick may simply repeat it
            case _:
                # A send that may have arrived is not repeated: the outcome brings its own message.
                card.unsendable = True
                log.info("status not shown", job=card.job.id, fate=judgement.fate.name)


def _card(job: Job) -> Card:
    """An inline message takes no upload, so no preview either."""
    inline = job.inline_message_id is not None
    message_id = NO_ID if inline else job.status_message_id
    return Card(job, message_id, words_only=inline)
