"""Telegram's calls come to us: 200 only after the handler is done, so a failure is sent again."""

import asyncio
from collections.abc import Sequence
from hmac import compare_digest

import structlog
from aiogram import Bot, Dispatcher
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from bot.telegram.errors import TELEGRAM_FAILURES
from bot.web import path_of, serving
from providers.clock import Clock

RETRY_PAUSE = 5.0  # seconds between tries to register at Telegram

UNREADABLE = (ValueError, LookupError, RecursionError)
"""No JSON, no charset, too deep, or no update."""

log = structlog.get_logger(__name__)


class TelegramCalls(SimpleRequestHandler):
    """Answers whatever is posted, by whomever, without a word of it in the log."""

    def verify_secret(self, telegram_secret_token: str, bot: Bot) -> bool:
        """In constant time; as bytes, for a header may hold any."""
        told = telegram_secret_token.encode(errors="surrogateescape")
        return compare_digest(told, (self.secret_token or "").encode())

    async def handle(self, request: web.Request) -> web.Response:
        try:
            return await super().handle(request)
        except UNREADABLE as error:
            # Not its words: an update's are a person's. What handlers raise never comes here.
            log.warning("a call that is no update", error=type(error).__name__)
            return web.Response(status=400)


class WebhookServer:
    """url: what Telegram is told; its path is served on host:port (TLS is a proxy's business).

    beside: what else is served there.
    """

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
        beside: Sequence[web.RouteDef] = (),
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._clock = clock
        self._url = url
        self._secret = secret
        self._host = host
        self._port = port
        self._beside = beside
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        handler = TelegramCalls(
            self._dispatcher, self._bot, handle_in_background=False, secret_token=self._secret
        )
        routes = [web.post(path_of(self._url), handler.handle), *self._beside]
        async with serving(routes, host=self._host, port=self._port):
            await self._register()
            await self._stopping.wait()

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
