"""Hosts of their own on this machine: network namespaces, each with one line to here.

A host reaches the database over its line, and what listens on loopback here through doors: sockets that listen on the host's
own loopback, and are served by this process. Cutting the line leaves the doors open.
"""

import asyncio
import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

IP = shutil.which("ip") or "ip"  # whole: a bot is started without a PATH
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
CHUNK = 65536

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None,
    reason="network namespaces need root and iproute2",
)


@dataclass(frozen=True)
class Host:
    name: str
    line: str  # the interface at this end
    here: str  # its address

    @property
    def command(self) -> list[str]:
        """What comes before a command that is to run there."""
        return [IP, "netns", "exec", self.name]

    def cut(self) -> None:
        _ip("link", "set", self.line, "down")

    def mend(self) -> None:
        _ip("link", "set", self.line, "up")

    def listen(self, port: int) -> socket.socket:
        """On that host's loopback. A socket stays where it was made, whoever serves it."""
        with ThreadPoolExecutor(1) as traveller:  # the thread goes there, and ends there
            return traveller.submit(self._listen, port).result()

    def _listen(self, port: int) -> socket.socket:
        with Path("/var/run/netns", self.name).open() as there:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(there.fileno(), NEW_NETWORK) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        made.listen()
        return made


@contextmanager
def host(number: int) -> Iterator[Host]:
    """Gone with its line at the end, whatever happened."""
    name = f"imagine{os.getpid()}n{number}"
    line, far = f"im{os.getpid()}h{number}", f"im{os.getpid()}f{number}"
    net = f"10.213.{number}"
    made = Host(name, line, f"{net}.1")
    _ip("netns", "add", name)
    try:
        _ip("link", "add", line, "type", "veth", "peer", "name", far, "netns", name)
        _ip("addr", "add", f"{made.here}/30", "dev", line)
        _ip("link", "set", line, "up")
        for command in (f"addr add {net}.2/30 dev {far}", f"link set {far} up", "link set lo up"):
            _ip("-n", name, *command.split())
        yield made
    finally:
        _ip("netns", "del", name)
        subprocess.run([IP, "link", "del", line], check=False, capture_output=True)


@asynccontextmanager
async def doors(host: Host, *ports: int) -> AsyncIterator[None]:
    """These ports of our loopback are on the host's loopback, too."""
    async with AsyncExitStack() as stack:
        for port in ports:
            server = await asyncio.start_server(_passing_to(port), sock=host.listen(port))
            stack.callback(server.close)
        yield


def _passing_to(port: int):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pass_on(reader, back))
                group.create_task(_pass_on(there, writer))
        except* ConnectionError:
            pass  # one of the two hung up
        finally:
            writer.transport.abort()
            back.transport.abort()

    return serve


async def _pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(CHUNK):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


def _ip(*words: str) -> None:
    subprocess.run([IP, *words], check=True, capture_output=True, text=True)
