"""Optional pace, after what Telegram is known to bear: a message a second in a private chat,
twenty a minute in a group, thirty a second in all. Bursts are tolerated as the windows allow.
"""

from collections import defaultdict, deque
from math import ceil

from bot.playground.errors import too_many_requests
from bot.playground.records import Chat
from providers.clock import Clock

Window = tuple[int, float]  # calls, seconds
PRIVATE: Window = (5, 5.0)
GROUP: Window = (20, 60.0)
TOTAL: Window = (30, 1.0)
PACED = ("send", "edit")


class FloodControl:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[int, deque[float]] = defaultdict(deque)

    def check(self, method: str, chat: Chat | None) -> None:
        """Count a call that writes into `chat`.

        Raises:
            ApiError: 429 with the seconds until there is room again.
        """
        if chat is None or not method.startswith(PACED) or method == "sendChatAction":
            return
        now = self._clock.monotonic()
        windows = {0: TOTAL, chat.id: PRIVATE if chat.kind == "private" else GROUP}
        waits = [self._wait(key, window, now) for key, window in windows.items()]
        if max(waits) > 0:
            raise too_many_requests(max(1, ceil(max(waits))))
        for key in windows:
            self._calls[key].append(now)

    def _wait(self, key: int, window: Window, now: float) -> float:
        most, seconds = window
        calls = self._calls[key]
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        return calls[0] + seconds - now if len(calls) >= most else 0.0
