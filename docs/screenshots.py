"""Makes the README's pictures from a running demo: `make demo` with a fresh DATA_DIR in one
terminal, `python -m docs.screenshots` in another, or with the names of some of the scenes. Needs
Debian's chromium (and fonts-noto-color-emoji). A scene asks of the bot only what a person could:
`/imagine` in words, as the answer to a picture, under several, and with `--mask`.

Each writes into docs/: "private" playground-preview.png, playground.png, playground-reply.png,
playground-mask.png and playground-inpainting.png; "blend" playground-blend.png; "cancel"
playground-cancel.png; "group" playground-group-dark.png; "guided" playground-guided.png; "forum"
playground-forum.png; "inline" playground-inline.png; "own" playground-history.png and
playground-settings.png (in Russian); "admin" playground-admin.png and playground-stats.png.
"""

import argparse
import asyncio
import base64
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.playground import ANN, BORIS, CHEN, GROUP
from bot.playground.demo import FORUM, HOST, PORT
from tests.fakes.browser import Browser, browser

FOLDER = Path(__file__).parent
PICTURE = "/imagine three red mushrooms in a meadow --ar 16:9 --steps 100"
REPLY = "/imagine three red mushrooms in the snow --strength 0.7"
PAINTED = "a yellow balloon"  # goes before the --mask that the page wrote
BLENDED = (
    "/imagine a yellow star at night",
    "/imagine green hills by day",
    "/imagine both at once",
)
FOUR_CATS = "/imagine a black cat on a beach --n 4"
BOT_NAME = "import('/static/store.js').then(({ store }) => store.bot.username)"
GROUP_PICTURE = "/imagine a lighthouse in a storm --n 4 --steps 100"
STILL = "document.getAnimations().every(each => each.playState !== 'running')"
LAST = "document.querySelector('#messages > :last-child')"
DRAWN = f"{LAST}?.querySelector('.picture img:last-child')?.naturalWidth > 0"
RUNNING = f"{LAST}?.querySelector('.key.danger')"
CAPTION = f"{LAST}?.querySelector('.words')?.textContent"


async def write(page: Browser, text: str) -> None:
    await page.click("#text")
    await page.type(text)
    await page.press("Enter")


async def bot_answers(page: Browser, condition: str) -> None:
    """Until the condition holds of the last message, and it is the bot's."""
    await page.wait_for(f"{LAST}?.matches('.row:not(.mine)') && {condition}")


async def ask(page: Browser, text: str) -> None:
    """Returns when the bot has taken the request; an answer in words alone is no picture."""
    await write(page, text)
    await bot_answers(page, RUNNING)


async def finished(page: Browser) -> None:
    await bot_answers(page, f"!{RUNNING}")
    if not await page.evaluate(DRAWN):
        raise SystemExit(f"instead of a picture: {await page.evaluate(CAPTION)}")


async def keep(page: Browser, name: str) -> None:
    await page.evaluate("document.activeElement.blur()")
    await page.leave()
    await page.wait_for(f"!document.querySelector('.toast') && {STILL}")
    (FOLDER / name).write_bytes(await page.screenshot())


async def be(page: Browser, page_url: str, user: int, chat: int | None = None) -> None:
    await page.goto("about:blank")  # an address that differs in its fragment alone loads nothing
    await page.goto(f"{page_url}#/{user}/{chat or user}")
    await page.wait_for(f"document.querySelector('[data-user=\"{user}\"][aria-pressed=true]')")
    await page.wait_for(
        f"document.querySelector('[data-chat=\"{chat or user}\"][aria-current=true]')"
    )


async def private(page: Browser, page_url: str) -> None:
    """From words to a picture, on to another by a reply, and to a third by a painted mask."""
    await page.show_as(1200, 800)
    await be(page, page_url, ANN)
    await page.click(".start")
    await page.wait_for("document.querySelectorAll('.row').length === 2")
    await ask(page, PICTURE)
    await bot_answers(page, f"{DRAWN} && {RUNNING}")
    await keep(page, "playground-preview.png")
    await finished(page)
    await keep(page, "playground.png")
    await page.show_as(1200, 1000)
    await page.click(".row:last-child .acts [aria-label=Reply]")
    await ask(page, REPLY)
    await finished(page)
    await keep(page, "playground-reply.png")
    await inpainting(page)


async def inpainting(page: Browser) -> None:
    await page.click(".row:last-child .acts [aria-label=Paint]")
    await page.wait_for("document.getElementById('painter').open")
    for _ in range(6):
        await page.press("]")
    await page.drag("#painter-canvas", (90, -40), (80, -10), (60, 30))
    await keep(page, "playground-mask.png")
    await page.click("#painter-done")
    await page.wait_for("document.querySelector('#thumbnails img')?.naturalWidth > 0")
    await page.type(PAINTED)
    await page.press("Enter")
    await bot_answers(page, RUNNING)
    await finished(page)
    await keep(page, "playground-inpainting.png")


