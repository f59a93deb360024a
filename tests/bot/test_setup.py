"""A wrong setting ends the start: exit code 2, and one line that names it and tells no secret."""

import asyncio
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.playground.faults import refusal
from tests.bot.process import House, house
from tests.fakes.small_models import save_classifier

SECRET = "hunter2-of-the-test"  # noqa: S105 - opens nothing

WRONG = {
    "ADMIN_IDS": [{"ADMIN_IDS": "abc"}],
    "BOT_TOKEN": [{"BOT_TOKEN": ""}, {"BOT_TOKEN": SECRET}, {"BOT_TOKEN": f"1234:{SECRET}"}],
    "DAILY_QUOTA": [{"DAILY_QUOTA": "-1"}, {"DAILY_QUOTA": "many"}],
    "QUOTA_TIMEZONE": [{"QUOTA_TIMEZONE": "Mars"}, {"QUOTA_TIMEZONE": "../../etc/passwd"}],
    "UNCHECKED_PICTURES": [{"UNCHECKED_PICTURES": "burn"}],
    "PROVIDER_ORDER": [{"PROVIDER_ORDER": "replicate,dalle"}],
    "PROVIDER_RATES": [
        {"PROVIDER_RATES": "replicate"},
        {"PROVIDER_RATES": "replicate=0"},
        {"PROVIDER_RATES": "replicate=inf"},
        {"PROVIDER_RATES": "dalle=5"},
    ],
    "DEFAULT_MODEL": [{"DEFAULT_MODEL": "kandinsky-9"}],
    "LOCAL_MODEL": [{"REPLICATE_API_TOKEN": ""}, {"LOCAL_MODEL": "./no-such-folder"}],
    "LOCAL_DTYPE": [{"LOCAL_DTYPE": "float7"}],
    "LOCAL_DEVICE": [{"LOCAL_MODEL": "demo", "LOCAL_DEVICE": "abacus"}],
    "LOCAL_CONTROLNET": [{"LOCAL_MODEL": "demo", "LOCAL_CONTROLNET": "./no-such-folder"}],
    "LOCAL_DEPTH_MODEL": [{"LOCAL_MODEL": "demo", "LOCAL_DEPTH_MODEL": "./no-such-folder"}],
    "LOCAL_SAFETY_MODEL": [{"LOCAL_MODEL": "demo", "LOCAL_SAFETY_MODEL": "./no-such-folder"}],
    "REPLICATE_API_TOKEN": [{"REPLICATE_API_TOKEN": f"two words {SECRET}"}],
    "REPLICATE_BASE_URL": [{"REPLICATE_BASE_URL": "ftp://example.org"}],
    "REPLICATE_WEBHOOK_URL": [
        {"REPLICATE_WEBHOOK_URL": "http://bot.example.org/replicate"},
        {"REPLICATE_WEBHOOK_SECRET": "whsec_b3RoZXI="},
        {
            "REPLICATE_WEBHOOK_URL": "https://bot.example.org/hook",
            "WEBHOOK_URL": "https://bot.example.org/hook",
            "WEBHOOK_SECRET": "s",
        },
    ],
    "REPLICATE_WEBHOOK_SECRET": [
        {
            "REPLICATE_WEBHOOK_URL": "https://bot.example.org/replicate",
            "REPLICATE_WEBHOOK_SECRET": SECRET,
        }
    ],
    "TELEGRAM_API_URL": [{"TELEGRAM_API_URL": "http://[broken"}],
    "WEBHOOK_URL": [
        {"WEBHOOK_URL": "http://bot.example.org/hook", "WEBHOOK_SECRET": "s"},
        {"WEBHOOK_URL": "https://", "WEBHOOK_SECRET": "s"},
        {"WEBHOOK_URL": "bot.example.org", "WEBHOOK_SECRET": "s"},
    ],
    "WEBHOOK_SECRET": [
        {"WEBHOOK_URL": "https://bot.example.org/hook"},
        {"WEBHOOK_SECRET": f"{SECRET} with blanks"},
        {"WEBHOOK_SECRET": "a" * 257},
    ],
    "AWS_ACCESS_KEY_ID": [{"BLOB_URL": "s3://pictures/of-the-bot"}],
    "DATABASE_URL": [
        {"DATABASE_URL": f"owner:{SECRET}@host"},
        {"DATABASE_URL": f"mysql://owner:{SECRET}@host/name"},
        {"DATABASE_URL": "sqlite+aiosqlite://"},
        {"DATABASE_URL": "sqlite+aiosqlite:////proc/nowhere/bot.db"},
        {"DATABASE_URL": f"postgresql+asyncpg://owner:{SECRET}@127.0.0.1:1/name"},
    ],
}


