"""Files from Telegram: found by their id, read in pieces, and never more than Telegram gives to bots."""

import asyncio
from pathlib import Path

import structlog
from aiogram import Bot
from aiohttp import ClientError, ClientResponseError

from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.pace import backoff
from bot.usecases.errors import PictureRefused, PictureTrouble
from providers.clock import Clock

MAX_BYTES = 20 * 1024 * 1024  # Bot API, getFile
TRIES = 3
TIME = 30  # seconds for all tries together: the update isn't acknowledged before
LONGEST_PAUSE = 4.0  # seconds between tries: somebody waits for an answer
PIECE = 64 * 1024
GONE_STATUSES = frozenset({400, 404, 410})

log = structlog.get_logger(__name__)


class TelegramFile:
    """One file as a message names it. `size`: in bytes, as the message says; None: it doesn't."""

    def __init__(self, files: "TelegramFiles", file_id: str, size: int | None) -> None:
        self._files = files
        self._file_id = file_id
        self._size = size

    async def read(self) -> bytes:
        """Raises PictureRefused."""
        if self._size is not None and self._size > MAX_BYTES:
            raise PictureRefused(PictureTrouble.TOO_LARGE)
        return await self._files.read(self._file_id)


class TelegramFiles:
    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock

    async def read(self, file_id: str) -> bytes:
        """The whole file. Reading changes nothing, so it is tried again where that may help.

        Raises PictureRefused.
        """
        try:
            async with asyncio.timeout(TIME):
                return await self._read(file_id)
        except TimeoutError:
            raise PictureRefused(PictureTrouble.UNREACHABLE) from None

    async def _read(self, file_id: str) -> bytes:
        for failures in range(1, TRIES + 1):
            try:
                return await self._try(file_id)
            except _Passing as trouble:
                log.info("file not read", error=trouble.name, attempt=failures)
                pause = trouble.pause or backoff(failures, LONGEST_PAUSE)
                if pause > LONGEST_PAUSE:
                    break
                await self._clock.sleep(pause)
        raise PictureRefused(PictureTrouble.UNREACHABLE)

    async def _try(self, file_id: str) -> bytes:
        path = await self._path(file_id)
        try:
            return await self._content(path)
        except ClientResponseError as error:  # its text holds the address, and so the token
            if error.status in GONE_STATUSES:
                raise PictureRefused(PictureTrouble.GONE) from None
            raise _Passing(f"HTTP {error.status}") from None
        except ClientError as error:
            raise _Passing(type(error).__name__) from None
        except FileNotFoundError:  # a local Bot API server has cleaned up
            raise PictureRefused(PictureTrouble.GONE) from None

    async def _path(self, file_id: str) -> str:
        try:
            file = await self._bot.get_file(file_id)
        except TELEGRAM_FAILURES as error:
            raise _sorted(error) from None
        if file.file_path is None:
            raise PictureRefused(PictureTrouble.GONE)
        if file.file_size is not None and file.file_size > MAX_BYTES:
            raise PictureRefused(PictureTrouble.TOO_LARGE)
        return file.file_path

    async def _content(self, path: str) -> bytes:
        api = self._bot.session.api
        if api.is_local:
            return await asyncio.to_thread(_from_disk, Path(api.wrap_local_file.to_local(path)))
        content = bytearray()
        address = api.file_url(self._bot.token, path)
        async for piece in self._bot.session.stream_content(address, chunk_size=PIECE):
            content += piece
            if len(content) > MAX_BYTES:
                raise PictureRefused(PictureTrouble.TOO_LARGE)
        return bytes(content)


class _Passing(Exception):
    """Trying again may help, after `pause` seconds where Telegram says so."""

    def __init__(self, name: str, pause: float = 0.0) -> None:
        super().__init__(name)
        self.name = name
        self.pause = pause


def _sorted(error: Exception) -> Exception:
    judgement = judge(error)
    if judgement.fate in (Fate.WAIT, Fate.UNKNOWN):
        return _Passing(type(error).__name__, judgement.seconds)
    if "too big" in str(error):
        return PictureRefused(PictureTrouble.TOO_LARGE)
    if "temporarily unavailable" in str(error):
        return _Passing("temporarily unavailable")
    return PictureRefused(PictureTrouble.GONE)


def _from_disk(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise PictureRefused(PictureTrouble.TOO_LARGE)
    return content
