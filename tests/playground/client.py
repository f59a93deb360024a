"""A bot's side of the Bot API with nothing between, so that a test sees the wire itself."""

import io
from typing import Any

import aiohttp

from bot.playground import Playground


class Client:
    """Calls the Bot API as a bot would, with nothing of aiogram's between."""

    def __init__(self, session: aiohttp.ClientSession, playground: Playground) -> None:
        self.session = session
        self.root = f"{playground.api_url}/bot{playground.token}"

    async def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer, `{"ok": ...}`; bytes among the parameters are uploaded."""
        if any(isinstance(value, bytes) for value in params.values()):
            return await self._upload(method, params)
        async with self.session.post(f"{self.root}/{method}", json=params) as answer:
            body: dict[str, Any] = await answer.json()
        assert answer.status == body.get("error_code", 200)
        return body

    async def _upload(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        form = aiohttp.FormData()
        for name, value in params.items():
            if isinstance(value, bytes):
                form.add_field(name, io.BytesIO(value), filename=f"{name}.png")
            else:
                form.add_field(name, str(value))
        async with self.session.post(f"{self.root}/{method}", data=form) as answer:
            body: dict[str, Any] = await answer.json()
        return body

    async def fetch(self, file_id: str) -> bytes:
        """The file's bytes, by getFile and the path it gives."""
        found = await self.ok("getFile", file_id=file_id)
        url = self.root.replace("/bot", "/file/bot", 1) + "/" + found["file_path"]
        async with self.session.get(url) as answer:
            assert answer.status == 200
            content = await answer.read()
        assert len(content) == found["file_size"]
        return content

    async def ok(self, method: str, **params: Any) -> Any:
        body = await self(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """The description of a refusal, with its code in front: "400 Bad Request: ..."."""
        body = await self(method, **params)
        assert not body["ok"], body
        return f"{body['error_code']} {body['description']}"
