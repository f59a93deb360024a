"""One view of Telegram's pace for everything that sends: who may call which chat when.

Telegram publishes no numbers; these follow what is known to work (about one message a second in a
private chat, 20 a minute in a group). A group's results come first: they wait for nothing here but
a 429, while all that is said on the way to them keeps to a budget of its own.
"""

from collections import deque
from collections.abc import Callable

PRIVATE_SPACING = 1.0  # seconds between two status edits in a chat
GROUP_SPACING = 4.0
PRIVATE_MEDIA_SPACING = 3.0  # and between two that bring a picture
GROUP_MEDIA_SPACING = 8.0
MINUTE = 60.0
STATUS_A_MINUTE = 15  # status calls to a group, in any minute; results don't count and don't wait
ROOM_FOR_NEW = 3  # of them, which edits leave to the first words about a new request
MANY_CHATS = 1000
OWED_FOR = 90.0  # seconds: by then a result is shown, or tried again
OWED_LOOK = 1.0  # seconds until whoever waits for a result to be shown looks again


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
    """`monotonic` gives seconds. A 429 closes its chat to every sender until retry_after is over;
    `tell` is told of it, so that other processes' senders heed it too.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.tell: Callable[[int, float], None] = lambda _chat_id, _seconds: None
        self._monotonic = monotonic
        self._closed_until: dict[int, float] = {}
        self._next_edit: dict[int, float] = {}
        self._next_media: dict[int, float] = {}
        self._owed: dict[int, dict[int, float]] = {}  # to each chat: jobs, and until when
        self._spent: dict[int, deque[float]] = {}  # when each group's last status calls went out

    def close(self, chat_id: int, seconds: float) -> None:
        """Telegram said so here."""
        self.heard_closed(chat_id, seconds)
        self.tell(chat_id, seconds)

    def heard_closed(self, chat_id: int, seconds: float) -> None:
        """It said so to whoever."""
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

    def owe(self, chat_id: int, job_id: int, seconds: float = 0.0) -> None:
        """A result is on its way to this chat, its next try in `seconds`: words wait for it."""
        until = self._monotonic() + seconds + OWED_FOR
        self._owed.setdefault(chat_id, {})[job_id] = until

    def settle(self, chat_id: int, job_id: int) -> None:
        """It is shown, or never will be."""
        owed = self._owed.get(chat_id, {})
        owed.pop(job_id, None)
        if not owed:
            self._owed.pop(chat_id, None)

    def edit_in(self, chat_id: int) -> float:
        """Seconds until this chat's next edit may go out; 0.0 for now."""
        wait = self._next_edit.get(chat_id, 0.0) - self._monotonic()
        in_budget = self._in_budget(chat_id, STATUS_A_MINUTE - ROOM_FOR_NEW)
        owed = OWED_LOOK if self._owes(chat_id) else 0.0
        return max(0.0, wait, in_budget, owed, self.closed_for(chat_id))

    def may_send(self, chat_id: int) -> bool:
        """Whether a job's first words may go out now: no spacing, but the group's budget counts."""
        held = self._in_budget(chat_id, STATUS_A_MINUTE) or self.closed_for(chat_id)
        return not held and not self._owes(chat_id)

    def may_edit(self, chat_id: int) -> bool:
        """Whether a status edit may go out now; results and answers don't ask."""
        return self.edit_in(chat_id) <= 0

    def may_edit_media(self, chat_id: int) -> bool:
        """Whether a status edit that brings a picture may go out now."""
        waited = self._next_media.get(chat_id, 0.0) <= self._monotonic()
        return waited and self.may_edit(chat_id)

    def sent(self, chat_id: int) -> None:
        """A status call went out; `edited` says so itself."""
        if chat_id < 0:
            self._forget_quiet_groups()
            self._spent.setdefault(chat_id, deque(maxlen=STATUS_A_MINUTE)).append(self._monotonic())

    def edited(self, chat_id: int, *, media: bool = False) -> None:
        self.sent(chat_id)
        is_group = chat_id < 0
        self._note(self._next_edit, chat_id, GROUP_SPACING if is_group else PRIVATE_SPACING)
        if media:
            spacing = GROUP_MEDIA_SPACING if is_group else PRIVATE_MEDIA_SPACING
            self._note(self._next_media, chat_id, spacing)

    def _owes(self, chat_id: int) -> bool:
        now = self._monotonic()
        for job_id in [job for job, until in self._owed.get(chat_id, {}).items() if until <= now]:
            self.settle(chat_id, job_id)  # another process has it by now
        return chat_id in self._owed

    def _in_budget(self, chat_id: int, most: int) -> float:
        """Seconds until fewer than `most` status calls went to this chat within the last minute."""
        spent = self._spent.get(chat_id, ())
        return max(0.0, spent[-most] + MINUTE - self._monotonic()) if len(spent) >= most else 0.0

    def _forget_quiet_groups(self) -> None:
        if len(self._spent) > MANY_CHATS:
            since = self._monotonic() - MINUTE
            self._spent = {chat: spent for chat, spent in self._spent.items() if spent[-1] > since}

    def _note(self, nexts: dict[int, float], chat_id: int, spacing: float) -> None:
        now = self._monotonic()
        if len(nexts) > MANY_CHATS:
            for chat in [chat for chat, at in nexts.items() if at <= now]:
                del nexts[chat]
        nexts[chat_id] = now + spacing