async def complaint(home: House, **settings: str) -> str:
    """The line with which a bot refuses to start."""
    async with home.started(**settings) as process:
        assert await process.exit_code() == 2
    (line,) = process.stderr.splitlines()
    assert "Traceback" not in line and SECRET not in line
    assert home.playground.token not in line and home.service.token not in line
    return line


@pytest.mark.parametrize(
    ("name", "settings"), [(name, each) for name, cases in WRONG.items() for each in cases]
)
async def test_a_wrong_setting_is_named(
    tmp_path: Path, name: str, settings: dict[str, str]
) -> None:
    async with house(tmp_path) as home:
        line = await complaint(home, **settings)
    assert line.startswith(f"{name}: ")


async def test_a_file_where_the_data_should_be(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        (tmp_path / "data").write_text("not a folder")
        assert (await complaint(home)).startswith("DATA_DIR: ")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        home.database.parent.mkdir()
        home.database.write_bytes(b"These are my notes, not a database. " * 100)
        assert (await complaint(home)).startswith("DATA_DIR: ")


async def test_a_database_newer_than_the_code(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        async with home.bot() as bot:
            assert await bot.end() == 0
        bot.log.unlink()
        with closing(sqlite3.connect(home.database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        line = await complaint(home)
    assert line.startswith("DATA_DIR: ") and "9999" in line and "newer" in line


async def test_a_second_process_on_the_same_file(tmp_path: Path) -> None:
    async with house(tmp_path) as home, home.bot() as first:
        assert first.stderr == ""
        line = await complaint(home)
        assert line.startswith("DATA_DIR: ") and str(home.database) in line
        assert await first.end() == 0


async def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    async with house(tmp_path) as home:
        (tmp_path / "model").mkdir()
        line = await complaint(home, LOCAL_MODEL=str(tmp_path / "model"))
    assert line.startswith("LOCAL_MODEL: ") and "model_index.json" in line


@pytest.mark.waits(30)
@pytest.mark.local
async def test_a_checker_that_only_loading_finds_broken(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    model = await asyncio.to_thread(save_classifier, tmp_path / "checker", ["normal", "nsfw"])
    (tmp_path / "checker" / "model.safetensors").write_bytes(b"torn")
    async with (
        house(tmp_path) as home,
        home.bot(LOCAL_MODEL="demo", LOCAL_SAFETY_MODEL=model) as bot,
    ):
        assert await bot.exit_code() == 2
        assert bot.stderr.splitlines()[-1].startswith("LOCAL_SAFETY_MODEL: ")
        assert "Traceback" not in bot.stderr


async def test_a_port_in_use(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            line = await complaint(
                home,
                HTTP_PORT=port,
                WEBHOOK_URL=f"http://127.0.0.1:{port}/hook",
                WEBHOOK_SECRET="s",  # noqa: S106 - a test's
            )
    assert line.startswith("HTTP_PORT: ") and port in line


async def test_a_port_in_use_beside_long_polling(tmp_path: Path) -> None:
    async with house(tmp_path) as home:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            url = f"http://127.0.0.1:{port}/replicate"
            line = await complaint(home, HTTP_PORT=port, REPLICATE_WEBHOOK_URL=url)
    assert line.startswith("HTTP_PORT: ") and port in line


async def test_a_token_revoked_while_the_bot_runs(tmp_path: Path) -> None:
    async with house(tmp_path) as home, home.bot() as bot:
        home.playground.faults.add("getUpdates", refusal(401, "Unauthorized"))
        await home.playground.send(1001, 1001, "/help")  # ends the poll in progress
        assert await bot.exit_code() == 2
        assert bot.stderr.splitlines()[-1].startswith("BOT_TOKEN: ")
        assert "Traceback" not in bot.stderr


async def test_the_command_line_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as home, home.started(cold=True, ADMIN_IDS="abc") as process:
        assert await process.exit_code() == 2
        assert (
            process.stderr == "ADMIN_IDS: must be Telegram ids separated by commas, like 123,456\n"
        )
