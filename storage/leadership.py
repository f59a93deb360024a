"""Being the one process that does something."""

import asyncio

POLLER = 3
"""Who asks Telegram for updates: a key beside those of the locks in `storage/queue.py`."""


class Leadership:
    """`lost`: set when it is over though nobody released it. Alone in a database it never is."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    async def release(self) -> None:
        pass
