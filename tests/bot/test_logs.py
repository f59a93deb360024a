"""Logs: one key=value line an event, without secrets and prompts whoever writes them."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot.logs import REDACTED, configure_logging
from bot.usecases.spec import JobSpec

SECRET = "hunter2-of-the-test"  # noqa: S105 - opens nothing
TOKEN = "123456789:AAH-abcdefghijklmnopqrstuvwxyz01234"  # noqa: S105 - made up

Lines = Callable[[], list[str]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What has been logged, with logging as the bot sets it up."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("DEBUG", [SECRET, "abc"])
    yield lambda: stream.getvalue().splitlines()
    structlog.contextvars.clear_contextvars()


def log() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("test")
    return logger


def test_an_event_is_one_line_of_key_and_value(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(job=7):
        log().info("job ended", state="succeeded", units=2, note='with "quotes"\nand more')
    (line,) = lines()
    start, _, rest = line.partition(" ")
    assert start.startswith("timestamp=20") and start.endswith("Z")
    assert rest.startswith('level=info event="job ended" ')
    for pair in ("job=7", "state=succeeded", "units=2", r'note="with \"quotes\"\nand more"'):
        assert pair in rest


def test_the_libraries_own_logging_looks_the_same(lines: Lines) -> None:
    logging.getLogger("providers.replicate").warning("cancel answered with HTTP %d", 409)
    (line,) = lines()
    assert 'level=warning event="cancel answered with HTTP 409"' in line


@pytest.mark.parametrize("key", ["prompt", "negative_prompt", "text", "caption", "query", "spec"])
def test_prompts_are_dropped_by_their_key(lines: Lines, key: str) -> None:
    log().info("event", **{key: "a fox in the snow"})
    log().info("event", **{key: {"prompt": "a fox in the snow"}})
    assert all(f"{key}={REDACTED}" in line and "fox" not in line for line in lines())
    assert len(lines()) == 2


@pytest.mark.parametrize(
    "secret",
    [SECRET, TOKEN, "r8_abcdefgh12345678", "Bearer abcdefghijklmnop", "sk_live12345678"],
)
def test_secrets_are_cut_out_wherever_they_stand(lines: Lines, secret: str) -> None:
    log().info(f"connecting with {secret} now")
    log().info("event", url=f"https://host/{secret}/getMe")
    log().info("event", error=ValueError(f"bad {secret}"), headers={"Authorization": secret})
    log().info("event", several=[secret], pair=("key", secret.encode()))
    logging.getLogger("library").error("failed at %s", secret)
    assert len(lines()) == 5
    for line in lines():
        assert REDACTED in line
        assert secret not in line


def test_a_token_is_cut_out_of_an_address(lines: Lines) -> None:
    log().info("event", url=f"https://api.telegram.org/bot{TOKEN}/getMe")
    assert f"url=https://api.telegram.org/bot{REDACTED}/getMe" in lines()[0]


def test_a_stored_job_that_can_t_be_read_tells_no_prompt() -> None:
    with pytest.raises(ValueError, match="JobSpec") as caught:
        JobSpec.load({"wish": {"prompt": ["a fox in the snow"]}, "request": "a fox"})
    assert "fox" not in str(caught.value)


def test_exceptions_are_redacted_and_stay_on_their_line(lines: Lines) -> None:
    try:
        int(f"the key {SECRET} was refused\nby the service")
    except ValueError:
        log().exception("job crashed", reference="1234")
        logging.getLogger("library").exception("crashed")
    assert len(lines()) == 2
    for line in lines():
        assert "ValueError" in line and "test_logs.py" in line
        assert SECRET not in line and REDACTED in line


def test_short_words_are_no_secrets(lines: Lines) -> None:
    log().info("abcdef", count=12)
    assert "event=abcdef" in lines()[0] and "count=12" in lines()[0]


def test_chatty_libraries_say_only_what_is_wrong(lines: Lines) -> None:
    for name in ("aiogram.event", "httpx", "alembic.runtime.plugins"):
        logging.getLogger(name).info("all is well")
        logging.getLogger(name).warning("%s is not well", name)
    assert len(lines()) == 3


def test_an_event_as_json(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure_logging("DEBUG", [SECRET], "json")
    log().info("job ended", units=2, note=f"лис {SECRET}\nand more", prompt="a fox")
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {
        "event": "job ended",
        "level": "info",
        "units": 2,
        "note": f"лис {REDACTED}\nand more",
        "prompt": REDACTED,
    }
