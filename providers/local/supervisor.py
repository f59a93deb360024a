"""Keeps the pipeline's process alive and at work."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from providers.errors import Misconfigured, Unavailable
from providers.local.child import Launch
from providers.local.config import PipelineConfig
from providers.local.dispatcher import Dispatcher
from providers.local.handover import HandoverFolder
from providers.local.messages import (
    Drop,
    Dropped,
    Failed,
    Free,
    FromProcess,
    Loaded,
    LoadFailed,
    LogLine,
    Made,
    Stepped,
)
from providers.local.painter import PainterLoader, PipelineFacts
from providers.local.process import (
    PipelineProcess,
    ending_in_words,
    keep_signals_from_children,
)
from providers.local.run import Run

logger = logging.getLogger(__name__)

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between a death and the next start; doubled by each death without a picture since."""

STOP_SECONDS = 1.0
"""How long the process may take to end when told to; a download, say, keeps it longer."""


def restart_pause(deaths: int) -> float:
    """deaths: in a row, from 1."""
    return min(FIRST_PAUSE * 2.0 ** (deaths - 1), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """How the process is looked after.

    niceness: how far it stands back for others, the bot above all; 0 to 19.
    restart_pause: seconds, after so many deaths in a row.
    stuck_seconds: a call that nobody waits for may take as much longer; then the process is killed.
    """

    niceness: int = 10
    restart_pause: Callable[[int], float] = restart_pause
    stuck_seconds: float = 120.0


USUAL_UPKEEP = Upkeep()


class Supervisor:
    """An actor: whatever changes anything happens in its one thread, in the order it was told.

    Its methods return at once (but for `close`) and may be called from any thread. It starts with
    the first call of `start` or `draw`.

    facts: of the loaded pipeline, None where none is loaded now.
    trouble: why it can't be loaded; None where it can, or hasn't been tried.
    """

    def __init__(
        self,
        config: PipelineConfig,
        load: PainterLoader,
        upkeep: Upkeep,
    ) -> None:
        self.facts: PipelineFacts | None = None
        self.trouble: Unavailable | None = None
        self._config = config
        self._load = load
        self._upkeep = upkeep
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="local-pipeline", daemon=True)
        self._dispatcher = Dispatcher()
        self._handover: HandoverFolder | None = None
        self._process: PipelineProcess | None = None
        self._load_error: Unavailable | None = None  # of the process that is loading
        self._may_measure = True
        self._is_free = False
        self._deaths = 0  # in a row, without a picture between them
        self._alarms: dict[Callable[[], None], float] = {}  # what to do, and when
        self._launched_at = 0.0
        self._waiting_for_load: list[Future[None]] = []
        self._is_closing = False

    def start(self) -> Future[None]:
        """Done when the pipeline is loaded; fails with Unavailable where that does."""
        loaded: Future[None] = Future()
        self._tell(lambda: self._start(loaded))
        return loaded

    def draw(self, run: Run) -> None:
        self._tell(lambda: self._draw(run))

    def leave_out(self, run: Run) -> None:
        """The run has ended; what is left of it needn't be drawn."""
        self._tell(lambda: self._leave_out(run))

    def close(self) -> None:
        """Stop the process; returns when it, its files and the thread are gone."""
        if self._thread.ident is None:
            return
        self._calls.put(self._close)
        self._thread.join(STOP_SECONDS)
        if (process := self._process) is not None and self._thread.is_alive():
            process.kill()  # the thread may be stuck in the pipe of a process that reads nothing
        self._thread.join()

    def _tell(self, call: Callable[[], None]) -> None:
        if self._thread.ident is None:
            self._thread.start()
        self._calls.put(call)

    # What follows runs in the thread.

    def _work(self) -> None:
        keep_signals_from_children()
        while not self._is_closing:
            call = self._next_call()
            try:
                call()
            except Exception:
                logger.exception("the local pipeline's supervisor failed")
                self._start_over()

    def _next_call(self) -> Callable[[], None]:
        """What we are told next or, if nothing comes before it is due, the next alarm."""
        alarm = min(self._alarms, key=self._alarms.__getitem__, default=None)
        if alarm is None:
            return self._calls.get()
        try:
            return self._calls.get(timeout=max(0.0, self._alarms[alarm] - time.monotonic()))
        except Empty:
            del self._alarms[alarm]
            return alarm

    def _set_alarm(self, call: Callable[[], None], seconds: float) -> None:
        self._alarms[call] = time.monotonic() + seconds

    def _start(self, loaded: Future[None]) -> None:
        if not loaded.set_running_or_notify_cancel():
            return
        if self.facts is not None:
            loaded.set_result(None)
        else:
            self._waiting_for_load.append(loaded)
            self._wake()

    def _draw(self, run: Run) -> None:
        self._dispatcher.add(run)
        self._wake()
        self._feed()

    def _leave_out(self, run: Run) -> None:
        numbers = self._dispatcher.leave_out(run)
        if numbers and self._process is not None:
            self._process.send(Drop(numbers))
            if self._dispatcher.is_in_vain:
                self._set_alarm(self._kill_stuck, self._upkeep.stuck_seconds)

    def _feed(self) -> None:
        """Give the process its next batch, if it is ready for one and there is one."""
        if self._process is not None and self._is_free:
            batch = self._dispatcher.next_batch()
            if batch is not None:
                self._is_free = False
                self._process.send(batch)

    def _wake(self) -> None:
        if self._process is None and self._launch not in self._alarms:
            self._launch()

    def _launch(self) -> None:
        self._launched_at = time.monotonic()
        self._load_error = None
        try:
            if self._handover is None:
                self._handover = HandoverFolder(self._config.cache_dir)
            self._process = PipelineProcess(
                Launch(
                    config=self._config,
                    load=self._load,
                    folder=self._handover.path,
                    measure=self._may_measure,
                    niceness=self._upkeep.niceness,
                ),
                on_message=lambda message: self._calls.put(lambda: self._hear(message)),
                on_end=lambda exit_code: self._calls.put(lambda: self._ended(exit_code)),
            )
        except OSError as error:
            self._cannot_load(Unavailable("local", f"no process can be started: {error}"))

    def _hear(self, message: FromProcess) -> None:
        match message:
            case Loaded(facts):
                self._loaded(facts)
            case LoadFailed(detail, option):
                self._load_error = (
                    Misconfigured("local", detail, option=option)
                    if option
                    else Unavailable("local", detail)
                )
            case Free(facts):
                self.facts, self._is_free = facts, True
                self._alarms.pop(self._kill_stuck, None)
                self._feed()
            case LogLine(name, level, text):
                logging.getLogger(name).log(level, "%s", text)
            case _:
                self._hear_of_pictures(message)

    def _hear_of_pictures(self, message: Stepped | Made | Dropped | Failed) -> None:
        match message:
            case Stepped():
                self._dispatcher.stepped(message)
            case Made(number, picture, notes):
                self._deaths = 0
                picture = replace(picture, data=self._taken(number))
                self._dispatcher.made(number, picture, notes)
            case Dropped(numbers):
                self._dispatcher.dropped(numbers)
            case Failed():
                self._dispatcher.failed(message)
        self._feed()

    def _loaded(self, facts: PipelineFacts) -> None:
        seconds = time.monotonic() - self._launched_at
        logger.info(
            "local model %s loaded on %s in %.1f s, draws %d at once",
            facts.model,
            facts.device,
            seconds,
            facts.at_once,
        )
        self.facts, self.trouble = facts, None
        self._dispatcher.at_once = facts.at_once
        for loaded in self._waiting_for_load:
            loaded.set_result(None)
        self._waiting_for_load = []
        self._is_free = True
        self._feed()

    def _ended(self, exit_code: int) -> None:
        was_loaded = self.facts is not None
        self._process, self.facts, self._is_free = None, None, False
        self._alarms.pop(self._kill_stuck, None)
        if self._handover is not None:
            self._handover.empty()
        ending = ending_in_words(exit_code)
        if was_loaded:
            logger.warning("the local pipeline's process died (%s); it is started anew", ending)
            self._dispatcher.crashed()
            self._restart_later()
        elif self._load_error is not None:
            self._cannot_load(self._load_error)
        else:
            self._may_measure = False  # which takes more memory than anything else at the start
            self._cannot_load(Unavailable("local", f"its process died while loading ({ending})"))

    def _cannot_load(self, trouble: Unavailable) -> None:
        """Whoever waits is told; and it is tried again, but for what won't change by itself."""
        if self.trouble is None or self.trouble.detail != trouble.detail:
            logger.warning("the local model can't be loaded: %s", trouble.detail)
        self.trouble = trouble
        self._dispatcher.refuse_all(trouble)
        for loaded in self._waiting_for_load:
            loaded.set_exception(trouble)
        self._waiting_for_load = []
        if not isinstance(trouble, Misconfigured):
            self._restart_later()

    def _restart_later(self) -> None:
        self._deaths += 1
        self._set_alarm(self._launch, self._upkeep.restart_pause(self._deaths))

    def _kill_stuck(self) -> None:
        """A driver may hang for ever; whoever comes next must not wait for it."""
        if self._process is not None:
            logger.warning("the local pipeline's process hangs, and is killed")
            self._process.kill()

    def _start_over(self) -> None:
        """After a mistake of ours nothing is sure but that a new process begins afresh."""
        if self._process is not None:
            self._process.kill()
        else:
            self._cannot_load(Unavailable("local", "the supervisor failed; the log says how"))

    def _taken(self, number: int) -> bytes:
        assert self._handover is not None  # noqa: S101 - no process without it
        return self._handover.take(str(number))

    def _close(self) -> None:
        self._is_closing = True
        if self._process is not None:
            self._process.stop(STOP_SECONDS)
        if self._handover is not None:
            self._handover.close()
        for loaded in self._waiting_for_load:
            loaded.set_exception(Unavailable("local", "closed"))
