"""The pipeline's process. It ends when the pipe to the bot does, whatever it is at."""

import faulthandler
import logging
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from providers.errors import InvalidRequest, Misconfigured, Unavailable
from providers.local.batch import Drawn, Item, Stopped
from providers.local.config import PipelineConfig
from providers.local.failures import free_memory, in_words, is_device_fault, is_out_of_memory
from providers.local.images import encode
from providers.local.messages import (
    Draw,
    Drop,
    Dropped,
    Failed,
    Free,
    FromProcess,
    Loaded,
    LoadFailed,
    LogLine,
    Made,
    ToProcess,
)
from providers.local.painter import Painter, PainterLoader
from providers.local.watcher import BatchWatcher
from providers.types import GeneratedImage, VerdictStatus

OOM_SCORE = 500
"""Of 1000: where the machine runs out of memory, Linux ends this process and not the bot."""

ENCODERS = 2
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Launch:
    """What a process is told at its start.

    folder: where it leaves pictures. measure: see PainterLoader. niceness: how far it stands back
    for other processes, 0 to 19. bot: the process to end with.
    """

    config: PipelineConfig
    load: PainterLoader
    folder: Path
    measure: bool
    niceness: int
    bot: int = field(default_factory=os.getpid)


def main(commands: Connection, events: Connection, launch: Launch) -> None:
    """commands: ToProcess comes in. events: FromProcess goes out."""
    _settle_in(launch)
    outbox = Outbox(events)
    inbox = Inbox(commands)
    _forward_logs(outbox)
    try:
        painter = launch.load(launch.config, measure=launch.measure)
    except Unavailable as error:
        option = error.option if isinstance(error, Misconfigured) else None
        outbox.send(LoadFailed(error.detail, option))
        return
    except Exception as error:  # noqa: BLE001 - the bot tells its owner
        outbox.send(LoadFailed(f"{launch.config.model}: {in_words(error)}"))
        return
    outbox.send(Loaded(painter.facts))
    studio = Studio(
        painter, outbox, inbox, launch.folder, keep_sensitive=launch.config.keep_sensitive
    )
    while True:
        studio.draw(inbox.batches.get())


class Outbox:
    """For every thread of the process."""

    def __init__(self, events: Connection) -> None:
        self._events = events
        self._lock = threading.Lock()

    def send(self, message: FromProcess) -> None:
        with self._lock, suppress(OSError):  # the bot is gone, and so is this process in a moment
            self._events.send(message)


class Inbox:
    """Reads in a thread of its own, so that a drop or the bot's end is seen while torch is at work.

    batches: what is to be drawn. unwanted: the numbers of pictures to leave out.
    """

    def __init__(self, commands: Connection) -> None:
        self.batches: SimpleQueue[Draw] = SimpleQueue()
        self.unwanted: set[int] = set()
        self._commands = commands
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def _read(self) -> None:
        try:
            while True:
                self._take(self._commands.recv())
        finally:
            # The bot closed the pipe, or died. Nothing here is worth cleaning up: what lies
            # around belongs to the bot, and torch may be in the middle of a step for minutes.
            os._exit(0)

    def _take(self, message: ToProcess) -> None:
        match message:
            case Draw():
                self.batches.put(message)
            case Drop(numbers):
                self.unwanted.update(numbers)


class Studio:
    """Draws a batch at a time; pictures are encoded while the next one is drawn."""

    def __init__(
        self,
        painter: Painter,
        outbox: Outbox,
        inbox: Inbox,
        folder: Path,
        *,
        keep_sensitive: bool,
    ) -> None:
        self._keep_sensitive = keep_sensitive
        self._painter = painter
        self._outbox = outbox
        self._inbox = inbox
        self._folder = folder
        self._encoders = ThreadPoolExecutor(ENCODERS, "encoder")

    def draw(self, batch: Draw) -> None:
        """Answers for every picture, but for those that the encoders answer for later."""
        failure = self._try(batch)
        if failure is not None:  # here the error is gone, and the tensors that its traceback held
            free_memory()
            self._outbox.send(failure)
        self._inbox.unwanted.difference_update(batch.items)
        self._outbox.send(Free(self._painter.facts))

    def _try(self, batch: Draw) -> Failed | None:
        numbers = list(batch.items)
        watcher = BatchWatcher(
            numbers,
            self._inbox.unwanted,
            self._outbox.send,
            previews=not self._painter.facts.checks_pictures,
        )
        try:
            drawn = self._painter.draw(list(batch.items.values()), watcher)
        except Stopped:
            drawn = [None] * len(numbers)
        except InvalidRequest as error:
            return Failed(frozenset(numbers), error.detail, refused=True, fields=error.fields)
        except Exception as error:  # noqa: BLE001 - whatever a pipeline raises, somebody waits to hear it
            if is_device_fault(error):
                _give_up(self._outbox, error)
            return Failed(frozenset(numbers), in_words(error), is_out_of_memory(error))
        self._outbox.send(
            Dropped(frozenset(n for n, p in zip(numbers, drawn, strict=True) if p is None))
        )
        for (number, item), picture in zip(batch.items.items(), drawn, strict=True):
            if picture is not None:
                self._encoders.submit(self._hand_over, number, item, picture)
        return None

    def _hand_over(self, number: int, item: Item, drawn: Drawn) -> None:
        try:
            picture = self._stored(number, item, drawn)
        except Exception as error:  # noqa: BLE001 - the same
            self._outbox.send(Failed(frozenset({number}), in_words(error)))
        else:
            self._outbox.send(Made(number, picture, drawn.notes))

    def _stored(self, number: int, item: Item, drawn: Drawn) -> GeneratedImage:
        """The picture without its bytes, which are in a file; a blocked one's are nowhere, unless it
        may be shown somewhere.
        """
        picture = encode(drawn.image, item.request.output_format, item.seed)
        kept = self._keep_sensitive and drawn.verdict.sensitive
        blocked = drawn.verdict.status is VerdictStatus.BLOCKED and not kept
        (self._folder / str(number)).write_bytes(b"" if blocked else picture.data)
        return replace(picture, data=b"", verdict=drawn.verdict)


def _settle_in(launch: Launch) -> None:
    """Be a good neighbour to the bot, and never outlive it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the bot, which says when this one ends
    faulthandler.enable()
    if hasattr(os, "nice"):
        os.nice(launch.niceness)
    if sys.platform == "linux":
        _die_with(launch.bot)
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), "ascii")


def _die_with(bot: int) -> None:
    """The pipe's end does the same everywhere, but not in the middle of a call that keeps the GIL."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != bot:  # dead before it was asked for
        os._exit(0)


def _give_up(outbox: Outbox, error: Exception) -> None:
    """After a fault of the accelerator only a new process can draw: the bot starts one."""
    outbox.send(LogLine(__name__, logging.ERROR, f"the accelerator failed: {in_words(error)}"))
    os._exit(1)


def _forward_logs(outbox: Outbox) -> None:
    """Warnings and worse go to the bot's log, as one line each."""
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers[:] = [_ToBot(outbox)]
    root.setLevel(logging.WARNING)


class _ToBot(logging.Handler):
    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        self._outbox.send(
            LogLine(record.name, record.levelno, text.splitlines()[0] if text else "")
        )
