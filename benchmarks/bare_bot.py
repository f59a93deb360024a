"""The baseline of `benchmarks.overhead`: what a short aiogram handler does, and nothing else."""

import asyncio
import base64
import os
import sys

import aiohttp
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandObject
from aiogram.types import BufferedInputFile, Message

VERSION = "ad9d7879fbffa2874e1d909d1d37d9bc682889cc65b31f7bb00d2362619f194a"
SIZE = {"width": 768, "height": 768}  # what our bot asks for by default
dispatcher = Dispatcher()


@dispatcher.message(Command("imagine"))
async def imagine(message: Message, command: CommandObject, http: aiohttp.ClientSession) -> None:
    await message.answer("Drawing…")
    order = {"version": VERSION, "input": {"prompt": command.args, **SIZE, "output_format": "png"}}
    async with http.post(f"{sys.argv[2]}/predictions", json=order) as answer:
        made = await answer.json()
    picture = base64.b64decode(made["output"][0].partition(",")[2])
    await message.answer_photo(BufferedInputFile(picture, "picture.png"), caption=command.args)


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(sys.argv[1]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session)  # noqa: TID251 - no settings in the baseline
    headers = {"Authorization": "Bearer r8_fake"}
    async with aiohttp.ClientSession(headers=headers) as http:
        await dispatcher.start_polling(bot, http=http, handle_signals=False)


if __name__ == "__main__":
    asyncio.run(main())
