"""Telegram's calls come to us: 200 only after the handler is done, so a failure is sent again."""

import asyncio
import os
from errno import EACCES, EADDRINUSE
from urllib.parse import urlsplit

import structlog
from aiogram import Bot, Dispatcher
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot.settings import WrongSetting
from bot.telegram_errors import TELEGRAM_FAILURES
from providers.clock import Clock

RETRY_PAUSE = 5.0  # seconds between tries to register at Telegram

log = structlog.get_logger(__name__)


class WebhookServer:
    """url: what Telegram is told; its path is served on host:port (TLS is a proxy's business)."""

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        clock: Clock,
        *,
        url: str,
        secret: str,
        host: str,
        port: int,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._clock = clock
        self._url = url
        self._secret = secret
        self._host = host
        self._port = port
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        runner = web.AppRunner(self._application(), access_log=None)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._register()
            await self._stopping.wait()
        finally:
            await runner.cleanup()  # waits for the handlers in hand

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            name = "HTTP_PORT" if error.errno in (EADDRINUSE, EACCES) else "HTTP_HOST"
            place = f"{self._host}:{self._port}"
            raise WrongSetting(name, f"can't listen on {place}: {_reason(error)}") from None

    def _application(self) -> web.Application:
        app = web.Application()
        handler = SimpleRequestHandler(
            self._dispatcher, self._bot, handle_in_background=False, secret_token=self._secret
        )
        app.router.add_post(urlsplit(self._url).path or "/", handler.handle)
        return app

    async def _register(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._bot.set_webhook(
                    self._url,
                    secret_token=self._secret,
                    allowed_updates=self._dispatcher.resolve_used_update_types(),
                )
            except TELEGRAM_FAILURES as error:
                log.warning("setWebhook failed", error=type(error).__name__)
                await self._clock.sleep(RETRY_PAUSE)
            else:
                return


def _reason(error: OSError) -> str:
    """The system's own words; asyncio puts a sentence of its own around them."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else "no such host"
