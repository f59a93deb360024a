"""An OpenAI-compatible moderation service on loopback. It flags a prompt for each word it knows."""

from aiohttp import web

from tests.fakes.server import FakeService, Handler

KEY = "sk-fake"
MODEL = "omni-moderation-latest"
FLAGGED = {"bloodbath": "violence/graphic", "smut": "sexual"}


class FakeModeration(FakeService):
    """One route, `judge`."""

    root = "/v1"

    def routes(self) -> list[web.RouteDef]:
        handler: Handler = self.handle("judge", self._judge)
        return [web.post("/v1/moderations", handler)]

    async def _judge(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            wrong = {"message": "Incorrect API key provided.", "type": "invalid_request_error"}
            return web.json_response({"error": wrong}, status=401)
        asked = await request.json()
        held = {category for word, category in FLAGGED.items() if word in asked["input"]}
        categories = {name: name in held for name in sorted(FLAGGED.values())}
        scores = {name: 0.98 if name in held else 0.01 for name in categories}
        result = {"flagged": bool(held), "categories": categories, "category_scores": scores}
        return web.json_response({"id": "modr-1", "model": asked["model"], "results": [result]})
