"""/healthz, /readyz and /metrics, for whoever watches the process."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.monitoring.readiness import Readiness, is_ready
from bot.monitoring.scrape import Scrape

FRESH = {"Cache-Control": "no-store"}


def monitoring_routes(readiness: Readiness, scrape: Scrape) -> list[web.RouteDef]:
    async def healthz(_request: web.Request) -> web.Response:
        """An answer at all: the process lives, and its loop has time."""
        return web.json_response({"alive": "ok"}, headers=FRESH)

    async def readyz(_request: web.Request) -> web.Response:
        found = await readiness()
        return web.json_response(found, status=200 if is_ready(found) else 503, headers=FRESH)

    async def metrics(_request: web.Request) -> web.Response:
        kind = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=await scrape(), headers=FRESH | kind)

    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics),
    ]
