"""The playground as aiogram, the bot's own client, sees it."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
)

from bot.playground import ANN, Playground, faults
from bot.playground.faults import Fault
from tests.playground.conftest import picture

KEYS = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Cancel", callback_data="c")]]
)


@pytest.fixture
async def bot(playground: Playground) -> AsyncIterator[Bot]:
    await playground.send(ANN, ANN, "/start")
    server = TelegramAPIServer.from_base(playground.api_url)
    async with Bot(playground.token, session=AiohttpSession(api=server)) as running:
        yield running


async def test_a_status_becomes_a_picture(bot: Bot, playground: Playground) -> None:
    sent = await bot.send_message(ANN, "queued", reply_markup=KEYS)
    media = InputMediaPhoto(media=BufferedInputFile(picture(), "p.png"), caption="done")
    shown = await bot.edit_message_media(media, chat_id=ANN, message_id=sent.message_id)
    assert shown is not True
    assert shown.photo and shown.caption == "done" and shown.reply_markup is None
    saved = await bot.download(shown.photo[-1].file_id)
    photo = playground.messages(ANN)[-1].photo
    assert saved and photo and saved.read() == photo.content


async def test_albums_and_scoped_commands(bot: Bot) -> None:
    pair = [InputMediaPhoto(media=BufferedInputFile(picture(), "p.png")) for _ in range(2)]
    assert len(await bot.send_media_group(ANN, list(pair))) == 2
    scope = BotCommandScopeChat(chat_id=ANN)
    assert await bot.get_my_commands(scope=scope) == []
    assert await bot.delete_my_commands(scope=scope)


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (faults.flood(3), TelegramRetryAfter),
        (faults.SERVER_ERROR, TelegramServerError),
        (faults.BAD_GATEWAY, ClientDecodeError),
        (faults.RESET_BEFORE, TelegramNetworkError),
        (faults.RESET_AFTER, TelegramNetworkError),
        (faults.BLOCKED, TelegramForbiddenError),
        (faults.refusal(400, "Bad Request: TOPIC_CLOSED"), TelegramBadRequest),
    ],
)
async def test_faults_raise_what_telegrams_would(
    bot: Bot, playground: Playground, fault: Fault, raised: type[Exception]
) -> None:
    playground.faults.add("sendMessage", fault)
    with pytest.raises(raised):
        await bot.send_message(ANN, "x")
