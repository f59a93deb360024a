"""The living part of a job's one message: position, progress, previews, Cancel. Its end is
`delivery.py`'s.

A card is kept for every unfinished job. Edits are coalesced: a card knows what it shows and what
it should show, and a slow tick brings the two together as fast as the chat's pace allows.

The first preview turns the message into a photo, whose caption then tells the rest.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from aiogram import Bot
from aiogram.types import BufferedInputFile, InputMediaPhoto

from bot import texts
from bot.keyboards import cancel_keyboard
from bot.pace import Pace
from bot.replies import reply_to
from bot.telegram_errors import TELEGRAM_FAILURES, Fate, judge
from bot.usecases.engines import Engines
from bot.usecases.estimate import Standing, standing_of
from bot.usecases.spec import JobSpec
from providers.clock import Clock
from providers.types import Progress
from storage.base import Storage
from storage.records import Job

TICK = 0.5  # seconds
EDITS_PER_TICK = 10  # Telegram takes about 30 calls a second in all; results come first
REFRESH_EVERY = 5.0  # seconds between looks at one waiting job's place in the queue
PROGRESS_STEPS = 20  # a message is edited at most this often for progress
CLOSED_REMEMBERED = 1000  # the last jobs to end; a handler is never further behind

NO_PICTURES_HERE = frozenset({Fate.NO_PHOTO, Fate.UNREACHABLE, Fate.REFUSED})
"""After these for a preview, words may still be taken: no right to send photos, say."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Card:
    job: Job
    spec: JobSpec
    message_id: int | None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    closed: bool = False
    running: bool = False
    stopping: bool = False
    unsendable: bool = False  # a send's fate is unknown, or the chat can't be reached
    fraction: float = 0.0
    preview: bytes | None = None  # the newest, until it is shown
    is_photo: bool = False  # as far as known: another process may have shown a preview
    words_only: bool = False  # Telegram takes no picture here
    standing: Standing | None = None
    refreshed_at: float = float("-inf")
    shown: str = ""

    def wanted(self) -> str:
        if self.stopping:
            return texts.stopping(self.spec)
        if not self.running:
            return texts.queued(self.spec, self.standing)
        steps = int(self.fraction * PROGRESS_STEPS)
        if steps == 0:
            return texts.starting(self.spec)
        return texts.running(self.spec, steps / PROGRESS_STEPS)


