"""Which pictures share a call, and what becomes of a batch that went wrong."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import GenerationFailed, InvalidRequest, Unavailable
from providers.local.batching import BatchKey, batch_key, choose
from providers.local.dispatcher import Dispatcher
from providers.local.messages import Draw, Failed, Stepped
from providers.local.run import Run
from providers.types import GeneratedImage, GenerationResult, InitImage, Mode
from tests.providers.local.conftest import Watcher, request_for

KEYS = [batch_key(request_for(width=width)) for width in (64, 128, 192)]


@dataclass(frozen=True)
class Waiting:
    name: int
    key: BatchKey
    alone: bool


WAITING = st.lists(st.tuples(st.sampled_from(KEYS), st.booleans()), max_size=20).map(
    lambda entries: [Waiting(name, *entry) for name, entry in enumerate(entries)]
)


@given(waiting=WAITING, limit=st.integers(1, 8))
def test_a_batch_is_the_oldest_and_the_next_of_its_kind(waiting: list[Waiting], limit: int) -> None:
    batch = choose(waiting, lambda _key: limit)
    assert batch[:1] == waiting[:1]
    names = [one.name for one in batch]
    assert names == sorted(set(names))
    assert len(batch) <= limit
    assert len({one.key for one in batch}) <= 1
    assert len(batch) <= 1 or not any(one.alone for one in batch)
    if batch and not batch[0].alone:
        left = [one for one in waiting if one.key == batch[0].key and not one.alone]
        assert batch == left[: len(batch)]
        assert len(batch) == min(limit, len(left))


@given(waiting=WAITING, limit=st.integers(1, 8))
def test_everybody_has_a_turn(waiting: list[Waiting], limit: int) -> None:
    drawn: list[int] = []
    while waiting:
        batch = choose(waiting, lambda _key: limit)
        drawn += [one.name for one in batch]
        waiting = [one for one in waiting if one not in batch]
    assert sorted(drawn) == list(range(len(drawn)))


FREE = [
    {"prompt": "another"},
    {"seed": 99},
    {"num_images": 3},
    {"output_format": "jpeg"},
    {"init_images": (InitImage(data=b"x"),)},
    {"mask_image": b"x"},
]
SHARED = [
    {"mode": Mode.IMAGE_TO_IMAGE},
    {"width": 640},
    {"height": 640},
    {"num_inference_steps": 9},
    {"prior_num_inference_steps": 9},
    {"guidance_scale": 9},
    {"prior_guidance_scale": 9},
    {"scheduler": "ddim"},
    {"strength": 0.9},
    {"negative_prompt": "rain"},
]


@pytest.mark.parametrize("change", FREE, ids=str)
def test_pictures_may_differ_in(change: dict[str, object]) -> None:
    assert batch_key(request_for(**change)) == batch_key(request_for())


@pytest.mark.parametrize("change", SHARED, ids=str)
def test_pictures_may_not_differ_in(change: dict[str, object]) -> None:
    assert batch_key(request_for(**change)) != batch_key(request_for())


def test_negative_prompts_may_differ_but_not_be_missing() -> None:
    keys = [batch_key(request_for(negative_prompt=text)) for text in ("rain", "snow", "")]
    assert keys[0] == keys[1] != keys[2]


class Desk:
    """A dispatcher with runs of one picture each, by their prompts."""

    def __init__(self, *prompts: str, at_once: int = 4) -> None:
        self.dispatcher = Dispatcher()
        self.dispatcher.at_once = at_once
        self.runs = [self.add(prompt) for prompt in prompts]

    def add(self, prompt: str, *, pictures: int = 1, **wishes: object) -> Run:
        run = Run(request_for(prompt, **wishes), tuple(range(pictures)))
        self.dispatcher.add(run)
        return run

    def next(self) -> list[str]:
        self.batch = self.dispatcher.next_batch() or Draw({})
        return [item.request.prompt for item in self.batch.items.values()]

    def finish(self) -> None:
        for number in self.batch.items:
            self.dispatcher.made(number, GeneratedImage(b"", "image/png", 8, 8), ())

    def fail(self, *, out_of_memory: bool = False, refused: bool = False) -> None:
        numbers = frozenset(self.batch.items)
        fields = ("mask_image",) if refused else ()
        self.dispatcher.failed(Failed(numbers, "why", out_of_memory, refused, fields))


async def test_a_batch_begins_with_who_is_there() -> None:
    desk = Desk("a", "b", "c", at_once=2)
    assert [desk.next(), desk.next(), desk.next()] == [["a", "b"], ["c"], []]


async def test_the_pictures_of_a_run_may_be_split_over_batches() -> None:
    desk = Desk(at_once=2)
    run = desk.add("a", pictures=3)
    other = desk.add("b")
    assert desk.next() == ["a", "a"]
    desk.finish()
    assert desk.next() == ["a", "b"]
    desk.finish()
    for ended, pictures in ((run, 3), (other, 1)):
        result = await ended.outcome
        assert isinstance(result, GenerationResult) and len(result.images) == pictures


async def test_who_has_left_is_not_drawn() -> None:
    desk = Desk("a", "b", "c")
    desk.runs[1].finish(GenerationFailed("local"))
    assert desk.next() == ["a", "c"]
    assert desk.dispatcher.leave_out(desk.runs[2]) == frozenset([list(desk.batch.items)[1]])


async def test_what_the_memory_does_not_hold_is_halved_down_to_one() -> None:
    desk = Desk("a", "b", "c", "d", "e")
    assert desk.next() == ["a", "b", "c", "d"]
    desk.fail(out_of_memory=True)
    assert desk.next() == ["a", "b"]
    desk.fail(out_of_memory=True)
    assert desk.next() == ["a"]
    desk.fail(out_of_memory=True)
    failure = await desk.runs[0].outcome
    assert isinstance(failure, GenerationFailed) and not failure.transient
    assert [desk.next(), desk.next()] == [["b"], ["c"]]


async def test_the_memory_of_one_kind_says_nothing_of_another() -> None:
    desk = Desk("a", "b")
    desk.next()
    desk.fail(out_of_memory=True)
    for prompt in "cd":
        desk.add(prompt, width=64)
    assert [desk.next(), desk.next(), desk.next()] == [["a"], ["b"], ["c", "d"]]


async def test_only_the_one_it_fails_for_pays() -> None:
    desk = Desk("a", "b")
    desk.next()
    desk.fail(refused=True)
    assert desk.next() == ["a"]
    desk.finish()
    assert desk.next() == ["b"]
    desk.fail(refused=True)
    assert isinstance(await desk.runs[0].outcome, GenerationResult)
    refusal = await desk.runs[1].outcome
    assert isinstance(refusal, InvalidRequest) and refusal.fields == ("mask_image",)


async def test_after_a_crash_each_is_drawn_alone_and_only_the_culprit_fails() -> None:
    desk = Desk("a", "b", "c", at_once=2)
    assert desk.next() == ["a", "b"]
    desk.dispatcher.crashed()
    assert desk.next() == ["a"]
    desk.dispatcher.crashed()
    assert desk.next() == ["b"]
    desk.finish()
    assert desk.next() == ["c"]
    assert isinstance(await desk.runs[0].outcome, GenerationFailed)
    assert isinstance(await desk.runs[1].outcome, GenerationResult)


async def test_who_is_drawn_alone_is_done_before_the_next_begins() -> None:
    desk = Desk("a", "b", at_once=1)
    desk.next()
    desk.dispatcher.crashed()
    assert desk.next() == ["a"]
    alone = desk.batch
    assert desk.next() == []
    desk.batch = alone
    desk.finish()
    assert desk.next() == ["b"]


async def test_a_crash_takes_nobody_along_who_was_not_drawn() -> None:
    desk = Desk("a", "b", at_once=1)
    desk.next()
    desk.finish()
    desk.dispatcher.crashed()
    assert desk.next() == ["b"]
    desk.dispatcher.crashed()
    assert desk.next() == ["b"]


async def test_who_left_before_a_crash_is_not_drawn_again() -> None:
    desk = Desk("a")
    desk.next()
    desk.runs[0].finish(GenerationFailed("local"))
    desk.dispatcher.crashed()
    assert desk.next() == []


async def test_progress_is_that_of_all_pictures_of_a_run() -> None:
    desk = Desk(at_once=1)
    run, watcher = desk.add("a", pictures=2), Watcher()
    run.listen(watcher)
    for _ in range(2):
        desk.next()
        desk.dispatcher.stepped(Stepped(0.5, {}))
        desk.finish()
    await run.outcome
    assert watcher.fractions == [0.25, 0.5, 0.75]


async def test_a_preview_goes_to_the_run_it_shows() -> None:
    desk = Desk("a", "b")
    seen: list[list[bytes | None]] = [[], []]
    for run, previews in zip(desk.runs, seen, strict=True):
        run.listen(lambda progress, kept=previews: kept.append(progress.preview))
    desk.next()
    second = list(desk.batch.items)[1]
    desk.dispatcher.stepped(Stepped(0.5, {second: b"jpeg"}))
    desk.finish()
    await desk.runs[1].outcome
    assert seen == [[None], [b"jpeg"]]


async def test_nobody_waits_for_what_cannot_be_loaded() -> None:
    desk = Desk("a", "b")
    desk.dispatcher.refuse_all(Unavailable("local", "no weights"))
    assert desk.next() == []
    assert isinstance(await desk.runs[1].outcome, Unavailable)
