"""The pipeline's process: what kills it, what it outlives, and that it leaves nothing behind.

What draws in it needs no torch and does as its prompt says (`tests/fakes/painter.py`).
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from providers.catalog import Offer
from providers.clock import SystemClock
from providers.errors import (
    GenerationCanceled,
    GenerationFailed,
    InvalidRequest,
    Misconfigured,
    ProviderError,
    ResultLost,
    Unavailable,
)
from providers.local.config import PipelineConfig
from providers.local.handover import PREFIX, HandoverFolder
from providers.local.painter import PainterLoader
from providers.local.process import ending_in_words
from providers.local.provider import LocalProvider
from providers.local.supervisor import Upkeep, restart_pause
from providers.types import GenerationResult, Progress, Ticket, VerdictStatus
from tests.fakes import painter
from tests.providers.local.conftest import NEVER, Watcher, request_for

PATIENCE = 60.0  # seconds until a test gives up
ROOT = Path(__file__).parents[3]


async def until(condition: Callable[[], object]) -> None:
    """What another process does rings no bell here."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class Rig:
    provider: LocalProvider
    offer: Offer
    folder: Path

    async def submit(self, prompt: str, **wishes: object) -> Ticket:
        request = request_for(prompt, width=64, height=32, **wishes)
        return await self.provider.submit(request, self.offer, deadline=NEVER)

    async def wait(
        self, ticket: Ticket, on_progress: Callable[[Progress], None] = lambda _: None
    ) -> GenerationResult:
        async with asyncio.timeout(PATIENCE):
            return await self.provider.wait(ticket, deadline=NEVER, on_progress=on_progress)

    async def draw(self, prompt: str = "a fox", **wishes: object) -> GenerationResult:
        return await self.wait(await self.submit(prompt, **wishes))

    async def failure(self, prompt: str, **wishes: object) -> ProviderError:
        with pytest.raises(ProviderError) as failure:
            await self.draw(prompt, **wishes)
        return failure.value

    @property
    def pid(self) -> int:
        assert self.provider.facts is not None
        return self.provider.facts.process_id

    @property
    def batches(self) -> list[str]:
        file = self.folder / "batches"
        return file.read_text().splitlines() if file.exists() else []

    async def drawing(self, prompt: str, times: int = 1) -> None:
        await until(lambda: self.batches.count(prompt) >= times)

    async def kill(self) -> None:
        """And wait for the bot to see it."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        await until(lambda: self.provider.facts is None or self.pid != pid)


def rig_over(
    folder: Path, load: PainterLoader = painter.load_painter, *, keep_sensitive: bool = False
) -> Rig:
    config = PipelineConfig(model="demo", cache_dir=folder, keep_sensitive=keep_sensitive)
    upkeep = Upkeep(niceness=0, restart_pause=lambda deaths: 0.01, stuck_seconds=0.5)
    provider = LocalProvider(config, clock=SystemClock(), load=load, upkeep=upkeep)
    (offer,) = asyncio.run(provider.offers())
    return Rig(provider, offer, folder)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await asyncio.to_thread(rig_over, tmp_path)
    await rig.provider.start()
    yield rig
    await rig.provider.aclose()


def files(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def handovers(folder: Path) -> list[str]:
    return [name for name in files(folder) if name.startswith(PREFIX)]


def seeds(result: GenerationResult) -> list[int | None]:
    return [image.seed for image in result.images]


async def test_pictures_verdicts_and_notes_come_over_whole(rig: Rig) -> None:
    result = await rig.draw(seed=7, num_images=3)
    assert seeds(result) == [7, 8, 9]
    for image in result.images:
        assert image.media_type == "image/png"
        assert image.verdict.status is VerdictStatus.UNCHECKED
        opened = Image.open(BytesIO(image.data))
        assert opened.size == (64, 32)
        assert opened.getpixel((0, 0)) == (image.seed, 0, 0)
    assert [note.text for note in result.notes] == ["fake"]


@pytest.mark.parametrize("keep", [False, True])
async def test_a_blocked_picture_leaves_the_process_only_where_it_may_be_shown(
    tmp_path: Path, keep: bool
) -> None:
    rig = await asyncio.to_thread(rig_over, tmp_path, keep_sensitive=keep)
    (never,), (perhaps,) = [(await rig.draw(prompt)).images for prompt in ("mark", "nude")]
    await rig.provider.aclose()
    assert never.verdict.status is perhaps.verdict.status is VerdictStatus.BLOCKED
    assert (never.verdict.sensitive, perhaps.verdict.sensitive) == (False, True)
    assert never.data == b""
    assert bool(perhaps.data) is keep


async def test_waiting_pictures_of_a_kind_are_drawn_at_once(rig: Rig) -> None:
    hold = await rig.submit("hang")
    await rig.drawing("hang")
    tickets = [await rig.submit(prompt, seed=i) for i, prompt in enumerate("abcde")]
    tickets.append(await rig.submit("f", guidance_scale=9))
    await rig.provider.cancel(hold)
    results = await asyncio.gather(*(rig.wait(ticket) for ticket in tickets))
    assert [seeds(result) for result in results] == [[0], [1], [2], [3], [4], [1]]
    assert rig.batches == ["hang", "a + b + c + d", "e", "f"]


async def test_as_many_are_handed_over_as_keep_it_busy(rig: Rig) -> None:
    assert rig.provider.max_concurrency == 8
    await rig.kill()
    await until(lambda: rig.provider.facts)
    assert rig.provider.max_concurrency == 8


async def test_who_waits_behind_a_batch_has_not_begun(rig: Rig) -> None:
    first, second = Watcher(), Watcher()
    running, waiting = await rig.submit("until go"), await rig.submit("a", guidance_scale=9)
    async with asyncio.TaskGroup() as group:
        group.create_task(rig.wait(running, first))
        group.create_task(rig.wait(waiting, second))
        await first.begins()
        assert not second.fractions
        (rig.folder / "go").touch()
    assert second.fractions


async def test_a_member_leaves_a_running_batch_and_the_others_stay(rig: Rig) -> None:
    async with asyncio.TaskGroup() as group:
        hold = await rig.submit("hang", guidance_scale=9)
        await rig.drawing("hang")
        stays, leaves = await rig.submit("until go", seed=4), await rig.submit("hang", seed=5)
        staying = group.create_task(rig.wait(stays))
        await rig.provider.cancel(hold)
        await rig.drawing("until go + hang")
        await rig.provider.cancel(leaves)
        (rig.folder / "go").touch()
    assert seeds(staying.result()) == [4]
    with pytest.raises(GenerationCanceled):
        await rig.wait(leaves)


async def test_a_killed_process_costs_one_more_try(rig: Rig) -> None:
    watcher = Watcher()
    async with asyncio.TaskGroup() as group:
        drawn = group.create_task(rig.wait(await rig.submit("until go"), watcher))
        await watcher.begins()
        await rig.drawing("until go")  # noted after the first step was told
        await rig.kill()
        await rig.drawing("until go", times=2)
        (rig.folder / "go").touch()
    assert seeds(drawn.result()) == [1]
    assert watcher.fractions == sorted(set(watcher.fractions))


async def test_killed_twice_it_fails_and_the_next_one_is_drawn(rig: Rig) -> None:
    async with asyncio.TaskGroup() as group:
        failing = group.create_task(rig.failure("until go"))
        for times in (1, 2):
            await rig.drawing("until go", times=times)
            await rig.kill()
    failure = failing.result()
    assert isinstance(failure, GenerationFailed) and not failure.transient
    assert seeds(await rig.draw("next", seed=3)) == [3]


async def test_of_a_batch_only_the_picture_that_kills_fails(rig: Rig) -> None:
    hold = await rig.submit("hang")
    await rig.drawing("hang")
    good, bad = await rig.submit("a", seed=3), await rig.submit("die")
    await rig.provider.cancel(hold)
    assert seeds(await rig.wait(good)) == [3]
    with pytest.raises(GenerationFailed):
        await rig.wait(bad)
    assert rig.batches == ["hang", "a + die", "a", "die"]


async def test_a_fault_of_the_accelerator_takes_a_new_process(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    before = rig.pid
    assert isinstance(await rig.failure("fault"), GenerationFailed)
    assert rig.batches == ["fault", "fault"]
    assert await rig.draw()
    assert rig.pid != before
    assert "illegal memory access" in caplog.text


async def test_too_large_a_batch_is_halved(rig: Rig) -> None:
    hold = await rig.submit("hang")
    await rig.drawing("hang")
    tickets = [await rig.submit("big", seed=seed) for seed in range(4)]
    await rig.provider.cancel(hold)
    results = [seeds(await rig.wait(ticket)) for ticket in tickets]
    assert results == [[0], [1], [2], [3]]
    sizes = [line.count("big") for line in rig.batches[1:]]
    assert sizes == [4, 2, 1, 1, 1, 1]


async def test_what_no_memory_holds_fails_in_the_same_process(rig: Rig) -> None:
    before = rig.pid
    failure = await rig.failure("huge")
    assert isinstance(failure, GenerationFailed) and not failure.transient
    assert await rig.draw()
    assert rig.pid == before


async def test_an_error_is_told_without_the_prompt(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    failure = await rig.failure("bad")
    assert isinstance(failure, GenerationFailed)
    assert "ValueError" in failure.detail and "secret" not in str(failure)
    assert "secret" not in caplog.text
    logged = [record for record in caplog.records if record.name == "fake.painter"]
    assert [(one.levelno, one.message) for one in logged] == [
        (logging.WARNING, "something to look at")
    ]


async def test_a_request_that_nobody_takes_is_refused(rig: Rig) -> None:
    assert isinstance(await rig.failure("refused"), InvalidRequest)


async def test_an_idle_process_that_dies_is_started_anew(rig: Rig) -> None:
    await rig.kill()
    await until(lambda: rig.provider.facts)
    assert await rig.draw()


async def test_who_comes_while_it_starts_anew_is_drawn_then(rig: Rig) -> None:
    await rig.kill()
    assert await rig.draw()


async def test_a_call_that_hangs_holds_up_nobody_for_ever(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = await rig.submit("stuck")
    await rig.drawing("stuck")
    await rig.provider.cancel(ticket)
    assert await rig.draw()
    assert "hangs" in caplog.text


def test_the_pause_before_a_start_doubles_up_to_a_minute() -> None:
    assert [restart_pause(deaths) for deaths in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_what_cannot_be_loaded_says_why_and_is_tried_again(tmp_path: Path) -> None:
    rig = await asyncio.to_thread(rig_over, tmp_path, painter.load_at_last)
    early = await rig.submit("early")
    with pytest.raises(Unavailable, match="demo: no weights"):
        await rig.wait(early)
    with pytest.raises(ResultLost):  # so a second try submits it anew
        await rig.wait(early)
    with pytest.raises(Unavailable, match="demo: no weights"):
        await rig.submit("late")
    assert rig.provider.trouble == "demo: no weights"
    (tmp_path / "weights").touch()
    await rig.provider.start()
    assert rig.provider.trouble is None
    assert await rig.draw()
    await rig.provider.aclose()


async def test_what_is_misconfigured_is_not_tried_again(tmp_path: Path) -> None:
    rig = await asyncio.to_thread(rig_over, tmp_path, painter.load_on_no_device)
    with pytest.raises(Misconfigured):
        await rig.provider.start()
    assert not rig.provider._supervisor._alarms
    await rig.provider.aclose()


async def test_a_death_while_measuring_is_not_tried_again(tmp_path: Path) -> None:
    rig = await asyncio.to_thread(rig_over, tmp_path, painter.die_measuring)
    with pytest.raises(Unavailable, match=r"died while loading \(SIGKILL\)"):
        await rig.provider.start()
    await rig.provider.start()
    assert await rig.draw()
    await rig.provider.aclose()


async def test_a_preview_comes_over_as_a_small_jpeg(rig: Rig) -> None:
    previews: list[bytes] = []

    def collect(progress: Progress) -> None:
        if progress.preview is not None:
            previews.append(progress.preview)
            (rig.folder / "go").touch()

    await rig.wait(await rig.submit("until go", seed=200), collect)
    shown = Image.open(BytesIO(previews[0]))
    assert (shown.format, shown.size) == ("JPEG", (64, 32))
    red, green, _ = shown.getpixel((32, 16))
    assert red > 190 and green < 10


async def test_closing_while_it_loads_does_not_wait(tmp_path: Path) -> None:
    rig = await asyncio.to_thread(rig_over, tmp_path, painter.load_for_ever)
    async with asyncio.TaskGroup() as group:
        starting = group.create_task(outcome_of(rig.provider.start()))
        await until((tmp_path / "loading").exists)
        pid = int((tmp_path / "loading").read_text())
        await rig.provider.aclose()
    assert isinstance(starting.result(), Unavailable)
    assert not is_alive(pid)


async def outcome_of(call: Any) -> Exception | None:
    try:
        await call
    except ProviderError as error:
        return error
    return None


async def test_closing_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    rig = await asyncio.to_thread(rig_over, tmp_path)
    ticket = await rig.submit("hang")
    await rig.drawing("hang")
    pid = rig.pid
    assert handovers(tmp_path)
    await rig.provider.aclose()
    await rig.provider.aclose()
    with pytest.raises(GenerationCanceled):
        await rig.wait(ticket)
    with pytest.raises(Unavailable):
        await rig.submit("late")
    assert not is_alive(pid)
    assert files(tmp_path) == ["batches"]


async def test_closing_kills_what_does_not_listen(rig: Rig) -> None:
    pid = rig.pid
    os.kill(pid, signal.SIGSTOP)
    await rig.submit("x" * 1_000_000)  # more than a pipe holds
    await rig.provider.aclose()
    assert not is_alive(pid)


async def test_signals_to_the_group_are_for_the_bot(rig: Rig) -> None:
    ticket = await rig.submit("until go")
    await rig.drawing("until go")
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(rig.pid, number)
    (rig.folder / "go").touch()
    assert await rig.wait(ticket)
    assert rig.batches == ["until go"]


BOT = """
import asyncio
from pathlib import Path
from providers.clock import SystemClock
from providers.local.config import PipelineConfig
from providers.local.provider import LocalProvider
from tests.fakes import painter

