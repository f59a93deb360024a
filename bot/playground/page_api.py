"""What the chat page calls: its files, the state, the deeds of its people, and a stream of events."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.playground import page_view
from bot.playground.errors import ApiError
from bot.playground.people_inline import InlinePeople
from bot.playground.places import NotPossible
from bot.playground.records import Json, User

STATIC = Path(__file__).parent / "static"
KEEP_ALIVE = 15.0  # seconds between comments on a silent stream
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
File = tuple[str, bytes]
Deed = Callable[[Json], Awaitable[Json]]


class PageApi:
    def __init__(self, people: InlinePeople) -> None:
        self._people = people
        self._world = people.world

    def routes(self) -> list[web.AbstractRouteDef]:
        deeds: dict[str, Deed] = {
            "send": self._send,
            "press": self._press,
            "edit": self._edit,
            "delete": self._delete,
            "read": self._read,
            "bot": self._bot,
            "start": self._start,
            "language": self._language,
            "inline": self._inline,
            "choose": self._choose,
        }
        return [
            web.get("/", self._index),
            web.get("/app/state", self._state),
            web.get("/app/events", self._events),
            web.get("/app/files/{unique_id}", self._file),
            *(web.post(f"/app/{name}", _posted(deed)) for name, deed in deeds.items()),
            web.static("/static", STATIC),
        ]

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """On every answer, the Bot API's too: the policy is harmless there."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)

    # reading

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html")

    async def _state(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(page_view.page(self._world, self._me(request)))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        wanted = request.match_info["unique_id"]
        for stored in self._world.files.values():
            if stored.unique_id == wanted:
                shown = stored.width > 0  # a picture that was decoded; all else is only saved
                media_type = stored.media_type if shown else "application/octet-stream"
                headers = {"Cache-Control": "private, max-age=86400, immutable"}
                if not shown:
                    headers["Content-Disposition"] = "attachment"
                return web.Response(body=stored.content, content_type=media_type, headers=headers)
        raise web.HTTPNotFound

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-Sent Events: what changed for this person, each as the page shows it now."""
        me = self._me(request)
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        async with self._world.changes.subscribed() as events:  # before the page looks at the state
            with contextlib.suppress(ConnectionResetError):  # the page was closed
                await stream.prepare(request)
                await stream.write(b"retry: 500\n\n")
                while not self._world.closing.is_set():
                    await stream.write(await self._next(me, events))
        return stream

    async def _next(self, me: User, events: "asyncio.Queue[Json]") -> bytes:
        try:
            async with asyncio.timeout(KEEP_ALIVE):
                event = self._for(me, await events.get())
        except TimeoutError:
            return b": still here\n\n"
        return f"data: {json.dumps(event)}\n\n".encode() if event else b""

    def _for(self, me: User, event: Json) -> Json | None:
        place = self._world.chats.get(event.get("chat_id", 0))
        kind = event["kind"]
        if place is None:
            return {"kind": "reload"}
        if not place.has(me.id) or event.get("user_id", me.id) != me.id:
            return None
        shown = {"kind": kind, "chat": place.id, "unread": page_view.unread(place, me)}
        if kind == "message":
            key = event["message_id"]
            said = place.messages.get(key) or place.whispers.get(-key)
            return shown | {"message": page_view.message(self._world, said)} if said else None
        if kind == "chat":
            return shown | {"facts": page_view.chat(self._world, place, me)}
        return event | shown

    def _me(self, request: web.Request) -> User:
        found = self._world.users.get(int(request.query.get("user", "0") or 0))
        if found is None or found.is_bot:
            raise web.HTTPNotFound(text="There is nobody by that number.")
        return found

    # doing

    async def _send(self, asked: Json) -> Json:
        where = {"reply_to": asked.get("reply_to"), "thread_id": asked.get("topic")}
        user, chat, text = asked["user"], asked["chat"], asked.get("text", "")
        files: list[File] = asked.get("files", [])
        if not files:
            guise = asked.get("guise")
            said_as = await self._people.send(user, chat, text, **where, as_chat=guise)
            return {"id": said_as.message_id}
        names, pictures = zip(*files, strict=True)
        as_file = bool(asked.get("as_file"))
        said = await self._people.send_photo(
            user, chat, pictures, text, as_file=as_file, names=names, **where
        )
        return {"id": said[0].message_id}

    async def _press(self, asked: Json) -> Json:
        answer = await self._people.press(
            asked["user"], asked["chat"], asked["message"], asked["data"]
        )
        if answer is None:
            return {"answered": False}
        return {"answered": True, "text": answer.text, "alert": answer.show_alert}

    async def _edit(self, asked: Json) -> Json:
        await self._people.edit(asked["user"], asked["chat"], asked["message"], asked["text"])
        return {}

    async def _delete(self, asked: Json) -> Json:
        await self._people.delete_message(asked["chat"], asked["message"])
        return {}

    async def _read(self, asked: Json) -> Json:
        self._people.mark_read(asked["user"], asked["chat"])
        return {}

    async def _start(self, asked: Json) -> Json:
        return {"id": (await self._people.start_bot(asked["user"], asked["payload"])).message_id}

    async def _inline(self, asked: Json) -> Json:
        query = await self._people.ask_inline(asked["user"], asked["chat"], asked["text"])
        return page_view.inline_answer(query)

    async def _choose(self, asked: Json) -> Json:
        said = await self._people.choose(
            asked["query"], asked["result"], thread_id=asked.get("topic")
        )
        return {"id": said.message_id}

    async def _language(self, asked: Json) -> Json:
        self._people.set_language(asked["user"], asked["language"])
        return {}

    async def _bot(self, asked: Json) -> Json:
        user, chat = asked["user"], asked["chat"]
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            "add": lambda: self._people.add_bot(chat, by=user),
            "promote": lambda: self._people.add_bot(chat, by=user, status="administrator"),
            "remove": lambda: self._people.kick(chat, by=user),
            "block": lambda: self._people.block(user),
            "unblock": lambda: self._people.unblock(user),
        }
        await deeds[asked["deed"]]()
        return {}


def _posted(deed: Deed) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A route that reads the post, does the deed, and tells the page why not where it can't."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await deed(await _read_post(request)))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"fault": f"malformed: {error}"}, status=400)
        except NotPossible as error:
            return web.json_response({"fault": str(error)}, status=409)
        except ApiError as error:
            return web.json_response({"fault": error.description}, status=409)

    return handle


async def _read_post(request: web.Request) -> Json:
    """A JSON object, or a form whose `facts` is one; its pictures join it as `files`."""
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    facts = dict(json.loads(str(form["facts"])))
    facts["files"] = [
        (field.filename, await asyncio.to_thread(field.file.read))
        for field in form.getall("picture", [])
        if isinstance(field, web.FileField)
    ]
    return facts
