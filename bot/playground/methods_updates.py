"""getMe, getUpdates and the webhook settings (https://core.telegram.org/bots/api#getting-updates)."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.playground import wire
from bot.playground.errors import bad_request, conflict
from bot.playground.params import Request
from bot.playground.records import Json
from bot.playground.registry import method
from bot.playground.state import World
from bot.playground.webhook import Webhook

MAX_POLL = 50.0  # seconds; Telegram cuts longer ones
MAX_BATCH = 100
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


@method("getMe")
async def get_me(world: World, request: Request) -> Json:
    return wire.user(world.bot) | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": world.supports_inline,
        "supports_guest_queries": world.supports_guests,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method("getUpdates", "offset limit timeout allowed_updates")
async def get_updates(world: World, request: Request) -> list[Json]:
    if world.webhook:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    world.updates.allow(request.get("allowed_updates"))
    limit = request.get("limit", MAX_BATCH)
    if not 1 <= limit <= MAX_BATCH:
        limit = MAX_BATCH
    seconds = min(max(float(request.get("timeout", 0)), 0.0), MAX_POLL)
    return await world.updates.poll(request.get("offset", 0), limit, seconds)


@method(
    "setWebhook",
    "url ip_address max_connections allowed_updates drop_pending_updates secret_token",
)
async def set_webhook(world: World, request: Request) -> bool:
    url = request.get("url", "")
    if not url:
        _drop_if_asked(world, request)
        world.set_webhook(None)
        return True
    _check_url(url)
    secret = request.get("secret_token")
    if secret is not None and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    world.updates.allow(request.get("allowed_updates"))
    _drop_if_asked(world, request)
    world.set_webhook(Webhook(url, secret, request.get("max_connections", 40)))
    return True


@method("deleteWebhook", "drop_pending_updates")
async def delete_webhook(world: World, request: Request) -> bool:
    _drop_if_asked(world, request)
    world.set_webhook(None)
    return True


@method("getWebhookInfo")
async def get_webhook_info(world: World, request: Request) -> Json:
    facts: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if world.updates.allowed:
        facts["allowed_updates"] = world.updates.allowed
    return facts | (world.webhook.info() if world.webhook else {})


def _check_url(url: str) -> None:
    """Updates leave the playground for this machine only, whatever the bot asks."""
    parts = urlsplit(url)
    try:
        loopback = parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = False
    if parts.scheme != "http" or not loopback:
        raise bad_request("bad webhook: the playground delivers to http on loopback only")


def _drop_if_asked(world: World, request: Request) -> None:
    if request.get("drop_pending_updates"):
        world.updates.clear()
