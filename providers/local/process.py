"""One life of the pipeline's process, seen from the bot."""

import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.util import Finalize

from providers.local import child
from providers.local.messages import FromProcess, ToProcess

logger = logging.getLogger(__name__)

_spawn = multiprocessing.get_context("spawn")
"""A forked copy of a bot with threads and, perhaps, a CUDA context could do nothing with either."""


class PipelineProcess:
    """Started at once. The thread that starts it must outlive it: on Linux it dies with that thread.

    on_message, on_end: called in a thread of its own; `on_end`, with the exit code, once and last.
    Raises OSError.
    """

    def __init__(
        self,
        launch: child.Launch,
        *,
        on_message: Callable[[FromProcess], None],
        on_end: Callable[[int], None],
    ) -> None:
        theirs, self._commands = _spawn.Pipe(duplex=False)
        self._events, theirs_too = _spawn.Pipe(duplex=False)
        self._on_message = on_message
        self._on_end = on_end
        self._process = _spawn.Process(
            target=child.main,
            name="local-pipeline",
            args=(theirs, theirs_too, launch),
            daemon=True,
        )
        try:
            self._process.start()
        finally:
            theirs.close()
            theirs_too.close()
        # Before multiprocessing's own end, which asks with SIGTERM, in vain, and waits for ever.
        self._at_exit = Finalize(self, self._process.kill, exitpriority=1)
        self._reader = threading.Thread(
            target=self._read, name="local-pipeline-reader", daemon=True
        )
        self._reader.start()

    def send(self, message: ToProcess) -> None:
        """Blocks while the pipe is full. Its end is told by `on_end` alone."""
        with suppress(OSError):
            self._commands.send(message)

    def stop(self, patience: float) -> None:
        """Tell it to end, for which it has `patience` seconds; then kill it. No zombie is left."""
        self._commands.close()
        self._reader.join(patience)
        if self._reader.is_alive():
            logger.info("the local pipeline's process is killed: it was busy")
            self.kill()
            self._reader.join()

    def kill(self) -> None:
        self._process.kill()

    def _read(self) -> None:
        try:
            while True:
                self._on_message(self._events.recv())
        except (EOFError, OSError):
            pass  # it has ended, maybe in the middle of a message
        except Exception:
            logger.exception("the local pipeline's process speaks in tongues")
            self.kill()
        self._process.join()
        self._events.close()
        self._at_exit.cancel()
        code = self._process.exitcode
        self._on_end(code if code is not None else 0)


def keep_signals_from_children() -> None:
    """Ctrl+C reaches a whole group, and a service manager's SIGTERM may, while a process still starts.

    Its starter's mask is inherited, so this holds for what the calling thread starts from now on.
    """
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # which would lift the mask when it is started later
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})


def ending_in_words(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    with suppress(ValueError):
        return signal.Signals(-exit_code).name
    return f"signal {-exit_code}"
