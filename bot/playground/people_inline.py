"""What people do in inline mode: type after the bot's name in any chat, and choose a result."""

from contextlib import suppress
from dataclasses import replace

from bot.playground import wire
from bot.playground.people import People
from bot.playground.places import NotPossible
from bot.playground.records import InlineQuery, InlineResult, Message

MAX_QUERY = 256


class InlinePeople(People):
    async def ask_inline(
        self, user_id: int, chat_id: int, text: str, wait: float = 10.0
    ) -> InlineQuery:
        """Type `@bot text` and wait for results; the bot needn't be in the chat.

        Without an answer within `wait` seconds of real time the query's is None.
        Raises NotPossible where the bot has no inline mode.
        """
        chat, person = self._member(chat_id, user_id)
        if not self.world.supports_inline:
            raise NotPossible(f"@{self.world.bot.username} has no inline mode")
        query = InlineQuery(
            self.world.query_id(), user_id, chat_id, text[:MAX_QUERY], self.world.clock.now()
        )
        self.world.inline_queries[query.id] = query
        update = {
            "id": query.id,
            "from": wire.user(person),
            "query": query.text,
            "offset": "",
            "chat_type": "sender" if chat.kind == "private" else chat.kind,
        }
        self.world.updates.add("inline_query", update)
        self.world.changes.wake()
        with suppress(TimeoutError):
            await self.world.changes.wait_until(lambda: query.answer, wait)
        return query

    async def choose(
        self, query_id: str, result_id: str, *, thread_id: int | None = None
    ) -> Message:
        """Send one of the results; the bot learns of it where its owner turned feedback on."""
        query = self.world.inline_queries.get(query_id)
        result = query.answer.results.get(result_id) if query and query.answer else None
        if query is None or result is None:
            raise NotPossible(f"there is no such result: {result_id!r}")
        message = self._message_of(query, result, thread_id)
        sent = self._send(message)
        if self.world.inline_feedback:
            self._tell_choice(query, result, message)
        return sent

    def _message_of(
        self, query: InlineQuery, result: InlineResult, thread_id: int | None
    ) -> Message:
        draft = self._draft_into(query.user_id, query.chat_id, None, thread_id)
        return replace(
            result.message,
            chat_id=draft.chat_id,
            sender=draft.sender,
            date=draft.date,
            thread_id=thread_id,
            reply_markup=result.reply_markup,
            inline_message_id=self.world.inline_id() if result.reply_markup else None,
            via_bot=True,
        )

    def _tell_choice(self, query: InlineQuery, result: InlineResult, message: Message) -> None:
        update = {
            "result_id": result.id,
            "from": wire.user(self.world.users[query.user_id]),
            "query": query.text,
        }
        if message.inline_message_id is not None:
            update["inline_message_id"] = message.inline_message_id
        self.world.updates.add("chosen_inline_result", update)