async def blend(page: Browser, page_url: str) -> None:
    """Two pictures that the bot drew, given back to it as an album."""
    await page.show_as(1200, 1000)
    await be(page, page_url, BORIS)
    with tempfile.TemporaryDirectory() as folder:
        drawn = [Path(folder, f"{number}.jpg") for number in (1, 2)]
        for path, prompt in zip(drawn, BLENDED, strict=False):
            await ask(page, prompt)
            await finished(page)
            path.write_bytes(await shown_picture(page))
        await page.choose("#file", *drawn)
        await page.wait_for("document.querySelectorAll('#thumbnails img').length === 2")
        await ask(page, BLENDED[-1])
    await finished(page)
    await keep(page, "playground-blend.png")


async def shown_picture(page: Browser) -> bytes:
    """The bytes of the picture in the last message."""
    url = f"{LAST}.querySelector('.picture img:last-child').src"
    fetched = await page.evaluate(
        f"fetch({url}).then(answer => answer.arrayBuffer())"
        ".then(bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))))"
    )
    return base64.b64decode(fetched)


async def cancel(page: Browser, page_url: str) -> None:
    """Stopped by its button when the first preview is there."""
    await page.show_as(1200, 800)
    await be(page, page_url, CHEN)
    await ask(page, PICTURE)
    await bot_answers(page, f"{DRAWN} && {RUNNING}")
    await page.click(".row:last-child .key.danger")
    await bot_answers(page, f"!{RUNNING}")
    await keep(page, "playground-cancel.png")


async def key(page: Browser, label: str) -> None:
    """Press the button of the last message that has this label."""
    find = f"[...{LAST}.querySelectorAll('.key')].find(each => each.innerText.includes('{label}'))"
    await page.wait_for(find)
    await page.evaluate(f"{find}.click()")


async def guided(page: Browser, page_url: str) -> None:
    """A picture chosen by buttons alone, but for its words."""
    await page.show_as(1200, 1000)
    await be(page, page_url, CHEN)
    await write(page, "/imagine")
    await bot_answers(page, f"{DRAWN} && {LAST}.querySelector('.key')")
    await keep(page, "playground-guided.png")


async def forum(page: Browser, page_url: str) -> None:
    """A topic of its own for animals: four at once, to choose from."""
    await page.show_as(1200, 1000)
    await be(page, page_url, ANN, FORUM)
    await page.evaluate(
        "[...document.querySelectorAll('#topics button')]"
        ".find(each => each.innerText.includes('Animals')).click()"
    )
    await ask(page, FOUR_CATS)
    await finished(page)
    await keep(page, "playground-forum.png")


async def inline(page: Browser, page_url: str) -> None:
    """In a chat of others: pictures drawn before, or a new one."""
    await page.show_as(1200, 800)
    await be(page, page_url, ANN, GROUP)
    await page.click("#text")
    await page.type(f"@{await page.evaluate(BOT_NAME)} mushrooms")
    await page.wait_for("document.querySelector('#inline .article')")
    await keep(page, "playground-inline.png")
    await page.evaluate("document.getElementById('text').value = ''")


async def own(page: Browser, page_url: str) -> None:
    """One's own pictures and choices; in the language one reads."""
    await page.show_as(1200, 1000)
    await be(page, page_url, ANN)
    await write(page, "/history")
    await bot_answers(page, DRAWN)
    await keep(page, "playground-history.png")
    await write(page, "/language")
    await key(page, "Русский")
    await write(page, "/settings")
    await bot_answers(page, f"{LAST}.querySelector('.key')")
    await keep(page, "playground-settings.png")
    await write(page, "/language")
    await key(page, "English")


async def admin(page: Browser, page_url: str) -> None:
    """How the bot is, for its owner."""
    await page.show_as(1200, 1000)
    await be(page, page_url, ANN)
    await write(page, "/admin")
    await bot_answers(page, f"{LAST}.querySelector('.key')")
    await keep(page, "playground-admin.png")
    await write(page, "/stats")
    await bot_answers(page, DRAWN)
    await keep(page, "playground-stats.png")


async def group(page: Browser, page_url: str) -> None:
    await page.show_as(390, 560, dark=True)
    await be(page, page_url, ANN, GROUP)
    await write(page, "Who draws us a poster for Friday?")
    await be(page, page_url, BORIS, GROUP)
    await write(page, GROUP_PICTURE)
    await page.wait_for(r"/[2-9]\d %/.test(document.getElementById('messages').innerText)")
    await keep(page, "playground-group-dark.png")


SCENES: dict[str, Callable[[Browser, str], Awaitable[None]]] = {
    "private": private,
    "blend": blend,
    "cancel": cancel,
    "group": group,
    "guided": guided,
    "forum": forum,
    "inline": inline,
    "own": own,
    "admin": admin,
}


async def main() -> None:
    parser = argparse.ArgumentParser(description="Make the README's pictures from a running demo.")
    parser.add_argument("scenes", nargs="*", metavar="scene", help=", ".join(SCENES))
    parser.add_argument("--url", default=f"http://{HOST}:{PORT}/", help="where the demo's page is")
    asked = parser.parse_args()
    if strangers := set(asked.scenes) - set(SCENES):
        parser.error(f"no such scene: {', '.join(sorted(strangers))}")
    with tempfile.TemporaryDirectory() as profile:
        async with browser(Path(profile)) as page:
            for name in asked.scenes or SCENES:
                await SCENES[name](page, asked.url)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
