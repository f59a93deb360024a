"""What the playground remembers: people, chats, messages, files and the bot's calls."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
ChatKind = Literal["private", "group", "supergroup", "channel"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]


def names(text: str) -> frozenset[str]:
    """A set of names, written as one would say it."""
    return frozenset(text.split())


@dataclass(slots=True)
class User:
    id: int
    first_name: str
    username: str
    language_code: str = "en"
    is_bot: bool = False
    is_premium: bool = False


ANONYMOUS_ADMIN = User(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
CHANNEL_SENDER = User(136817688, "Channel", "Channel_Bot", is_bot=True)
"""Stand in as senders of what is written in a chat's name; the ids are Telegram's own."""


@dataclass(slots=True)
class StoredFile:
    """A file the bot or a person sent; `width` and `height` are zero unless it is a photo.

    A photo is its largest size. `smaller` are a photo's other sizes, smallest first, or a file's
    thumbnail.
    """

    file_id: str
    unique_id: str
    path: str
    name: str
    media_type: str
    content: bytes
    width: int = 0
    height: int = 0
    smaller: "tuple[StoredFile, ...]" = ()


@dataclass(slots=True)
class Message:
    """One message as the chat shows it.

    `text`, `caption` and their `entities` are as Telegram keeps them: after parsing, with offsets
    in UTF-16 units. `edits` counts the bot's or the person's edits. `sender_chat_id` is the chat in
    whose name it was written. `via_bot`: it was one of the bot's inline results; `guest_of`: the
    person who summoned the bot here. `inline_message_id` is what the bot knows either by.
    """

    message_id: int
    chat_id: int
    sender: User
    date: datetime
    text: str | None = None
    caption: str | None = None
    entities: list[Json] = field(default_factory=list)
    photo: StoredFile | None = None
    document: StoredFile | None = None
    reply_to_message_id: int | None = None
    thread_id: int | None = None
    is_topic_message: bool = False
    reply_markup: Json | None = None
    media_group_id: str | None = None
    has_spoiler: bool = False
    caption_above: bool = False
    reaction: str | None = None
    service: Json | None = None
    edit_date: datetime | None = None
    edits: int = 0
    ephemeral_id: int | None = None  # of a message that `receiver`, or the bot, alone sees
    receiver: User | None = None
    sender_chat_id: int | None = None
    via_bot: bool = False
    guest_of: User | None = None
    inline_message_id: str | None = None

    @property
    def words(self) -> str:
        return self.text or self.caption or ""

    @property
    def buttons(self) -> list[Json]:
        """The inline buttons, row by row, as one list."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]


@dataclass(slots=True)
class Chat:
    """A conversation; `members` maps user ids (the bot's too) to their standing in it."""

    id: int
    kind: ChatKind
    title: str
    members: dict[int, Status] = field(default_factory=dict)
    is_forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    whispers: dict[int, Message] = field(default_factory=dict)  # by their ephemeral ids
    last_message_id: int = 0
    read_up_to: dict[int, int] = field(default_factory=dict)

    def has(self, user_id: int) -> bool:
        return self.members.get(user_id, "left") not in ("left", "kicked")


@dataclass(slots=True)
class Query:
    """A pressed button waiting for `answerCallbackQuery`."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    asked_at: datetime
    answer: Json | None = None


@dataclass(slots=True)
class InlineResult:
    """One of an inline query's results, and the message it becomes where it is chosen."""

    id: str
    title: str
    description: str
    message: Message
    reply_markup: Json | None


@dataclass(slots=True)
class InlineAnswer:
    results: dict[str, InlineResult]
    button: Json | None


@dataclass(slots=True)
class InlineQuery:
    """What someone typed after the bot's name, waiting for `answerInlineQuery`."""

    id: str
    user_id: int
    chat_id: int
    text: str
    asked_at: datetime
    answer: InlineAnswer | None = None


@dataclass(slots=True)
class GuestQuery:
    """A message that summoned the bot into a chat it isn't in, waiting for `answerGuestQuery`."""

    id: str
    chat_id: int
    message_id: int
    answered: bool = False


@dataclass(slots=True)
class Call:
    """One request the bot made, with its decoded parameters and what became of it.

    `files` maps a parameter's or an attachment's name to the uploaded size in bytes. `answer` is
    the JSON body sent, or None where a fault swallowed it.
    """

    method: str
    params: Json
    files: dict[str, int]
    at: datetime
    answer: Json | None = None

    @property
    def ok(self) -> bool:
        return bool(self.answer and self.answer["ok"])
