"""`python -m bot doctor`: what it says of good and of broken setups, and that it changes nothing."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.doctor.command import examine, run_doctor
from bot.doctor.findings import Finding, Mark, Table
from bot.doctor.services import findings as of_services
from bot.playground import Playground
from bot.playground.faults import refusal
from bot.settings import Settings
from bot.usecases.engines import Engines
from bot.usecases.probe_providers import ProbeProviders
from providers.errors import ProviderError, Unauthorized
from providers.status import Credit, ServiceStatus
from storage.engine import open_storage
from tests.bot.process import ROOT
from tests.fakes.clock import FakeClock
from tests.fakes.probed import Probed
from tests.fakes.replicate import FakeReplicate

TOKEN = "123456:the-token-of-the-test-opens-nothing0"  # noqa: S105 - opens nothing
SECRET = "hunter2-of-the-test"  # noqa: S105 - opens nothing


def settings_in(folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "bot_token": TOKEN,
        "replicate_api_token": SECRET,
        "admin_ids": "1",
        "data_dir": folder / "data",
        **changes,
    }
    return Settings(_env_file=None, **values)


async def findings(
    settings: Settings, *, online: bool = False, load: bool = False
) -> dict[str, Finding]:
    """By subject. No finding tells a secret or takes more than a line, but for the table."""
    found = [finding async for finding in examine(settings, online=online, load=load)]
    text = "\n".join(map(str, found))
    assert SECRET not in text and TOKEN not in text
    assert "\n" not in "".join(str(each) for each in found if not isinstance(each, Table))
    return {finding.subject: finding for finding in found}


def bad_ones(found: dict[str, Finding]) -> set[str]:
    return {subject for subject, finding in found.items() if finding.mark is Mark.BAD}


async def test_a_fresh_setup_is_good_and_stays_untouched(tmp_path: Path) -> None:
    found = await findings(settings_in(tmp_path))
    assert not bad_ones(found)
    assert found["DATA_DIR"].mark is found["database"].mark is Mark.NOTE
    assert "kandinsky-2.2" in found["provider replicate"].text
    assert "REPLICATE_API_TOKEN" in found["provider replicate"].text
    assert found["model"].text.startswith("kandinsky-2.2")
    assert not os.listdir(tmp_path)  # noqa: PTH208 - a test may block


async def test_a_bot_at_work_is_not_disturbed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    storage = await open_storage(settings.database)
    try:
        async with storage.transaction():  # it holds both the process's lock and the writer's
            found = await findings(settings)
    finally:
        await storage.close()
    assert not bad_ones(found)
    assert found["database"].mark is found["DATA_DIR"].mark is Mark.GOOD
    assert "GB free" in found["DATA_DIR"].text


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"bot_token": None}, "BOT_TOKEN"),
        ({"bot_token": f"no token {SECRET}"}, "BOT_TOKEN"),
        ({"replicate_api_token": None}, "LOCAL_MODEL"),
        ({"local_model": "./no-such-folder"}, "LOCAL_MODEL"),
        ({"provider_order": "dalle"}, "PROVIDER_ORDER"),
        ({"prompt_blocklist": "no-such-list"}, "PROMPT_BLOCKLIST"),
        ({"prompt_allowlist": "/"}, "PROMPT_ALLOWLIST"),
        ({"default_model": "kandinsky-9"}, "DEFAULT_MODEL"),
        ({"database_url": f"mysql://owner:{SECRET}@host/name"}, "DATABASE_URL"),
        (
            {"database_url": f"postgresql+asyncpg://owner:{SECRET}@127.0.0.1:1/name"},
            "DATABASE_URL",
        ),
    ],
)
async def test_what_is_bad_is_named(tmp_path: Path, changes: dict[str, Any], subject: str) -> None:
    assert bad_ones(await findings(settings_in(tmp_path, **changes))) == {subject}


async def test_a_file_where_the_data_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    found = await findings(settings_in(tmp_path, database_url=f"sqlite+aiosqlite:///{tmp_path}/b"))
    assert bad_ones(found) == {"DATA_DIR"}


async def test_a_database_newer_than_the_code(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    await (await open_storage(settings.database)).close()
    with closing(sqlite3.connect(tmp_path / "data" / "bot.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    found = await findings(settings)
    assert bad_ones(found) == {"DATA_DIR"} and "9999" in found["DATA_DIR"].text


@pytest.fixture
async def service() -> AsyncIterator[FakeReplicate]:
    async with FakeReplicate() as service:
        yield service


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.start() as playground:
        yield playground


@pytest.fixture
def loopback(tmp_path: Path, playground: Playground, service: FakeReplicate) -> Settings:
    """A setup whose Telegram and whose service are on this machine."""
    return settings_in(
        tmp_path,
        bot_token=playground.token,
        telegram_api_url=playground.api_url,
        replicate_api_token=service.token,
        replicate_base_url=service.base_url,
    )


async def test_offline_nobody_is_asked_anything(
    loopback: Settings, playground: Playground, service: FakeReplicate
) -> None:
    found = await findings(loopback, online=False)
    assert not bad_ones(found) and "services" not in found
    assert not playground.calls and not service.requests


async def test_online_telegram_and_the_services_are_asked(
    loopback: Settings, playground: Playground, service: FakeReplicate
) -> None:
    found = await findings(loopback, online=True)
    assert not bad_ones(found)
    assert [call.method for call in playground.calls] == ["getMe", "getWebhookInfo"]
    assert found["updates"].text == "no webhook at Telegram, 0 waiting"
    assert found["clock"].mark is Mark.GOOD
    assert found["Telegram"].mark is Mark.GOOD and "@" in found["Telegram"].text
    head, replicate = str(found["services"]).splitlines()
    assert head.split() == ["provider", "key", "models", "styles", "credit", "answered", "in"]
    assert replicate.startswith("✓ replicate ") and "kandinsky-2.2" in replicate
    for secret in (playground.token, service.token):
        assert secret not in "\n".join(map(str, found.values()))


async def test_telegram_refuses_the_token(loopback: Settings, playground: Playground) -> None:
    playground.faults.add("getMe", refusal(401, "Unauthorized"))
    assert bad_ones(await findings(loopback, online=True)) == {"BOT_TOKEN"}


async def test_telegram_can_not_be_reached(loopback: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and not listening
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        settings = loopback.model_copy(update={"telegram_api_url": url})
        assert bad_ones(await findings(settings, online=True)) == {"TELEGRAM_API_URL"}


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        (ServiceStatus(), Mark.GOOD),
        (ServiceStatus(takes_work=False), Mark.NOTE),
        (Unauthorized("replicate"), Mark.BAD),
        (ServiceStatus(credit=Credit(0, "USD")), Mark.BAD),
    ],
)
async def test_a_services_trouble_is_a_finding(
    answer: ServiceStatus | ProviderError, mark: Mark
) -> None:
    provider = Probed("replicate", answer)
    engines = Engines({"replicate": provider}, await provider.offers())
    shown, *told = of_services(await ProbeProviders(engines, FakeClock())())
    assert isinstance(shown, Table) and shown.lines[1].startswith(mark)
    assert {finding.mark for finding in told} == ({mark} if mark is not Mark.GOOD else set())


async def test_what_two_examinations_find_is_told_once(tmp_path: Path) -> None:
    settings = settings_in(
        tmp_path,
        replicate_api_token=None,
        local_model="./no-such-folder",
        telegram_api_url="http://127.0.0.1:1",
    )
    told = [str(finding) async for finding in examine(settings, online=True)]
    assert [line.startswith("✗ LOCAL_MODEL") for line in told].count(True) == 1
    assert "\n✗ local " in told[-1]


@pytest.mark.waits(20)
@pytest.mark.local
async def test_the_local_model_in_detail(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.fakes.tiny_kandinsky import build_tiny_checkpoint  # noqa: PLC0415 - needs torch

    small = tmp_path / "model"
    build_tiny_checkpoint(small)
    settings = settings_in(tmp_path, local_model=str(small), local_device="cpu", local_dtype="fp32")
    found = await findings(settings, load=True)
    assert not bad_ones(found)
    assert found["device"].text == "cpu" and found["LOCAL_DTYPE"].text == "fp32"
    assert found["LOCAL_SAFETY_MODEL"].mark is Mark.NOTE
    assert found["loaded"].mark is Mark.GOOD
    for fact in (" s on cpu in float32", "offload none", " at once", " GB of memory"):
        assert fact in found["loaded"].text


async def test_loading_without_a_local_model(tmp_path: Path) -> None:
    found = await findings(settings_in(tmp_path), load=True)
    assert found["--load"].mark is Mark.NOTE and not bad_ones(found)


@pytest.mark.local
async def test_what_can_not_be_loaded_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    cached = tmp_path / "model"
    from tests.fakes.tiny_kandinsky import build_tiny_checkpoint  # noqa: PLC0415 - needs torch

    build_tiny_checkpoint(cached)
    shutil.rmtree(cached / "scheduler")
    found = await findings(settings_in(tmp_path, local_model=str(cached)), load=True)
    assert bad_ones(found) == {"LOCAL_MODEL"}


@pytest.mark.waits(20)
def test_the_command_line(tmp_path: Path) -> None:
    """All of it is told, even where a terminal knows no ✗, and only there."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", "--offline"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "REPLICATE_API_TOKEN": SECRET, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and done.stderr == ""
    assert "? BOT_TOKEN: is not set" in done.stdout.splitlines()[5]
    assert "model: kandinsky-2.2" in done.stdout.splitlines()[-1]
    assert SECRET not in done.stdout


def test_where_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_doctor(settings_in(tmp_path), online=False, load=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line[:2] for line in lines} == {"✓ ", "! "}


def test_a_setting_that_can_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_IDS", SECRET)
    assert main(["doctor"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("✗ ADMIN_IDS: must be Telegram ids") and not told.err
    assert SECRET not in told.out
