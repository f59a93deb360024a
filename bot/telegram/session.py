"""The bot's connections to Telegram, or to a Bot API server of one's own."""

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import TCPConnector


def session_to(server: TelegramAPIServer) -> AiohttpSession:
    return PlainSession(server) if server.base.startswith("http:") else AiohttpSession(api=server)


class PlainSession(AiohttpSession):
    """Over plain http: no certificates are read at the start, and none of TLS's goodbyes waited
    for at the end, as aiogram does whatever the address is.
    """

    def __init__(self, server: TelegramAPIServer) -> None:
        BaseSession.__init__(self, api=server)
        # What aiogram's own sets, but for `ssl`.
        self._session = None
        self._connector_type = TCPConnector
        self._connector_init = {"limit": 100, "ttl_dns_cache": 3600}
        self._should_reset_connector = True
        self._proxy = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
