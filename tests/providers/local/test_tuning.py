"""How many pictures at once: the choice from times, and its memory."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from providers.local.config import PipelineConfig
from providers.local.diffusers_painter import DiffusersPainter, _at_once
from providers.local.painter import PipelineFacts
from providers.local.tuning import LONG, SIZES, BatchSizes, best_batch_size


class Machine:
    """Draws on a clock of its own; by the size of a batch, how many seconds a call takes."""

    def __init__(self, seconds: Mapping[int, float], memory_for: int = 8) -> None:
        self.time = 0.0
        self.calls: list[int] = []
        self.freed = 0  # calls when it was last told to free its memory
        self._seconds = seconds
        self._memory_for = memory_for

    def draw(self, size: int) -> None:
        self.calls.append(size)
        if size > self._memory_for:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        first = len(self.calls) == 1
        self.time += 100.0 if first else self._seconds[size]

    def best(self) -> int:
        return best_batch_size(self.draw, lambda: self.time, self.free)

    def free(self) -> None:
        self.freed = len(self.calls)


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({1: 0.1, 2: 0.1, 4: 0.1, 8: 0.1}, 8),  # all of it is a call's fixed cost
        ({1: 0.1, 2: 0.2, 4: 0.4, 8: 0.8}, 1),  # all of it is arithmetic
        ({1: 0.1, 2: 0.13, 4: 0.2, 8: 0.38}, 4),  # 8 is faster, but by too little
        ({1: 0.1, 2: 0.19, 4: 0.3, 8: 0.8}, 4),  # so is 2, but not 4
        ({1: 0.1, 2: 0.25, 4: 0.6, 8: 1.9}, 1),  # more at once is even slower
        ({1: 0.0, 2: 0.0, 4: 0.0, 8: 0.0}, 8),  # a clock too coarse to tell
    ],
)
def test_the_most_pictures_a_second_win_if_by_enough(seconds: dict[int, float], best: int) -> None:
    assert Machine(seconds).best() == best


def test_the_first_call_of_all_does_not_count() -> None:
    machine = Machine({1: 0.1, 2: 0.2, 4: 0.4, 8: 0.8})
    assert machine.best() == 1
    assert machine.calls[:2] == [1, 1]


@pytest.mark.parametrize(("memory_for", "best"), [(1, 1), (3, 2), (4, 4)])
def test_the_search_ends_where_memory_does(memory_for: int, best: int) -> None:
    machine = Machine(dict.fromkeys(SIZES, 0.1), memory_for)
    assert machine.best() == best
    assert machine.calls.count(max(machine.calls)) == 1
    assert machine.freed == len(machine.calls)


def test_another_error_is_nobodys_batch_size() -> None:
    def draw(_size: int) -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - has no words
        best_batch_size(draw)


def test_a_slow_machine_is_measured_briefly() -> None:
    machine = Machine({1: LONG, 2: 2 * LONG})
    assert machine.best() == 1
    assert machine.calls == [1, 1, 2]


def test_the_size_is_remembered_for_the_same_conditions(tmp_path: Path) -> None:
    folder = tmp_path / "not there yet"
    assert BatchSizes(folder).get("model on cpu") is None
    BatchSizes(folder).put("model on cpu", 4)
    BatchSizes(folder).put("model on cuda", 8)
    assert BatchSizes(folder).get("model on cpu") == 4
    assert BatchSizes(folder).get("model on cuda") == 8
    assert BatchSizes(folder).get("model on mps") is None


@pytest.mark.parametrize("content", ["", "[]", '{"x": 3}', '{"x": "4"}', '{"x": [4]}', "\udcff"])
def test_a_damaged_memory_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "batch-sizes.json").write_text(content, errors="surrogateescape")
    assert BatchSizes(tmp_path).get("x") is None
    BatchSizes(tmp_path).put("x", 2)
    assert BatchSizes(tmp_path).get("x") == 2


class Trials(DiffusersPainter):
    """Loaded from nothing; draws on no device at all, all sizes in the same time."""

    def __init__(self) -> None:
        self.count = 0

    @property
    def facts(self) -> PipelineFacts:
        return PipelineFacts(model="demo", device="cpu", dtype="float32", process_id=1)

    def draw_trial(self, count: int) -> None:
        self.count += 1


@pytest.mark.local
def test_a_machine_is_measured_once(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    painter, config = Trials(), PipelineConfig(model="demo", cache_dir=tmp_path)
    assert _at_once(painter, config, measure=False) == 1
    assert painter.count == 0
    measured = _at_once(painter, config, measure=True)
    trials = painter.count
    assert measured in SIZES and trials
    assert _at_once(painter, config, measure=True) == measured
    assert _at_once(painter, config, measure=False) == measured
    assert painter.count == trials
    other = PipelineConfig(model="another", cache_dir=tmp_path)
    assert _at_once(painter, other, measure=False) == 1