class StatusBoard:
    """Implements `worker.JobWatcher`; `on_end` is told of every job that got its outcome.

    A preview is a picture nobody has checked: `previews` says whether any is shown, and
    `cover_previews` whether under a spoiler.
    """

    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        engines: Engines,
        pace: Pace,
        clock: Clock,
        *,
        on_end: Callable[[], None],
        previews: bool = True,
        cover_previews: bool = False,
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._engines = engines
        self._pace = pace
        self._clock = clock
        self._on_end = on_end
        self._previews = previews
        self._cover_previews = cover_previews
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
        card = Card(job, JobSpec.load(job.spec), job.status_message_id)
        self._cards[job.id] = card
        if self._group is not None:
            self._group.create_task(self._try_update(card))

    def started(self, job: Job) -> None:
        self.announce(job)
        if card := self._cards.get(job.id):
            card.running = True

    def progressed(self, job: Job, progress: Progress) -> None:
        if card := self._cards.get(job.id):
            card.fraction = max(card.fraction, progress.fraction)
            if self._previews and progress.preview is not None:
                card.preview = progress.preview

    def stopping(self, job: Job) -> None:
        if card := self._cards.get(job.id):
            card.stopping = True

    def requeued(self, job: Job) -> None:
        if card := self._cards.get(job.id):
            card.running, card.fraction, card.preview = False, 0.0, None

    def ended(self, job: Job) -> None:
        self._on_end()

    async def close(self, job_id: int) -> int | None:
        """No more edits of this message; when the one in flight, if any, is over: the message's id."""
        self._closed[job_id] = None
        if len(self._closed) > CLOSED_REMEMBERED:
            self._closed.popitem(last=False)
        card = self._cards.pop(job_id, None)
        if card is None:
            return None
        card.closed = True
        async with card.lock:
            return card.message_id

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            async with self._storage.reading() as view:
                for job in await view.jobs.unfinished():
                    self.announce(job)
            ticking = group.create_task(self._tick_forever())
            await self._stopping.wait()
            self._group = None
            ticking.cancel()

    async def _tick_forever(self) -> None:
        while True:
            await self._clock.sleep(TICK)
            await self._tick()

    async def _tick(self) -> None:
        due = [card for card in list(self._cards.values()) if self._is_due(card)]
        due.sort(key=lambda card: (not card.running, card.refreshed_at))
        one_a_chat: dict[int, Card] = {}
        for card in due:
            one_a_chat.setdefault(card.job.chat_id, card)
        async with asyncio.TaskGroup() as group:
            for card in list(one_a_chat.values())[:EDITS_PER_TICK]:
                group.create_task(self._try_update(card))

    def _is_due(self, card: Card) -> bool:
        if card.unsendable or card.lock.locked() or not self._pace.may_edit(card.job.chat_id):
            return False
        if card.running or card.stopping:
            return card.wanted() != card.shown or self._preview_due(card)
        return self._clock.monotonic() - card.refreshed_at >= REFRESH_EVERY

    def _preview_due(self, card: Card) -> bool:
        if card.preview is None or card.message_id is None or card.stopping or card.words_only:
            return False
        return self._pace.may_edit_media(card.job.chat_id)

    async def _update(self, card: Card) -> None:
        async with card.lock:
            if card.closed or self._pace.closed_for(card.job.chat_id):
                return
            await self._refresh(card)
            wanted = card.wanted()
            if (wanted == card.shown and not self._preview_due(card)) or card.closed:
                return
            try:
                await self._show(card, wanted)
                card.shown = wanted
            except TELEGRAM_FAILURES as error:
                self._after_failure(card, error)

    async def _show(self, card: Card, wanted: str) -> None:
        if card.message_id is None:
            await self._send(card, wanted)
        elif not (self._preview_due(card) and await self._edit_media(card, wanted)):
            await self._edit_words(card, wanted)

    async def _try_update(self, card: Card) -> None:
        try:
            await self._update(card)
        except Exception:  # one card's trouble (storage, a bug) must not end all the others
            log.exception("status not updated", job=card.job.id)

    async def _refresh(self, card: Card) -> None:
        card.refreshed_at = self._clock.monotonic()
        if not card.running:
            async with self._storage.reading() as view:
                card.standing = await standing_of(card.job, view, self._engines)

    async def _send(self, card: Card, text: str) -> None:
        job = card.job
        sent = await self._bot.send_message(
            job.chat_id,
            text,
            message_thread_id=job.thread_id,
            reply_parameters=reply_to(job.message_id),
            reply_markup=cancel_keyboard(job.id),
        )
        card.message_id = sent.message_id
        async with self._storage.transaction() as tx:
            await tx.jobs.set_status_message(job.id, sent.message_id)

    async def _edit_words(self, card: Card, text: str) -> None:
        self._pace.edited(card.job.chat_id)
        chat_id, message_id = card.job.chat_id, card.message_id
        keyboard = None if card.stopping else cancel_keyboard(card.job.id)
        if card.is_photo:
            await self._bot.edit_message_caption(
                chat_id=chat_id, message_id=message_id, caption=text, reply_markup=keyboard
            )
        else:
            await self._bot.edit_message_text(
                text, chat_id=chat_id, message_id=message_id, reply_markup=keyboard
            )

    async def _edit_media(self, card: Card, text: str) -> bool:
        """False where Telegram takes no picture here."""
        assert card.preview is not None  # noqa: S101 - it is due
        self._pace.edited(card.job.chat_id, media=True)
        file, card.preview = BufferedInputFile(card.preview, "preview.jpg"), None
        try:
            await self._bot.edit_message_media(
                InputMediaPhoto(media=file, caption=text, has_spoiler=self._cover_previews or None),
                chat_id=card.job.chat_id,
                message_id=card.message_id,
                reply_markup=cancel_keyboard(card.job.id),
            )
        except TELEGRAM_FAILURES as error:
            if judge(error).fate not in NO_PICTURES_HERE:
                raise
            card.words_only = True
            return False
        card.is_photo = True
        return True

    def _after_failure(self, card: Card, error: Exception) -> None:
        judgement = judge(error)
        match judgement.fate:
            case Fate.NO_TEXT:
                card.is_photo = True  # the next tick knows
            case Fate.NO_CAPTION:
                card.is_photo = False
            case Fate.WAIT:
                self._pace.close(card.job.chat_id, judgement.seconds)
            case Fate.DONE:
                card.shown = card.wanted()
            case Fate.UNKNOWN if card.message_id is not None:
                pass  # an edit: the next tick may simply repeat it
            case _:
                # A send that may have arrived is not repeated: the outcome brings its own message.
                card.unsendable = True
                log.info("status not shown", job=card.job.id, fate=judgement.fate.name)
