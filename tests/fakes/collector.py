"""An OpenTelemetry collector on loopback: reads OTLP's protobuf and keeps the spans."""

from dataclasses import dataclass

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.fakes.server import FakeService

ROUTE = "traces"


@dataclass(frozen=True)
class Told:
    name: str
    trace: str
    id: str
    parent: str
    began: int  # nanoseconds
    ended: int
    facts: dict[str, str | int | bool]
    failed: bool
    instance: str


class Collector(FakeService):
    def __init__(self) -> None:
        super().__init__()
        self.spans: list[Told] = []
        self.bodies: list[bytes] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/v1/traces", self.handle(ROUTE, self._take))]

    async def _take(self, request: web.Request) -> web.Response:
        self.bodies.append(body := await request.read())
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            about = _facts(resource.resource.attributes)
            for scope in resource.scope_spans:
                self.spans += [
                    _told(span, str(about["service.instance.id"])) for span in scope.spans
                ]
        answer = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=answer, content_type="application/x-protobuf")

    def named(self, name: str) -> Told:
        (found,) = (span for span in self.spans if span.name == name)
        return found


def _told(span, instance: str) -> Told:
    return Told(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _facts(span.attributes),
        span.status.code == span.status.STATUS_CODE_ERROR,
        instance,
    )


def _facts(attributes) -> dict[str, str | int | bool]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
