"""What every suite shares. Nothing here may reach beyond this machine."""

import gc
import logging
import os
from collections.abc import Generator, Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

from tests.storage.s3_server import S3Server, s3_server

# How long an example takes says more about what else the machine does than about our code.
# CI takes the same examples each time, lest chance make it red; other runs look for new ones.
REQUIRED = bool(os.environ.get("REQUIRE_EVERYTHING"))  # noqa: TID251 - set by CI alone
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=REQUIRED,
)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    pytest.importorskip("obstore")
    with s3_server() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end, so nobody looks through it for garbage:
    that was a third of a small test's time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of several processes, each of which begins with an equal share and then helps the others, the first
    begins with those that wait longest, so that nothing waits for them at the end, and the second with
    those that need torch, so that not all import it.
    """
    waiting, torch, rest = [], [], []
    for item in items:
        if item.get_closest_marker("waits"):
            waiting.append(item)
        else:
            (torch if item.get_closest_marker("local") else rest).append(item)
    share = len(items) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))  # noqa: TID251 - xdist's own word
    waiting.sort(key=lambda item: -item.get_closest_marker("waits").args[0])
    first = max(share - len(waiting), 0)
    items[:] = [*waiting, *rest[:first], *torch, *rest[first:]]


def pytest_runtest_setup() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Where everything is required, a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, but everything is required: {report.longrepr}"
        )


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """The bot's own set-up writes to a stream that ends with the test that made it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level
