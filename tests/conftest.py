"""What every suite shares. Nothing here may reach beyond this machine."""

import os

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts

# How long an example takes says more about what else the machine does than about our code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

REQUIRED = bool(os.environ.get("REQUIRE_EVERYTHING"))  # noqa: TID251 - set by CI alone


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
