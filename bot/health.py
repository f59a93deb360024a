"""`python -m bot.health`: exit code 0 where the bot on HTTP_HOST:HTTP_PORT answers, 1 where not.

For a container's health check. It imports nothing of the bot's: a check every half minute must not
cost more than the bot itself.
"""

import http.client
import os
import sys

PATIENCE = 5.0  # seconds


def is_alive(host: str, port: int) -> bool:
    try:
        connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False


def main() -> int:
    host = os.environ.get("HTTP_HOST") or "127.0.0.1"  # noqa: TID251 - reading all settings takes a second
    port = int(os.environ.get("HTTP_PORT") or "8081")  # noqa: TID251 - the same
    return 0 if is_alive(host, port) else 1


if __name__ == "__main__":
    sys.exit(main())
