"""A real S3 server of the tests' own: moto's, a process on loopback that keeps objects in memory.

It lets everyone in, unless told otherwise: `guarded`.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from secrets import token_hex

from storage.blob_places import Access, Bucket
from storage.object_blobs import PATIENCE, ObjectBlobs
from tests.bot.ports import free_port

BUCKET = "pictures"
KEY = "hunter2-of-the-store"
START = 60.0
PAGE = 100
"""Objects that it lists at once; others list 1000."""
UNGUARDED = b"inf"
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDTEST/20260101/us-east-1/s3/aws4_request"
}
"""As far as it looks."""
NAMED = re.compile(r"<Key>([^<]+)</Key>")


class S3Server:
    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bucket(self) -> Bucket:
        """A place that nobody else uses."""
        return Bucket(BUCKET, f"{token_hex(4)}/")

    def access(self, port: int | None = None) -> Access:
        """port: of a line to it."""
        endpoint = f"http://127.0.0.1:{port or self.port}"
        return Access(endpoint, "us-east-1", "AKIDTEST", KEY)

    def blobs(
        self, bucket: Bucket | None = None, *, port: int | None = None, patience: float = PATIENCE
    ) -> ObjectBlobs:
        return ObjectBlobs(bucket or self.bucket(), self.access(port), patience=patience)

    def settings(self, bucket: Bucket | None = None, *, port: int | None = None) -> dict[str, str]:
        """By their names in lower case."""
        place = bucket or self.bucket()
        return {
            "blob_url": f"s3://{place.name}/{place.prefix}",
            "aws_endpoint_url": f"http://127.0.0.1:{port or self.port}",
            "aws_access_key_id": "AKIDTEST",
            "aws_secret_access_key": KEY,
        }

    def objects(self, bucket: Bucket) -> list[str]:
        """The names of all in there, at most a page."""
        answer = self.ask("GET", f"/{bucket.name}?list-type=2&prefix={bucket.prefix}")
        return NAMED.findall(answer.decode())

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Only known keys are let in, and it knows none."""
        self.ask("POST", "/moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self.ask("POST", "/moto-api/reset-auth", UNGUARDED)

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, path, body, SIGNED)
            answer = line.getresponse()
            data = answer.read()
        finally:
            line.close()
        assert answer.status < 300, data
        return data


@contextmanager
def s3_server() -> Iterator[S3Server]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    silent = subprocess.DEVNULL
    settings = {"PATH": os.defpath, "MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE)}
    with subprocess.Popen(
        command, env=settings, stdin=silent, stdout=silent, stderr=silent
    ) as process:
        try:
            _wait_for(port)
            server = S3Server(port)
            server.ask("PUT", f"/{BUCKET}")
            yield server
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    """It rings no bell when it listens."""
    until = time.monotonic() + START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
