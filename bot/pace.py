"""One view of Telegram's pace for everything that sends: who may call which chat when.

Telegram publishes no numbers; these follow what is known to work (about one message a second in a
private chat, 20 a minute in a group), with room left in groups for results.
"""

from collections.abc import Callable

PRIVATE_SPACING = 1.0  # seconds between two status edits in a chat
GROUP_SPACING = 4.0
PRIVATE_MEDIA_SPACING = 3.0  # and between two that bring a picture
GROUP_MEDIA_SPACING = 8.0
MANY_CHATS = 1000


MOST_DOUBLINGS = 30  # a day of tries would exceed what a float can hold


def backoff(failures: int, longest: float) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 ... up to `longest`."""
    return min(longest, 2.0 ** min(failures - 1, MOST_DOUBLINGS))


class ChatClosed(Exception):
    """A call held back: Telegram wants nothing for this chat for `seconds` more."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"closed for {seconds:.1f} s")
        self.seconds = seconds


class Pace:
    """`monotonic` gives seconds. A 429 closes its chat to every sender until retry_after is over."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._closed_until: dict[int, float] = {}
        self._next_edit: dict[int, float] = {}
        self._next_media: dict[int, float] = {}

    def close(self, chat_id: int, seconds: float) -> None:
        until = self._monotonic() + seconds
        self._closed_until[chat_id] = max(until, self._closed_until.get(chat_id, 0.0))

    def closed_for(self, chat_id: int) -> float:
        """Seconds until anything may be sent to this chat; 0.0 for now."""
        left = self._closed_until.get(chat_id, 0.0) - self._monotonic()
        if left <= 0:
            self._closed_until.pop(chat_id, None)
            return 0.0
        return left

    def check(self, chat_id: int) -> None:
        """Raises ChatClosed where nothing may be sent to this chat now."""
        if seconds := self.closed_for(chat_id):
            raise ChatClosed(seconds)

    def edit_in(self, chat_id: int) -> float:
        """Seconds until this chat's next edit may go out; 0.0 for now."""
        wait = self._next_edit.get(chat_id, 0.0) - self._monotonic()
        return max(0.0, wait, self.closed_for(chat_id))

    def may_edit(self, chat_id: int) -> bool:
        """Whether a status edit may go out now; results and answers don't ask."""
        return self.edit_in(chat_id) <= 0

    def may_edit_media(self, chat_id: int) -> bool:
        """Whether a status edit that brings a picture may go out now."""
        waited = self._next_media.get(chat_id, 0.0) <= self._monotonic()
        return waited and self.may_edit(chat_id)

    def edited(self, chat_id: int, *, media: bool = False) -> None:
        is_group = chat_id < 0
        self._note(self._next_edit, chat_id, GROUP_SPACING if is_group else PRIVATE_SPACING)
        if media:
            spacing = GROUP_MEDIA_SPACING if is_group else PRIVATE_MEDIA_SPACING
            self._note(self._next_media, chat_id, spacing)

    def _note(self, nexts: dict[int, float], chat_id: int, spacing: float) -> None:
        now = self._monotonic()
        if len(nexts) > MANY_CHATS:
            for chat in [chat for chat, at in nexts.items() if at <= now]:
                del nexts[chat]
        nexts[chat_id] = now + spacing
