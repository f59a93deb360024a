"""An answer that is given only once is asked for by one at a time, and never lost."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from providers.calls import to_its_end
from providers.one_shot import KEPT, OneShot
from providers.recent import Recent


@dataclass(frozen=True)
class Said:
    text: str
    ended: bool = True


class Gone(Exception):
    pass


@dataclass
class Service:
    """Gives each last answer once, when it is let go."""

    answers: dict[str, Said]
    go: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    asking: int = 0
    most_at_once: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self, remote_id: str, _deadline: float) -> Said:
        self.asked.append(remote_id)
        self.asking += 1
        self.most_at_once = max(self.most_at_once, self.asking)
        self.arrived.set()
        try:
            if remote_id not in self.answers:
                raise Gone
            answer = self.answers[remote_id]
            if answer.ended:
                del self.answers[remote_id]
            await self.go.wait()
            return answer
        finally:
            self.asking -= 1


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service({"a": Said("done"), "b": Said("working", ended=False)})
    yield service
    assert service.asking == 0


async def test_the_last_answer_is_kept(service) -> None:
    service.go.set()
    one_shot = OneShot(service.fetch)
    assert await one_shot.ask("a", 9.0) is await one_shot.ask("a", 9.0)
    assert service.asked == ["a"]
    assert one_shot.has_ended("a")


async def test_any_other_is_asked_for_again(service) -> None:
    service.go.set()
    one_shot = OneShot(service.fetch)
    for _ in range(2):
        await one_shot.ask("b", 9.0)
    assert service.asked == ["b", "b"]
    assert not one_shot.has_ended("b")


async def test_two_who_ask_at_once_get_the_one_answer(service) -> None:
    one_shot = OneShot(service.fetch)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one_shot.ask("a", 9.0)) for _ in range(3)]
        await service.arrived.wait()
        service.go.set()
    assert {task.result().text for task in tasks} == {"done"}
    assert service.asked == ["a"]


async def test_of_one_id_only_one_question_is_out(service) -> None:
    one_shot = OneShot(service.fetch)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(one_shot.ask("b", 9.0))
        await service.arrived.wait()
        service.go.set()
    assert service.asked == ["b"] * 3
    assert service.most_at_once == 1


async def test_ids_do_not_wait_for_each_other(service) -> None:
    one_shot = OneShot(service.fetch)
    async with asyncio.TaskGroup() as group:
        group.create_task(one_shot.ask("a", 9.0))
        group.create_task(one_shot.ask("b", 9.0))
        await service.arrived.wait()
        await asyncio.sleep(0)
        service.go.set()
    assert service.most_at_once == 2


async def test_an_answer_on_its_way_survives_the_cancellation_of_who_asked(service) -> None:
    one_shot = OneShot(service.fetch)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(one_shot.ask("a", 9.0))
        await service.arrived.wait()
        asking.cancel()
        service.go.set()
    assert asking.cancelled()
    assert (await one_shot.ask("a", 9.0)).text == "done"
    assert service.asked == ["a"]


async def test_a_second_cancellation_gives_the_answer_up(service) -> None:
    one_shot = OneShot(service.fetch)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(one_shot.ask("a", 9.0))
        await service.arrived.wait()
        for _ in range(2):
            asking.cancel()
            await asyncio.sleep(0)
    with pytest.raises(Gone):
        await one_shot.ask("a", 9.0)


async def test_what_goes_wrong_is_not_kept(service) -> None:
    service.go.set()
    one_shot = OneShot(service.fetch)
    with pytest.raises(Gone):
        await one_shot.ask("c", 9.0)
    service.answers["c"] = Said("done")
    assert (await one_shot.ask("c", 9.0)).text == "done"


async def test_memory_does_not_grow(service) -> None:
    service.go.set()
    service.answers |= {str(number): Said("done") for number in range(KEPT + 5)}
    one_shot = OneShot(service.fetch)
    for number in range(KEPT + 5):
        await one_shot.ask(str(number), 9.0)
    assert [one_shot.has_ended(str(number)) for number in (4, 5)] == [False, True]
    assert len(one_shot._locks) == 0


async def test_work_that_takes_too_long_after_a_cancellation_is_given_up() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(to_its_end(work(), grace=0.01))
        await begun.wait()
        waiting.cancel()
    assert waiting.cancelled()
    await ended.wait()


def test_the_oldest_is_forgotten_first() -> None:
    recent: Recent[int] = Recent(2)
    for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        recent.put(key, value)
    assert [recent.get(key) for key in "abc"] == [3, None, 4]
