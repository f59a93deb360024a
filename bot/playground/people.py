"""What people do: write, press, edit, block, add and remove. Each deed becomes the bot's update."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.playground import wire
from bot.playground.checks import MAX_CAPTION
from bot.playground.entities import found_in, utf16_length
from bot.playground.pictures import snapshot, thumbnail
from bot.playground.privacy import bot_sees
from bot.playground.records import Chat, ChatKind, Json, Message, Status, StoredFile, User
from bot.playground.state import World

MAX_ALBUM = 10
GENERAL_TOPIC = 1  # its messages carry no thread id, and none may be sent to it


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot answered to a pressed button."""

    text: str
    show_alert: bool


class NotPossible(Exception):
    """A person tried what the chat would not let them do; the message says what."""


class People:
    """Acts as the people in a world. Ids that are not there, or not in the chat: NotPossible."""

    def __init__(self, world: World) -> None:
        self.world = world

    # who is there

    def add_user(
        self, user_id: int, name: str, username: str | None = None, language_code: str = "en"
    ) -> User:
        """A new person with an empty private chat, which the bot can't write to before they do."""
        person = User(user_id, name, username or name.lower(), language_code)
        self.world.users[user_id] = person
        chat = Chat(user_id, "private", name, {user_id: "member"})
        chat.last_message_id = self.world.numbered_after
        self.world.chats[user_id] = chat
        self.world.changes.publish({"kind": "reload"})
        return person

    def add_group(
        self,
        chat_id: int,
        title: str,
        members: dict[int, Status],
        kind: ChatKind = "supergroup",
        is_forum: bool = False,
    ) -> Chat:
        """A new group without the bot; `members` maps user ids to their standing."""
        chat = Chat(chat_id, kind, title, dict(members), is_forum)
        chat.last_message_id = self.world.numbered_after + (GENERAL_TOPIC if is_forum else 0)
        self.world.chats[chat_id] = chat
        self.world.changes.publish({"kind": "reload"})
        return chat

    async def add_topic(self, chat_id: int, name: str, by: int) -> int:
        """A new topic in a forum; returns its thread id."""
        chat, person = self._member(chat_id, by)
        service: Json = {"forum_topic_created": {"name": name, "icon_color": 0x6FB9F0}}
        message = self.world.add_message(chat, self._draft(chat, person, service=service))
        chat.topics[message.message_id] = name
        message.thread_id, message.is_topic_message = message.message_id, True
        self._tell("message", chat, message)
        return message.message_id

    async def add_bot(self, chat_id: int, by: int, status: Status = "member") -> None:
        """`by` adds the bot to a group, or promotes it there with status "administrator"."""
        self._set_bot_status(chat_id, by, status)

    async def kick(self, chat_id: int, by: int | None = None) -> None:
        """The bot is removed from a group, by its creator unless said otherwise."""
        members = self._chat(chat_id).members
        creator = next((each for each, status in members.items() if status == "creator"), None)
        self._set_bot_status(chat_id, by or creator or next(iter(members)), "kicked")

    async def block(self, user_id: int) -> None:
        self._set_bot_status(user_id, user_id, "kicked")

    async def unblock(self, user_id: int) -> None:
        self._set_bot_status(user_id, user_id, "member")

    # what they say

    async def send(
        self,
        user_id: int,
        chat_id: int,
        text: str,
        *,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Write into a chat. The first message starts a chat.

        Raises:
            NotPossible: no such chat, topic or message, not a member, or nothing to send.
        """
        if not text.strip():
            raise NotPossible("an empty message can't be sent")
        message = self._draft_into(user_id, chat_id, reply_to, thread_id)
        _say(message, text)
        return self._send(message)

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
                "message": wire.message(message, self.world),
                "data": data,
            },
        )
        try:
            found = await self.world.changes.wait_until(lambda: query.answer, wait)
        except TimeoutError:
            return None
        return Answer(**(found or {}))

    def mark_read(self, user_id: int, chat_id: int) -> None:
        chat, _ = self._member(chat_id, user_id)
        chat.read_up_to[user_id] = chat.last_message_id

    # how it is done

    def _chat(self, chat_id: int) -> Chat:
        if chat_id not in self.world.chats:
            raise NotPossible(f"no chat {chat_id}")
        return self.world.chats[chat_id]

    def _member(self, chat_id: int, user_id: int) -> tuple[Chat, User]:
        chat = self._chat(chat_id)
        if user_id not in self.world.users or not chat.has(user_id):
            raise NotPossible(f"user {user_id} is not in chat {chat_id}")
        return chat, self.world.users[user_id]

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

    def _send(self, message: Message) -> Message:
        chat = self._chat(message.chat_id)
        self._start(chat)
        self.world.add_message(chat, message)
        chat.read_up_to[message.sender.id] = message.message_id
        self._tell("message", chat, message)
        return replace(message)

    def _draft(self, chat: Chat, person: User, service: Json | None = None) -> Message:
        return Message(0, chat.id, person, self.world.clock.now(), service=service)

    def _start(self, chat: Chat) -> None:
        """Writing to the bot in private lets it answer, also after a block."""
        if chat.kind != "private" or chat.has(self.world.bot.id):
            return
        if self.world.bot.id in chat.members:
            self._set_bot_status(chat.id, chat.id, "member")
        chat.members[self.world.bot.id] = "member"
        self.world.publish("chat", chat)

    def _set_bot_status(self, chat_id: int, by: int, status: Status) -> None:
        chat, person = self._member(chat_id, by)
        bot = self.world.bot
        before = chat.members.get(bot.id, "left")
        chat.members[bot.id] = status
        update = {
            "chat": wire.chat(chat, self.world),
            "from": wire.user(person),
            "date": wire.unix(self.world.clock.now()),
            "old_chat_member": wire.member(bot, before),
            "new_chat_member": wire.member(bot, status),
        }
        self.world.updates.add("my_chat_member", update)
        self.world.publish("chat", chat)

    def _tell(self, kind: str, chat: Chat, message: Message) -> None:
        if bot_sees(self.world, chat, message):
            self.world.updates.add(kind, wire.message(message, self.world))


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
