"""Keeps other sites' pages out: a browser tricked into calling this port is turned away."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NAMES = ("127.0.0.1", "localhost", "[::1]")


def _own_hosts(request: web.Request) -> set[str]:
    address = request.transport and request.transport.get_extra_info("sockname")
    port = address[1] if address else 0
    return {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())  # noqa: PLR2004 - http's own port


@web.middleware
async def only_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """403 unless Host names this server on loopback, and a page's POST comes from its own page."""
    own = _own_hosts(request)
    if request.headers.get("Host", "") not in own:
        raise web.HTTPForbidden(text="This server answers on loopback only.")
    is_page_post = request.method == "POST" and request.path.startswith("/app/")
    if is_page_post and request.headers.get("Origin") not in {f"http://{each}" for each in own}:
        raise web.HTTPForbidden(text="Posts are taken from this server's own page only.")
    return await handler(request)
