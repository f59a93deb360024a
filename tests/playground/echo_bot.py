"""A tiny scripted bot on plain HTTP: "queued" with a Cancel button, which then becomes a picture."""

import asyncio
import json
from typing import Any

from tests.playground.client import Client

CANCEL = {
    "inline_keyboard": [
        [{"text": "Cancel", "callback_data": "cancel", "style": "danger"}],
    ]
}
RESULT = {
    "inline_keyboard": [
        [
            {"text": "Again", "callback_data": "again", "style": "primary"},
            {"text": "Copy seed", "copy_text": {"text": "42"}},
        ]
    ]
}


class EchoBot:
    """`go` lets the queued pictures be drawn; until then every request stays queued."""

    def __init__(self, client: Client, drawn: bytes) -> None:
        self._client = client
        self.drawn = drawn
        self._offset = 0
        self.go = asyncio.Event()

    async def run(self) -> None:
        await self._client.ok(
            "setMyCommands",
            commands=[
                {"command": "imagine", "description": "Draw a picture from words"},
                {"command": "quota", "description": "How much is left today"},
                {"command": "help", "description": "What I can do"},
            ],
        )
        async with asyncio.TaskGroup() as group:
            while True:
                updates = await self._client.ok("getUpdates", offset=self._offset, timeout=20)
                for update in updates:
                    self._offset = update["update_id"] + 1
                    group.create_task(self._handle(update))

    async def _handle(self, update: dict[str, Any]) -> None:
        if update.get("callback_query", {}).get("data") == "cancel":
            await self._cancel(update["callback_query"])
        elif update.get("message", {}).get("text", "").startswith("/imagine"):
            await self._imagine(update["message"])
        elif update.get("message", {}).get("text"):
            words = "Send <code>/imagine</code> and what you want to see."
            await self._client.ok(
                "sendMessage", chat_id=update["message"]["chat"]["id"], text=words,
                parse_mode="HTML",
            )  # fmt: skip

    async def _imagine(self, message: dict[str, Any]) -> None:
        chat = message["chat"]["id"]
        status = await self._client.ok(
            "sendMessage", chat_id=chat, text="<b>Queued</b>, you are first", parse_mode="HTML",
            reply_markup=CANCEL, reply_parameters={"message_id": message["message_id"]},
        )  # fmt: skip
        await self.go.wait()
        await self._client.ok("sendChatAction", chat_id=chat, action="upload_photo")
        caption = message["text"].removeprefix("/imagine ")
        media = json.dumps(
            {
                "type": "photo",
                "media": "attach://drawn",
                "caption": f"{caption}\n<i>kandinsky-2.2 · seed 42 · 1.2 s</i>",
                "parse_mode": "HTML",
            }
        )
        await self._client(
            "editMessageMedia", chat_id=chat, message_id=status["message_id"], media=media,
            drawn=self.drawn, reply_markup=json.dumps(RESULT),
        )  # fmt: skip

    async def _cancel(self, query: dict[str, Any]) -> None:
        message = query["message"]
        await self._client.ok("answerCallbackQuery", callback_query_id=query["id"], text="Canceled")
        await self._client.ok(
            "editMessageText", chat_id=message["chat"]["id"], message_id=message["message_id"],
            text="Canceled, nothing was charged.",
        )  # fmt: skip
