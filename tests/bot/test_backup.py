"""A backup made while the bot works is of one moment, and a bot starts on what it gives back."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.playground import ANN, BORIS, Playground
from bot.settings import WrongSetting
from bot.tools.backup import MANIFEST, Backups, Saved
from providers.clock import SystemClock
from storage.backup import contents
from storage.blobs import FileBlobs
from storage.errors import CannotOpen
from tests.bot.harness import Flow, flow, settings_for

NEVER_STARTED = "isn't there"


def backups(data: Path, folder: Path, playground: Playground) -> Backups:
    settings = settings_for(playground, data)
    return Backups(settings, FileBlobs(data / "pictures"), folder, SystemClock())


async def draw(chat: Flow, first: int, count: int) -> None:
    for number in range(first, first + count):
        await chat.say(
            f"/imagine fox number {number} --seed {number}", user=ANN if number % 2 else BORIS
        )
        await chat.delivered(number)


async def test_made_under_load_and_restored_it_has_everything(tmp_path: Path) -> None:
    data, folder, elsewhere = tmp_path / "data", tmp_path / "backup", tmp_path / "elsewhere"
    async with Playground.start() as playground:
        async with flow(data, playground=playground) as chat:
            await draw(chat, 1, 3)
            save = backups(data, folder, playground).save
            async with asyncio.TaskGroup() as group:
                group.create_task(draw(chat, 4, 4))
                made = [await save() for _ in range(3)]
            last = await save()
            await draw(chat, 8, 1)
            before = max(message.message_id for message in chat.bot_messages())
        assert made[0].pictures >= 3 and (last.pictures, last.missing) == (7, 0)
        assert sum(saved.new for saved in (*made, last)) == 7
        assert len(list(folder.glob("database-*"))) == 1
        restored = await backups(elsewhere, folder, playground).restore()
        assert (restored.rows, restored.pictures) == (last.rows, 7)
        async with flow(elsewhere, playground=playground) as chat:
            assert (await chat.job(7)) is not None and (await chat.job(8)) is None
            await chat.say("/history")
            await chat.see(lambda m: m.message_id > before and m.photo is not None)
            await draw(chat, 8, 1)


async def test_what_was_deleted_leaves_the_next_backup_too(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "backup"
    async with flow(data) as chat:
        await draw(chat, 1, 2)
        save = backups(data, folder, chat.playground).save
        await save()
        async with chat.app.delivery._storage.transaction() as tx:
            (gone,) = await tx.artifacts.drop_of_job(1)
        assert (await save()).pictures == 1
        assert not list((folder / "pictures").rglob(gone))


Damage = Callable[[Path], object]


def other_bytes(pattern: str) -> Damage:
    def damage(folder: Path) -> None:
        path = next(path for path in folder.glob(pattern) if path.is_file())
        path.write_bytes(path.read_bytes()[:-1] + b"?")

    return damage


@pytest.fixture
async def saved(tmp_path: Path) -> tuple[Path, Path, Playground, Saved]:
    async with flow(tmp_path / "data") as chat:
        await draw(chat, 1, 1)
        folder = tmp_path / "backup"
        made = await backups(tmp_path / "data", folder, chat.playground).save()
        return tmp_path / "data", folder, chat.playground, made


async def test_a_damaged_or_unfinished_backup_is_refused_and_changes_nothing(
    tmp_path: Path, saved: tuple[Path, Path, Playground, Saved]
) -> None:
    data, folder, playground, made = saved
    cases: list[tuple[Damage, str]] = [
        (other_bytes("pictures/*/*/*"), "damaged"),
        (other_bytes("database-*"), "database has changed"),
        (lambda each: next(each.glob("pictures/*/*/*")).unlink(), "damaged"),
        (lambda each: (each / MANIFEST).unlink(), NEVER_STARTED),
        (lambda each: (each / MANIFEST).write_text("{"), "can't be read"),
        (lambda each: next(each.glob("database-*")).unlink(), NEVER_STARTED),
        (lambda each: (each / MANIFEST).write_text(json.dumps({"format": 2})), "can't be read"),
    ]
    for number, (damage, words) in enumerate(cases):
        copy, target = tmp_path / f"copy-{number}", tmp_path / f"target-{number}"
        await asyncio.to_thread(copy_tree, folder, copy)
        damage(copy)
        with pytest.raises(WrongSetting, match=words):
            await backups(target, copy, playground).restore()
        assert not (target / "bot.db").exists()
    with pytest.raises(CannotOpen, match="is there already"):
        await backups(data, folder, playground).restore()
    assert (await backups(tmp_path / "new", folder, playground).restore()).rows == made.rows


def copy_tree(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())


@pytest.mark.parametrize("place", ["data", "data/backup", "."])
async def test_a_backup_never_lies_with_the_data(tmp_path: Path, place: str) -> None:
    async with Playground.start() as playground:
        with pytest.raises(WrongSetting, match="outside of DATA_DIR"):
            await backups(tmp_path / "data", tmp_path / place, playground).save()


def test_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["backup", "saved"]) == 2
    assert capsys.readouterr().err == "DATA_DIR: isn't there\n"
    assert main(["migrate"]) == 0
    assert main(["backup", "saved"]) == 0
    assert "Saved: 0 rows, 0 pictures" in capsys.readouterr().out
    assert main(["restore", "saved"]) == 2
    monkeypatch.setenv("DATA_DIR", "other")
    assert main(["restore", "saved"]) == 0
    assert "Restored: 0 rows, 0 pictures, all checked." in capsys.readouterr().out
    url = f"sqlite+aiosqlite:///{tmp_path / 'other' / 'bot.db'}"
    assert contents(url).rows["jobs"] == 0
