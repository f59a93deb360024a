"""The playground's world: who is there, what was said, and the bot's mailbox. Kept in memory only."""

import asyncio
import itertools
import mimetypes
from collections.abc import Iterable

from bot.playground.changes import Changes
from bot.playground.errors import bad_request, forbidden
from bot.playground.faults import Faults
from bot.playground.pictures import Jpeg
from bot.playground.records import (
    Call,
    Chat,
    GuestQuery,
    InlineQuery,
    Json,
    Message,
    Query,
    StoredFile,
    User,
)
from bot.playground.updates import Updates
from bot.playground.webhook import Webhook
from providers.clock import Clock

MESSAGES_KEPT = 500  # a chat
FILES_KEPT = 4000
CALLS_KEPT = 100_000


class World:
    def __init__(self, clock: Clock, bot: User, numbered_after: int = 0) -> None:
        self.clock = clock
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.photos: dict[str, StoredFile] = {}  # by the file id of any of its sizes
        self.queries: dict[str, Query] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.guest_queries: dict[str, GuestQuery] = {}
        self.inline_messages: dict[str, tuple[int, int]] = {}  # to chat and message
        self.supports_inline = True  # what the owner chose at BotFather: /setinline,
        self.inline_feedback = True  # /setinlinefeedback,
        self.supports_guests = True  # and guest mode
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.actions: dict[int, tuple[str, float]] = {}
        self.calls: list[Call] = []
        self.privacy_mode = True
        self.knows_whispers = True  # as servers since Bot API 10.2
        self.webhook: Webhook | None = None
        self.updates = Updates()
        self.changes = Changes()
        self.faults = Faults()
        self.closing = asyncio.Event()
        self.numbered_after = numbered_after  # ids of messages and files begin above it
        self._numbers = itertools.count(numbered_after + 1)

    def number(self) -> int:
        """A number never given before."""
        return next(self._numbers)

    def set_webhook(self, webhook: Webhook | None) -> None:
        """Updates go there from now on; a poll in progress ends."""
        self.webhook = webhook
        self.updates.interrupt("terminated by setWebhook request")
        self.changes.wake()

    def close(self) -> None:
        """Whoever waits for something to happen here is let go."""
        self.closing.set()
        self.changes.publish({"kind": "reload"})

    # people and chats

    def chat(self, chat_id: object) -> Chat:
        """The chat by id, or by a member's or the chat's @username where it has one.

        Raises:
            ApiError: 400 "chat not found".
        """
        found = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if found is None:
            raise bad_request("chat not found")
        return found

    def writable(self, chat_id: object) -> Chat:
        """The chat, if the bot may write there.

        Raises:
            ApiError: 400 for an unknown chat, 403 where people have shut the bot out.
        """
        chat = self.chat(chat_id)
        status = chat.members.get(self.bot.id)
        if status == "kicked" and chat.kind == "private":
            raise forbidden("bot was blocked by the user")
        if chat.kind == "private" and status is None:
            raise forbidden("bot can't initiate conversation with a user")
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if not chat.has(self.bot.id):
            raise forbidden(f"bot is not a member of the {chat.kind} chat")
        return chat

    def message(self, chat: Chat, message_id: object, missing: str) -> Message:
        """Raises ApiError 400 with the words in `missing` where there is no such message."""
        found = chat.messages.get(message_id) if isinstance(message_id, int) else None
        if found is None:
            raise bad_request(missing)
        return found

    # messages

    def add_message(self, chat: Chat, message: Message) -> Message:
        chat.last_message_id += 1
        message.message_id = chat.last_message_id
        _place_in_thread(chat, message)
        chat.messages[message.message_id] = message
        if message.inline_message_id is not None:
            self.inline_messages[message.inline_message_id] = chat.id, message.message_id
        for old in list(chat.messages)[:-MESSAGES_KEPT]:
            del chat.messages[old]
        self.publish("message", chat, message_id=message.message_id)
        return message

    def edited(self, chat: Chat, message: Message) -> None:
        message.edits += 1
        message.edit_date = self.clock.now()
        self.publish("message", chat, message_id=message.message_id)

    def remove(self, chat: Chat, message_ids: Iterable[int]) -> None:
        for message_id in message_ids:
            del chat.messages[message_id]
            self.publish("deleted", chat, message_id=message_id)

    def publish(self, kind: str, chat: Chat, **details: object) -> None:
        self.changes.publish({"kind": kind, "chat_id": chat.id, **details})

    def inline_id(self) -> str:
        """For a message the bot may edit though it may not be in the chat."""
        return f"BAAAAP{self.number():012d}"

    def inline_message(self, inline_message_id: object) -> tuple[Chat, Message]:
        """Raises ApiError 400 where there is no such message (any more)."""
        chat_id, message_id = self.inline_messages.get(str(inline_message_id), (0, 0))
        if chat_id not in self.chats:
            raise bad_request("MESSAGE_ID_INVALID")
        chat = self.chats[chat_id]
        return chat, self.message(chat, message_id, "MESSAGE_ID_INVALID")

    # files

    def store_photo(self, sizes: list[Jpeg]) -> StoredFile:
        """The largest of a photo's sizes, which come smallest first, with the rest beside it."""
        *smaller, photo = [self._store_jpeg(size, "photos") for size in sizes]
        photo.smaller = tuple(smaller)
        self.photos |= dict.fromkeys([each.file_id for each in (*smaller, photo)], photo)
        return photo

    def store_document(self, content: bytes, name: str, thumbnail: Jpeg | None) -> StoredFile:
        """The file as it came, byte for byte."""
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        stored = self._store(content, name, media_type, "documents")
        if thumbnail:
            stored.smaller = (self._store_jpeg(thumbnail, "thumbnails"),)
        return stored

    def _store_jpeg(self, jpeg: Jpeg, folder: str) -> StoredFile:
        stored = self._store(jpeg.content, "photo.jpg", "image/jpeg", folder)
        stored.width, stored.height = jpeg.width, jpeg.height
        return stored

    def _store(self, content: bytes, name: str, media_type: str, folder: str) -> StoredFile:
        number = self.number()
        suffix = name.rpartition(".")[2]
        stored = StoredFile(
            file_id=f"PG{folder[:2].upper()}AgAD{number:012d}",
            unique_id=f"AQAD{number:08d}",
            path=f"{folder}/file_{number}.{suffix}",
            name=name,
            media_type=media_type,
            content=content,
        )
        self.files[stored.file_id] = stored
        while len(self.files) > FILES_KEPT:
            oldest = next(iter(self.files))
            del self.files[oldest]
            self.photos.pop(oldest, None)
        return stored

    # the bot's calls

    def query_id(self) -> str:
        return str(7_000_000_000_000_000_000 + self.number())

    def record(self, call: Call) -> None:
        self.calls.append(call)
        del self.calls[:-CALLS_KEPT]
        self.changes.wake()

    def ask(self, user_id: int, chat: Chat, message: Message) -> Query:
        query = Query(
            id=self.query_id(),
            user_id=user_id,
            chat_id=chat.id,
            message_id=message.message_id,
            asked_at=self.clock.now(),
        )
        self.queries[query.id] = query
        return query


def _place_in_thread(chat: Chat, message: Message) -> None:
    """In forums a message belongs to a topic; in other supergroups replies carry their root's id.

    The second is a trap worth keeping: that id is no topic, and sending to it is refused.
    """
    if chat.is_forum and message.thread_id:
        message.is_topic_message = True
        message.reply_to_message_id = message.reply_to_message_id or message.thread_id
    elif chat.kind == "supergroup" and message.reply_to_message_id:
        root = chat.messages.get(message.reply_to_message_id)
        message.thread_id = (root.thread_id if root else None) or message.reply_to_message_id