async def main():
    config = PipelineConfig(model="demo", cache_dir=Path({folder!r}))
    provider = LocalProvider(config, clock=SystemClock(), load=painter.{load})
    await provider.start()
    print(provider.facts.process_id, flush=True)
    await asyncio.sleep({seconds})

if __name__ == "__main__":
    asyncio.run(main())
"""


def bot(folder: Path, load: str, seconds: float) -> "subprocess.Popen[str]":
    """A program that has a local provider and closes it never, as when it is killed."""
    script = folder / "bot.py"
    script.write_text(BOT.format(folder=str(folder), load=load, seconds=seconds))
    return subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # noqa: TID251 - hands PATH and the like on
        text=True,
    )


@pytest.mark.parametrize("load", ["load_painter", "load_for_ever"])
async def test_it_dies_with_the_bot_whatever_it_is_at(tmp_path: Path, load: str) -> None:
    started = await asyncio.to_thread(bot, tmp_path, load, 3600)
    with started as process:
        if load == "load_painter":
            assert process.stdout is not None
            child = int(await asyncio.to_thread(process.stdout.readline))
        else:
            await until((tmp_path / "loading").exists)
            child = int((tmp_path / "loading").read_text())
        assert is_alive(child)
        process.kill()
    await until(lambda: not is_alive(child))
    assert handovers(tmp_path)  # what a killed bot leaves, the next one removes:
    HandoverFolder(tmp_path).close()
    assert not handovers(tmp_path)


async def test_a_bot_that_forgets_to_close_it_still_ends(tmp_path: Path) -> None:
    started = await asyncio.to_thread(bot, tmp_path, "load_painter", 0)
    with started as process:
        out, _ = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
    assert process.returncode == 0
    await until(lambda: not is_alive(int(out)))


def test_a_folder_in_use_is_not_swept(tmp_path: Path) -> None:
    one, other = HandoverFolder(tmp_path), HandoverFolder(tmp_path)
    (one.path / "1").write_bytes(b"picture")
    assert one.take("1") == b"picture"
    (other.path / "2").write_bytes(b"nobody asks")
    other.empty()
    assert list(other.path.iterdir()) == []
    for folder in (one, other):
        folder.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "words"), [(0, "exit code 0"), (-9, "SIGKILL"), (-11, "SIGSEGV"), (-250, "signal 250")]
)
def test_an_ending_has_words(code: int, words: str) -> None:
    assert ending_in_words(code) == words
