"""The playground: one loopback server with a Bot API for the bot and a chat page for people."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web

from bot.playground.api import BotApi
from bot.playground.faults import Faults
from bot.playground.flood import FloodControl
from bot.playground.guard import only_this_machine
from bot.playground.page_api import PageApi
from bot.playground.params import MAX_UPLOAD
from bot.playground.people_inline import InlinePeople
from bot.playground.records import Call, Message, User
from bot.playground.state import World
from bot.playground.webhook import Deliverer, Webhook
from bot.playground.whispers import seen_by
from providers.clock import Clock, SystemClock

ANN, BORIS, CHEN = 1001, 1002, 1003
GROUP = -1002000000001
TOKEN = "4200:playground-token-for-this-machine-only"  # noqa: S105 - opens nothing but this server
LOOPBACK = ("127.0.0.1", "localhost", "::1")
Found = TypeVar("Found")


class Playground(InlinePeople):
    """A running playground; its people's deeds are the methods of `InlinePeople`.

    Ann (the group's creator), Boris and Chen are there from the start, each with a private chat
    whose id is theirs, and a supergroup `GROUP` with all three, into which nobody has added the
    bot yet (`add_bot`).
    """

    def __init__(self, world: World, host: str, token: str) -> None:
        super().__init__(world)
        self._host = host
        self.token = token
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = TOKEN,
        clock: Clock | None = None,
        flood_control: bool = False,
        privacy_mode: bool = True,
        webhook_retry_seconds: float = 1.0,
        numbered_after: int = 0,
    ) -> AsyncIterator["Playground"]:
        """Serve until the block ends.

        Stamps, ages and flood windows are by `clock`; long polls and webhook retries take real
        time, as they are between two programs. Messages and files are numbered above
        `numbered_after`: whoever remembers an earlier playground must not meet its ids again.

        Raises:
            ValueError: `host` is not a loopback address.
            OSError: the port is taken.
        """
        if host not in LOOPBACK:
            raise ValueError(f"the playground listens on loopback only, not on {host}")
        clock = clock or SystemClock()
        bot = User(int(token.partition(":")[0]), "Imagine", "imagine_bot", is_bot=True)
        world = World(clock, bot, numbered_after)
        world.privacy_mode = privacy_mode
        playground = cls(world, host, token)
        playground._invite_everyone()
        flood = FloodControl(clock) if flood_control else None
        hook = Deliverer(
            world.updates, lambda: world.webhook, clock, webhook_retry_seconds, world.changes.wake
        )
        app = _app(playground, BotApi(world, token, flood))
        async with _running(hook.run()), _serving(app, host, port) as playground.port:
            yield playground

    @property
    def url(self) -> str:
        """Where the chat page is."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    @property
    def api_url(self) -> str:
        """The bot's TELEGRAM_API_URL: calls go to `{api_url}/bot{token}/{method}`."""
        return self.url

    @property
    def calls(self) -> list[Call]:
        """Every call of the bot's so far, oldest first, as they arrived."""
        return self.world.calls

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def webhook(self) -> Webhook | None:
        return self.world.webhook

    def messages(self, chat_id: int) -> list[Message]:
        """Copies of what the chat shows now, oldest first."""
        return [replace(message) for message in self._chat(chat_id).messages.values()]

    def whispers(self, chat_id: int, user_id: int) -> list[Message]:
        """Copies of what the chat shows to this person alone, oldest first."""
        chat = self._chat(chat_id)
        return [replace(each) for each in seen_by(chat, self.world.users[user_id])]

    async def wait_until(
        self,
        predicate: Callable[[], Found],
        timeout: float = 60.0,  # noqa: ASYNC109 - asyncio.timeout is inside
    ) -> Found:
        """What `predicate` returns once truthy; asked again at every change of state.

        Raises:
            TimeoutError: it did not within `timeout` seconds of real time.
        """
        return await self.world.changes.wait_until(predicate, timeout)

    def _invite_everyone(self) -> None:
        for user_id, name in ((ANN, "Ann"), (BORIS, "Boris"), (CHEN, "Chen")):
            self.add_user(user_id, name)
        self.add_group(GROUP, "Picture club", {ANN: "creator", BORIS: "member", CHEN: "member"})


def _app(playground: Playground, api: BotApi) -> web.Application:
    app = web.Application(middlewares=[only_this_machine], client_max_size=MAX_UPLOAD)
    page = PageApi(playground)
    app.add_routes([*api.routes(), *page.routes()])
    app.on_response_prepare.append(page.add_headers)

    async def close(_: web.Application) -> None:
        playground.world.close()

    app.on_shutdown.append(close)
    return app


@asynccontextmanager
async def _serving(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs `work` beside the block; it is awaited at the end, and its failure is raised there."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
