"""What a pipeline raised: in words for the log, and what it means for the next call."""

import gc
import sys

MEMORY_WORDS = ("out of memory", "not enough memory", "can't allocate memory")
DEVICE_WORDS = ("cuda error", "hip error", "device-side assert", "cudnn_status_execution_failed")


def in_words(error: Exception) -> str:
    """One line. Only torch's own messages are repeated: another's may hold the prompt."""
    name = type(error).__name__
    lines = str(error).strip().splitlines()
    return f"{name}: {lines[0]}" if isinstance(error, RuntimeError) and lines else name


def is_out_of_memory(error: Exception) -> bool:
    """Torch's OutOfMemoryError is a RuntimeError, and so is what its CPU allocator raises."""
    return isinstance(error, MemoryError) or _says(error, MEMORY_WORDS)


def is_device_fault(error: Exception) -> bool:
    """The accelerator does nothing more for this process, whatever it is asked."""
    return not is_out_of_memory(error) and _says(error, DEVICE_WORDS)


def _says(error: Exception, words: tuple[str, ...]) -> bool:
    message = str(error).lower()
    return isinstance(error, RuntimeError) and any(part in message for part in words)


def free_memory() -> None:
    """Give back what torch keeps for a next call; to be called when the error is gone."""
    gc.collect()
    if (torch := sys.modules.get("torch")) is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
