"""A job's trace, told by two processes that say nothing to each other about it."""

import pytest

from bot.playground import ANN
from tests.bot.process import House
from tests.fakes.collector import Collector
from tests.fakes.replicate import Plan
from tests.scale.servers import Processes
from tests.scale.test_duties import picture

pytestmark = [pytest.mark.postgres, pytest.mark.waits(10)]


async def test_an_edge_and_a_worker_tell_one_trace(home: House, crew: Processes) -> None:
    home.service.plan = Plan(seconds=0.5)
    async with Collector() as collector:
        home.settings |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.base_url}
        edge, worker = await crew.edge(), await crew.worker()
        await picture(home, ANN)
        assert await edge.end() == 0 and await worker.end() == 0
        assert len({span.trace for span in collector.spans}) == 1
        places = {span.name: span.instance for span in collector.spans}
        assert places["update"] == places["accept"] != places["work"]
        for name in ("waiting", "submit", "poll", "fetch", "store", "settle"):
            assert places[name] == places["work"]
        ids = {span.id for span in collector.spans}
        assert {span.parent for span in collector.spans} <= ids | {""}
        fetch, wait = collector.named("fetch"), collector.named("wait for service")
        assert fetch.parent == wait.id and wait.began <= fetch.began <= fetch.ended <= wait.ended
