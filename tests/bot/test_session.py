"""The bot's connections: over plain http without what TLS alone needs, and else as aiogram makes them."""

import ssl

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.playground import Playground
from bot.telegram.session import PlainSession, session_to

TELEGRAM = TelegramAPIServer.from_base("https://api.telegram.org")


def test_telegrams_certificate_is_checked() -> None:
    tls = session_to(TELEGRAM)._connector_init["ssl"]
    assert tls.verify_mode is ssl.CERT_REQUIRED and tls.check_hostname


def test_a_plain_session_lacks_nothing_of_aiograms() -> None:
    plain, whole = vars(PlainSession(TELEGRAM)), vars(AiohttpSession(api=TELEGRAM))
    assert plain.keys() == whole.keys()
    assert plain["_connector_init"].keys() == whole["_connector_init"].keys() - {"ssl"}
    assert plain["_connector_init"].items() <= whole["_connector_init"].items()


async def test_a_plain_session_can_be_closed_and_used_again() -> None:
    async with Playground.start() as playground:
        session = session_to(TelegramAPIServer.from_base(playground.api_url))
        assert isinstance(session, PlainSession)
        await session.close()
        bot = Bot(playground.token, session=session)
        for _ in range(2):
            assert (await bot.get_me()).username == "imagine_bot"
            first = session._session
            await session.close()
            assert first is not None and first.closed
