"""Answers to pressed buttons, chat actions and reactions."""

from datetime import timedelta

from bot.playground import checks
from bot.playground.errors import bad_request
from bot.playground.params import Request
from bot.playground.records import names
from bot.playground.registry import method
from bot.playground.state import World

ANSWER_WITHIN = timedelta(seconds=15)
MAX_ANSWER = 200
QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"
ACTIONS = names(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)
# https://core.telegram.org/bots/api#reactiontypeemoji: these and no others
REACTIONS = names(
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 "
    "🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)


@method("answerCallbackQuery", "callback_query_id text show_alert url cache_time")
async def answer_callback_query(world: World, request: Request) -> bool:
    query = world.queries.get(str(request.get("callback_query_id")))
    if query is None or query.answer is not None:
        raise bad_request(QUERY_GONE)
    if world.clock.now() - query.asked_at > ANSWER_WITHIN:
        raise bad_request(QUERY_GONE)
    text = request.get("text", "")
    if len(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answer = {"text": text, "show_alert": request.get("show_alert", False)}
    world.publish(
        "answer",
        world.chats[query.chat_id],
        user_id=query.user_id,
        message_id=query.message_id,
        query_id=query.id,
        **query.answer,
    )
    return True


@method("sendChatAction", "chat_id message_thread_id action")
async def send_chat_action(world: World, request: Request) -> bool:
    chat = world.writable(request.need("chat_id", "chat_id is empty"))
    checks.thread_of(request, chat)
    action = request.get("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.actions[chat.id] = (action, world.clock.monotonic())
    world.publish("action", chat, action=action)
    return True


@method("setMessageReaction", "chat_id message_id reaction is_big")
async def set_message_reaction(world: World, request: Request) -> bool:
    chat = world.writable(request.need("chat_id", "chat_id is empty"))
    message = world.message(chat, request.get("message_id"), "message to react not found")
    reactions = request.get("reaction", [])
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    emoji = reactions[0].get("emoji") if reactions else None
    if reactions and (reactions[0].get("type") != "emoji" or emoji not in REACTIONS):
        raise bad_request("REACTION_INVALID")
    message.reaction = emoji
    world.publish("message", chat, message_id=message.message_id)
    return True
