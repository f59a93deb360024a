"""`python -m bot demo`: the playground in the browser, and the real bot told only where its API is."""

import asyncio
import sys
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from pydantic import SecretStr

from bot.app import open_app
from bot.enabled import configured
from bot.playground.server import ANN, BORIS, CHEN, GROUP, Playground
from bot.settings import Settings, WrongSetting
from providers.clock import SystemClock
from providers.registry import ProviderConfigs

HOST, PORT = "127.0.0.1", 8080
FORUM, STORAGE = -1002000000002, -1002000000003


def demo_settings(settings: Settings, playground: Playground) -> Settings:
    """The owner's settings with the playground as Telegram, Ann as admin, and data of its own.

    Without a configured provider the small model shipped with the project draws.
    """
    has_provider = configured(settings) != ProviderConfigs()
    return settings.model_copy(
        update={
            "bot_token": SecretStr(playground.token),
            "telegram_api_url": playground.api_url,
            "telegram_api_local": False,
            "webhook_url": None,
            "admin_ids": settings.admin_ids | {ANN},
            "storage_chat_id": STORAGE,
            "data_dir": settings.data_dir / "demo",
            "blob_url": None,
            "local_model": settings.local_model if has_provider else "demo",
        }
    )


def _fresh_playground() -> AbstractAsyncContextManager[Playground]:
    """Numbered by the time: the bot's database outlives the chats, and a message is served once."""
    started = int(SystemClock().now().timestamp())
    return Playground.start(host=HOST, port=PORT, numbered_after=started)


async def furnish(playground: Playground) -> None:
    """The bot in a group and in one with topics, and the owner's chat for inline pictures."""
    playground.add_group(
        FORUM, "Art class", {ANN: "creator", BORIS: "administrator", CHEN: "member"}, is_forum=True
    )
    for topic in ("Landscapes", "Animals"):
        await playground.add_topic(FORUM, topic, by=ANN)
    playground.add_group(STORAGE, "Picture storage", {ANN: "creator"})
    for chat_id in (GROUP, FORUM, STORAGE):
        await playground.add_bot(chat_id, by=ANN)


async def run_demo(settings: Settings, stop: asyncio.Event) -> None:
    """Raises WrongSetting where the port is taken, and what `open_app` raises."""
    async with AsyncExitStack() as stack:
        try:
            playground = await stack.enter_async_context(_fresh_playground())
        except OSError:
            raise WrongSetting("demo", f"port {PORT} is in use; is another demo running?") from None
        await furnish(playground)
        app = await stack.enter_async_context(open_app(demo_settings(settings, playground)))
        sys.stderr.write(f"\n  Open {playground.url} in a browser. Ctrl+C stops the demo.\n\n")
        await app.run(stop)
