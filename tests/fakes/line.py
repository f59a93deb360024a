"""A TCP line to a server that can be cut, also in mid-sentence, can fall silent, and can lose an answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.bot.ports import free_port

CHUNK = 65536


class Line:
    """`lose_answer_to`: once these bytes have gone to the server, its next answer never arrives.
    `cut_there`, `cut_back`: after so many bytes more to the server, or from it, the line is cut.
    """

    def __init__(self, port: int) -> None:
        self._server_port = port
        self.port = free_port()
        self.lose_answer_to: bytes | None = None
        self.cut_there: int | None = None
        self.cut_back: int | None = None
        self._open = asyncio.Event()  # cleared: silent
        self._open.set()
        self._refusing = False
        self._writers: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        try:
            yield
        finally:
            listener.close()
            self.cut()

    def cut(self) -> None:
        """Hang up on everybody, and on who calls from now on."""
        self._refusing = True
        for writer in self._writers:
            writer.transport.abort()

    def fall_silent(self) -> None:
        """Nothing gets through, and nobody is told."""
        self._open.clear()

    def mend(self) -> None:
        self._refusing = False
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        mine = {writer, back}
        self._writers |= mine
        try:
            doomed = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pass_on(reader, back, writer, doomed, outward=True))
                group.create_task(self._pass_on(there, writer, back, doomed, outward=False))
        finally:
            self._writers -= mine
            for each in mine:
                each.transport.abort()

    def _left(self, *, outward: bool) -> int | None:
        return self.cut_there if outward else self.cut_back

    def _count(self, passed: int, *, outward: bool) -> None:
        left = self._left(outward=outward)
        if left is None:
            return
        rest = left - passed if passed < left else None
        if outward:
            self.cut_there = rest
        else:
            self.cut_back = rest
        if rest is None:
            self.cut()

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        doomed: asyncio.Event,
        *,
        outward: bool,
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(CHUNK):
                await self._open.wait()
                if not outward and doomed.is_set():
                    break
                if outward and self.lose_answer_to and self.lose_answer_to in data:
                    self.lose_answer_to = None
                    doomed.set()
                target.write(data[: self._left(outward=outward)])
                await target.drain()
                self._count(len(data), outward=outward)
        other.transport.abort()
        target.transport.abort()


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    line = Line(port)
    async with line.running():
        yield line
