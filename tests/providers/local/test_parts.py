"""The small parts around the pipeline: the run, the failures, other pipelines' calls."""

from io import BytesIO

import pytest
from PIL import Image

from providers.errors import GenerationCanceled, GenerationFailed
from providers.local.batch import Stopped
from providers.local.failures import in_words, is_device_fault, is_out_of_memory
from providers.local.messages import Stepped
from providers.local.run import Run
from providers.local.watcher import PREVIEW_PAUSE, BatchWatcher
from providers.types import GeneratedImage, GenerationResult, Note, NoteKind
from tests.providers.local.conftest import Watcher, request_for

CUT = Note(NoteKind.PROMPT_CUT, "the rest")
RESIZED = Note(NoteKind.PICTURE_RESIZED)


async def test_a_run_ends_once() -> None:
    run = Run(request_for(), (1,))
    run.finish(GenerationCanceled("local"))
    run.finish(GenerationResult(()))
    assert isinstance(await run.outcome, GenerationCanceled)
    assert run.has_ended


async def test_who_listens_late_is_told_where_a_run_is() -> None:
    run = Run(request_for(), (1,))
    first, second = Watcher(), Watcher()
    run.listen(first)
    run.advance({0: 0.25}, None)
    await first.begins()
    run.listen(second)
    assert first.fractions == second.fractions == [0.25]


async def test_pictures_come_in_their_order_whatever_ends_first() -> None:
    run, watcher = Run(request_for(), (1, 2)), Watcher()
    run.listen(watcher)
    run.advance({0: 0.5, 1: 0.5}, None)
    notes = [(CUT,), (CUT, RESIZED)]
    pictures = [GeneratedImage(b"", "image/png", 8, 8, seed) for seed in (1, 2)]
    for position in (1, 0):
        run.add_picture(position, pictures[position], notes[position])
    assert await run.outcome == GenerationResult(tuple(pictures), (CUT, RESIZED))
    assert watcher.fractions == [0.5, 0.75]


async def test_a_second_try_takes_no_progress_back() -> None:
    run, watcher = Run(request_for(), (1,)), Watcher()
    run.listen(watcher)
    for fraction in (0.6, 0.2, 0.4, 0.8):
        run.advance({0: fraction}, None)
    run.fail(GenerationFailed("local"))
    assert isinstance(await run.outcome, GenerationFailed)
    assert watcher.fractions == [0.6, 0.8]


def test_more_steps_than_foreseen_stay_below_one() -> None:
    told: list[Stepped] = []
    BatchWatcher([1], frozenset(), told.append).step(50, 20)
    assert told == [Stepped(20 / 21, {})]


class OutOfMemoryError(RuntimeError):
    pass


def test_previews_are_paced_and_leave_with_the_next_step() -> None:
    time, told, frame = [0.0], list[Stepped](), Image.new("RGB", (1024, 512))
    watcher = BatchWatcher([7, 8], frozenset(), told.append, lambda: time[0])
    assert not watcher.wants_preview()
    time[0] = PREVIEW_PAUSE
    assert watcher.wants_preview()
    watcher.preview({1: frame})
    assert not watcher.wants_preview()
    for step in (1, 2):
        watcher.step(step, 4)
    assert [list(step.previews) for step in told] == [[8], []]
    assert Image.open(BytesIO(told[0].previews[8])).size == (256, 128)


def test_what_will_be_checked_is_not_shown_before() -> None:
    time = [0.0]
    watcher = BatchWatcher([7], frozenset(), lambda _: None, lambda: time[0], previews=False)
    time[0] = 100.0
    assert not watcher.wants_preview()


def test_a_call_nobody_waits_for_is_stopped() -> None:
    unwanted = {8}
    watcher = BatchWatcher([7, 8], unwanted, lambda _: None)
    assert watcher.step(1, 4) == {1}
    unwanted.add(7)
    with pytest.raises(Stopped):
        watcher.step(2, 4)


@pytest.mark.parametrize(
    ("error", "memory", "device"),
    [
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True, False),
        (RuntimeError("CUDA error: out of memory"), True, False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to ..."), True, False),
        (MemoryError(), True, False),
        (RuntimeError("CUDA error: device-side assert triggered"), False, True),
        (RuntimeError("Sizes of tensors must match"), False, False),
        (ValueError("a secret prompt, out of memory, CUDA error"), False, False),
    ],
)
def test_a_failure_is_known_for_what_it_is(error: Exception, memory: bool, device: bool) -> None:
    assert is_out_of_memory(error) is memory
    assert is_device_fault(error) is device
    assert "secret" not in in_words(error)
