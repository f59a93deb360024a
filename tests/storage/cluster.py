"""A PostgreSQL cluster of a test's own, which may be stopped, killed and started again."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bot.ports import free_port

PLAYER = "postgres"  # who runs the server where we are root, which PostgreSQL refuses to be
QUICK = "-c fsync=off -c full_page_writes=off -c unix_socket_directories='' -c max_connections=60"


class Cluster:
    def __init__(self, folder: Path, port: int) -> None:
        self._data = folder / "data"
        self._log = folder / "log"
        self._addresses = ["127.0.0.1"]
        self.port = port
        self.url = f"postgresql+asyncpg://{PLAYER}@127.0.0.1:{port}/postgres"

    def create(self) -> None:
        _run("initdb", "-D", str(self._data), "-U", PLAYER, "-A", "trust", "--no-sync")

    def also_on(self, *addresses: str) -> None:
        """From its next start: each an address of this machine, for whoever is in its /30."""
        self._addresses += addresses
        with (self._data / "pg_hba.conf").open("a") as file:
            file.writelines(f"host all all {each}/30 trust\n" for each in addresses)

    def start(self) -> None:
        options = f"-p {self.port} -h {','.join(self._addresses)} {QUICK}"
        self._control("start", "-w", "-l", str(self._log), "-o", options)

    def stop(self, how: str = "immediate") -> None:
        """immediate: as a crash would; fast: backends are told, and end."""
        self._control("stop", "-m", how)

    async def restart(self, *, away: float = 0.0, how: str = "immediate") -> None:
        await asyncio.to_thread(self.stop, how)
        await asyncio.sleep(away)
        await asyncio.to_thread(self.start)

    def _control(self, *words: str) -> None:
        _run("pg_ctl", "-D", str(self._data), "-s", *words)


def _run(program: str, *words: str) -> None:
    as_player = {"user": PLAYER, "group": PLAYER} if os.geteuid() == 0 else {}
    subprocess.run(
        [_binaries() / program, *words],
        check=True,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # not a pipe: the server would hold it open
        **as_player,
    )


def _binaries() -> Path:
    if (found := shutil.which("pg_ctl")) is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not versions:
        pytest.skip("PostgreSQL's pg_ctl isn't installed")
    return versions[-1].parent


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Running, and gone with its folder at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg_"))
    try:
        if os.geteuid() == 0:
            player = pwd.getpwnam(PLAYER)
            os.chown(folder, player.pw_uid, player.pw_gid)
        made = Cluster(folder, free_port())
        made.create()
        made.start()
        try:
            yield made
        finally:
            made.stop()
    finally:
        shutil.rmtree(folder)
