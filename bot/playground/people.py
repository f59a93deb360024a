"""What people do: write, press, edit and delete. Each deed becomes the bot's update."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.playground import wire
from bot.playground.checks import MAX_CAPTION
from bot.playground.entities import found_in, utf16_length
from bot.playground.pictures import snapshot, thumbnail
from bot.playground.places import NotPossible, Places
from bot.playground.records import (
    ANONYMOUS_ADMIN,
    CHANNEL_SENDER,
    Chat,
    Json,
    Message,
    StoredFile,
)
from bot.playground.whispers import keep

MAX_ALBUM = 10
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
ACCESSIBLE = timedelta(hours=48)  # the age up to which a press brings its whole message along


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered to a pressed button."""

    text: str
    show_alert: bool


class People(Places):
    """Acts as the people in a world."""

    # what they say

    async def send(
        self,
        user_id: int,
        chat_id: int,
        text: str,
        *,
        reply_to: int | None = None,
        thread_id: int | None = None,
        as_chat: int | None = None,
    ) -> Message:
        """Write into a chat. The first message starts a chat.

        `as_chat` is the chat in whose name it is written: the group's own (an anonymous admin), or
        that of a channel of the writer's.

        Raises:
            NotPossible: no such chat, topic or message, not a member, not in that chat's name, or
                nothing to send.
        """
        if not text.strip():
            raise NotPossible("an empty message can't be sent")
        message = self._draft_into(user_id, chat_id, reply_to, thread_id)
        if as_chat is not None:
            self._disguise(message, as_chat)
        _say(message, text)
        return self._send(message)

    async def whisper(self, user_id: int, chat_id: int, text: str) -> Message:
        """Send an ephemeral command: the writer and the bot alone see it."""
        message = self._draft_into(user_id, chat_id, None, None)
        message.receiver = self.world.bot
        _say(message, text)
        chat = self._chat(chat_id)
        keep(self.world, chat, message)
        self._tell("message", chat, message)
        return replace(message)

    async def start_bot(self, user_id: int, payload: str = "") -> Message:
        """Open the bot by its link, `t.me/<bot>?start=<payload>`, and press Start."""
        if payload and not START_PAYLOAD.fullmatch(payload):
            raise NotPossible("a link's payload has 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
        return await self.send(user_id, user_id, f"/start {payload}".rstrip())

    async def send_photo(
        self,
        user_id: int,
        chat_id: int,
        pictures: Sequence[bytes],
        caption: str = "",
        *,
        reply_to: int | None = None,
        as_file: bool = False,
        names: Sequence[str] = (),
        thread_id: int | None = None,
    ) -> list[Message]:
        """Send pictures: one message each, several as an album whose first carries the caption.

        They become photos, or with `as_file` documents, byte for byte, under `names`.

        Raises:
            NotPossible: as in `send`, or not 1 to 10 pictures, or a caption of more than 1024.
            ApiError: one of them is no picture.
        """
        if not 1 <= len(pictures) <= MAX_ALBUM:
            raise NotPossible(f"a message has 1 to {MAX_ALBUM} pictures")
        if utf16_length(caption.strip()) > MAX_CAPTION:
            raise NotPossible(f"a caption has up to {MAX_CAPTION} characters")
        self._draft_into(user_id, chat_id, reply_to, thread_id)  # refused before any work
        named = [*names, *["picture.png"] * len(pictures)]
        stored = [
            await (self._document(picture, name) if as_file else self._photo(picture))
            for picture, name in zip(pictures, named, strict=False)
        ]
        album = str(self.world.number()) if len(stored) > 1 else None
        drafts = [self._draft_into(user_id, chat_id, reply_to, thread_id) for _ in stored]
        for message, file in zip(drafts, stored, strict=True):
            message.media_group_id = album
            message.photo, message.document = (None, file) if as_file else (file, None)
        _say(drafts[0], caption)
        return [self._send(message) for message in drafts]

    async def edit(self, user_id: int, chat_id: int, message_id: int, text: str) -> Message:
        """Change one's own text or caption."""
        chat, _ = self._member(chat_id, user_id)
        message = self._own(chat, user_id, message_id)
        _say(message, text)
        self.world.edited(chat, message)
        self._tell("edited_message", chat, message)
        return replace(message)

    async def delete_message(self, chat_id: int, message_id: int) -> None:
        """Somebody deletes a message; Telegram does not tell the bot."""
        chat = self._chat(chat_id)
        if message_id not in chat.messages:
            raise NotPossible(f"no message {message_id} in chat {chat_id}")
        self.world.remove(chat, [message_id])

    async def press(
        self, user_id: int, chat_id: int, message_id: int, button: str, wait: float = 15.0
    ) -> Answer | None:
        """Press the button with this callback data or label, and wait for the bot's answer.

        Returns:
            None, where no answer came within `wait` seconds of real time.

        Raises:
            NotPossible: there is no such button, or it does not call the bot.
        """
        chat, person = self._member(chat_id, user_id)
        message = chat.messages.get(message_id)
        data = _callback_data(message, button) if message else None
        if message is None or data is None:
            raise NotPossible(f"no button {button!r} under message {message_id}")
        query = self.world.ask(user_id, chat, message)
        self.world.updates.add(
            "callback_query",
            {
                "id": query.id,
                "from": wire.user(person),
                "chat_instance": str(chat.id),
                **self._as_pressed(chat, message),
                "data": data,
            },
        )
        try:
            found = await self.world.changes.wait_until(lambda: query.answer, wait)
        except TimeoutError:
            return None
        return Answer(**(found or {}))

    def _as_pressed(self, chat: Chat, message: Message) -> Json:
        """An old message reaches the bot as no more than its address (InaccessibleMessage), an
        inline one as its id.
        """
        if message.inline_message_id is not None:
            return {"inline_message_id": message.inline_message_id}
        if self.world.clock.now() - message.date > ACCESSIBLE:
            return {"message": wire.inaccessible(chat, message.message_id, self.world)}
        return {"message": wire.message(message, self.world)}

    def mark_read(self, user_id: int, chat_id: int) -> None:
        chat, _ = self._member(chat_id, user_id)
        chat.read_up_to[user_id] = chat.last_message_id

    # how it is done

    def _own(self, chat: Chat, user_id: int, message_id: int) -> Message:
        message = chat.messages.get(message_id)
        if message is None or message.sender.id != user_id:
            raise NotPossible(f"user {user_id} has no message {message_id} in chat {chat.id}")
        return message

    async def _photo(self, picture: bytes) -> StoredFile:
        return self.world.store_photo(await snapshot(picture))

    async def _document(self, content: bytes, name: str) -> StoredFile:
        return self.world.store_document(content, name, await thumbnail(content))

    def _draft_into(
        self, user_id: int, chat_id: int, reply_to: int | None, thread_id: int | None
    ) -> Message:
        chat, person = self._member(chat_id, user_id)
        if thread_id not in (None, *chat.topics):
            raise NotPossible(f"no topic {thread_id} in chat {chat_id}")
        if reply_to not in (None, *chat.messages):
            raise NotPossible(f"no message {reply_to} in chat {chat_id}")
        message = self._draft(chat, person)
        message.thread_id, message.reply_to_message_id = thread_id, reply_to
        return message

    def _disguise(self, message: Message, as_chat: int) -> None:
        """https://core.telegram.org/bots/api#message: `from` then holds a fake sender user."""
        guise = self._chat(as_chat)
        standing = guise.members.get(message.sender.id)
        own = as_chat == message.chat_id
        may = standing in ("creator", "administrator") and (own or guise.kind == "channel")
        if not may or guise.kind == "private":
            raise NotPossible(f"user {message.sender.id} can't write as chat {as_chat}")
        message.sender = ANONYMOUS_ADMIN if own else CHANNEL_SENDER
        message.sender_chat_id = as_chat

    def _send(self, message: Message) -> Message:
        chat = self._chat(message.chat_id)
        self._start(chat)
        self.world.add_message(chat, message)
        chat.read_up_to[message.sender.id] = message.message_id
        self._tell("message", chat, message)
        return replace(message)

    def _start(self, chat: Chat) -> None:
        """Writing to the bot in private lets it answer, also after a block."""
        if chat.kind != "private" or chat.has(self.world.bot.id):
            return
        if self.world.bot.id in chat.members:
            self._set_bot_status(chat.id, chat.id, "member")
        chat.members[self.world.bot.id] = "member"
        self.world.publish("chat", chat)


def _say(message: Message, text: str) -> None:
    clean = text.strip()
    message.entities = found_in(clean)
    if message.photo or message.document:
        message.caption = clean or None
    else:
        message.text = clean


def _callback_data(message: Message, button: str) -> str | None:
    for each in message.buttons:
        if "callback_data" in each and button in (each["callback_data"], each["text"]):
            return str(each["callback_data"])
    return None
