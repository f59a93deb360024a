"""docs/operations: the dashboard asks for what /metrics tells; the other files fit the project."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.monitoring.meters import Meters
from bot.settings import Settings
from bot.usecases.pauses import PauseState
from providers.limits import Gates
from providers.testing import FakeProvider
from storage.summaries import ProviderLoad, QueueSummary
from tests.bot.process import ROOT
from tests.contracts.building import NOW
from tests.fakes.clock import FakeClock

DASHBOARD = ROOT / "docs" / "operations" / "grafana.json"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def queries(node: Any) -> list[str]:
    """Every expression and every query of a variable, wherever it stands."""
    if isinstance(node, list):
        return [each for part in node for each in queries(part)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("expr", "query") if isinstance(node.get(key), str)]
    return own + [each for part in node.values() for each in queries(part)]


def told() -> dict[str, set[str]]:
    """What /metrics tells of a bot in use: the labels of each name."""
    clock = FakeClock()
    gates = Gates({"fake": FakeProvider()}, clock)
    meters = Meters(gates, clock)
    meters.called("sendMessage", "429")
    meters.show_queue(QueueSummary((ProviderLoad("fake", 1, 1),), (), NOW, 0), PauseState())
    meters.show_providers(gates)
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(generate_latest(meters.registry).decode()):
        for name in _names(family.name, family.type):
            found.setdefault(name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def _names(name: str, kind: str) -> list[str]:
    if kind == "histogram":
        return [f"{name}_bucket", f"{name}_sum", f"{name}_count"]
    return [f"{name}_total" if kind == "counter" else name]


def test_every_metric_of_the_dashboard_is_told() -> None:
    asked = {
        name
        for query in queries(json.loads(DASHBOARD.read_text()))
        for name in re.findall(r"\b(?:imagine|process)_\w+", query)
    }
    assert len(asked) >= 15
    assert asked <= told().keys()


def test_every_metric_of_ours_is_on_the_dashboard_and_in_the_manual() -> None:
    text = DASHBOARD.read_text()
    ours = {name for name in told() if name.startswith("imagine_")}
    for name in ours:
        if name.endswith(("_sum", "_count", "_created")):
            continue
        assert name in text, name
        assert name.removesuffix("_bucket") in OPERATIONS, name


def test_no_label_names_a_person() -> None:
    labels = set().union(*told().values())
    assert labels == {"provider", "outcome", "method", "result", "state", "le"}


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found["services"]


def test_compose_has_one_bot_or_several_processes(services: dict[str, Any]) -> None:
    profiles = {name: service["profiles"] for name, service in services.items()}
    assert profiles == {
        "bot": ["one"],
        "edge": ["scale"],
        "worker": ["scale"],
        "postgres": ["scale"],
    }
    for name in ("bot", "edge", "worker"):
        service = services[name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
        assert "ports" not in service
    names = {name for service in services.values() for name in service.get("environment", {})}
    ours = {name for name in names if not name.startswith("POSTGRES_")}
    assert ours <= {name.upper() for name in Settings.model_fields}


def test_the_image_has_both_targets_and_the_default_is_without_torch() -> None:
    text = (ROOT / "Dockerfile").read_text()
    stages = re.findall(r"^FROM (\S+) AS (\S+)$", text, re.MULTILINE)
    assert stages[-1] == ("runtime", "base") and ("runtime", "local") in stages
    runtime = text.split(" AS runtime")[1]
    assert runtime.index("USER bot") < runtime.index("ENTRYPOINT")
    assert "STOPSIGNAL SIGTERM" in runtime and "HEALTHCHECK" in runtime
    assert "[local]" not in text.split("AS builder-base")[1]


def test_the_context_of_the_image_is_what_it_copies() -> None:
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = re.findall(
        r"^COPY ((?!--from).*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    assert {name for line in copied for name in line.split()} == let_in
    assert all(Path(ROOT / name).exists() for name in let_in)
