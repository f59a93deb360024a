"""Who is there: people, groups, channels and topics, and the bot let in or shut out."""

from bot.playground import wire
from bot.playground.privacy import bot_sees, mentions
from bot.playground.records import Chat, ChatKind, GuestQuery, Json, Message, Status, User
from bot.playground.state import World

CHANNEL_KINDS = {"message": "channel_post", "edited_message": "edited_channel_post"}
GENERAL_TOPIC = 1  # its messages carry no thread id, and none may be sent to it


class NotPossible(Exception):
    """A person tried what the chat would not let them do; the message says what."""


class Places:
    """Acts in a world. Ids that are not there, or not in the chat: NotPossible."""

    def __init__(self, world: World) -> None:
        self.world = world

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

    def add_channel(self, chat_id: int, title: str, owner: int) -> Chat:
        """A new channel; its owner may write into groups in its name."""
        return self.add_group(chat_id, title, {owner: "creator"}, "channel")

    def set_language(self, user_id: int, language_code: str) -> None:
        """The person's app speaks another language from now on."""
        if user_id not in self.world.users:
            raise NotPossible(f"nobody is user {user_id}")
        self.world.users[user_id].language_code = language_code
        self.world.changes.publish({"kind": "reload"})

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

    def _draft(self, chat: Chat, person: User, service: Json | None = None) -> Message:
        return Message(0, chat.id, person, self.world.clock.now(), service=service)

    def _set_bot_status(self, chat_id: int, by: int, status: Status) -> None:
        chat, person = self._member(chat_id, by)
        bot = self.world.bot
        before = chat.members.get(bot.id, "left")
        chat.members[bot.id] = status
        update: Json = {
            "chat": wire.chat(chat, self.world),
            "from": wire.user(person),
            "date": wire.unix(self.world.clock.now()),
            "old_chat_member": wire.member(bot, before),
            "new_chat_member": wire.member(bot, status),
        }
        self.world.updates.add("my_chat_member", update)
        self.world.publish("chat", chat)

    def _tell(self, kind: str, chat: Chat, message: Message) -> None:
        if chat.kind == "channel":
            kind = CHANNEL_KINDS[kind]
        if bot_sees(self.world, chat, message):
            self.world.updates.add(kind, wire.message(message, self.world))
        elif kind == "message" and self._summons_bot(chat, message):
            query = GuestQuery(self.world.query_id(), chat.id, message.message_id)
            self.world.guest_queries[query.id] = query
            facts = wire.message(message, self.world) | {"guest_query_id": query.id}
            self.world.updates.add("guest_message", facts)

    def _summons_bot(self, chat: Chat, message: Message) -> bool:
        """https://core.telegram.org/api/bots/guest-mode: its name, where it is no member."""
        outside = chat.kind != "channel" and not chat.has(self.world.bot.id)
        named = mentions(self.world.bot.username, message.words)
        return self.world.supports_guests and outside and named
