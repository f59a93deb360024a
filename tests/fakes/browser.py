"""A real browser, driven over the Chrome DevTools Protocol: Debian's chromium, headless."""

import asyncio
import base64
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--hide-scrollbars",
    "--disable-dev-shm-usage",
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4",
]  # the last one: there is a mouse
KEYS = {
    "Enter": 13, "Escape": 27, "Tab": 9, " ": 32,
    "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
}  # fmt: skip
POLL = (
    "new Promise(done => { const look = () => (%s) ? done(true) : setTimeout(look, 20); look() })"
)

STILL = """(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let before = '', now = null; ; before = now) {
    const element = document.querySelector(%s);
    element.scrollIntoView({block: 'nearest', behavior: 'instant'});
    await frame(); await frame(); await frame();
    const box = element.getBoundingClientRect();
    now = JSON.stringify(box);
    if (now === before) return [box.x + box.width / 2, box.y + box.height / 2];
  }
})()"""  # the middle of an element that has come to rest


class Browser:
    """One tab. Selectors are CSS; `faults` collects what the page threw or logged as an error."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session: str | None = None
        self.faults: list[str] = []
        self.requested: list[str] = []

    async def open_tab(self) -> None:
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")

    async def listen(self) -> None:
        async for message in self._socket:
            news = json.loads(message.data)
            waiter = self._waiting.pop(news.get("id", 0), None)
            if waiter and not waiter.done():
                waiter.set_result(news)
            self._note(news.get("method", ""), news.get("params", {}))

    def _note(self, event: str, facts: dict[str, Any]) -> None:
        if event == "Runtime.exceptionThrown":
            self.faults.append(json.dumps(facts["exceptionDetails"])[:600])
        elif event == "Log.entryAdded" and facts["entry"]["level"] == "error":
            self.faults.append(f"{facts['entry']['text']} {facts['entry'].get('url', '')}")
        elif event == "Network.requestWillBeSent":
            self.requested.append(facts["request"]["url"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._ids)
        waiter = self._waiting[number] = asyncio.get_running_loop().create_future()
        order: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        await self._socket.send_json(order)
        async with asyncio.timeout(90):
            answer = await waiter
        assert "error" not in answer, answer["error"]
        result: dict[str, Any] = answer["result"]
        return result

    async def goto(self, url: str) -> None:
        await self.call("Page.navigate", url=url)
        await self.wait_for("document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def wait_for(self, condition: str) -> None:
        """Until the JavaScript `condition` holds; a navigation meanwhile starts the wait afresh."""
        async with asyncio.timeout(90):
            while not await self.evaluate(POLL % condition):
                pass

    async def click(self, selector: str, *, button: str = "left") -> None:
        """A real mouse click in the middle of the first match, scrolled into view."""
        x, y = await self._middle(selector)
        await self._mouse("mouseMoved", x, y)
        await self.evaluate("new Promise(requestAnimationFrame)")  # what hovering reveals is there
        for kind in ("mousePressed", "mouseReleased"):
            await self._mouse(kind, x, y, button=button, clickCount=1)

    async def leave(self) -> None:
        """The mouse hovers over nothing."""
        await self._mouse("mouseMoved", 0, 0)

    async def drag(self, selector: str, *steps: tuple[float, float]) -> None:
        """Press in the middle of the first match, move by each step in pixels, let go."""
        x, y = await self._middle(selector)
        await self._mouse("mouseMoved", x, y)
        await self._mouse("mousePressed", x, y, button="left", buttons=1, clickCount=1)
        for right, down in steps:
            x, y = x + right, y + down
            await self._mouse("mouseMoved", x, y, button="left", buttons=1)
        await self._mouse("mouseReleased", x, y, button="left", clickCount=1)

    async def drop(self, selector: str, *files: Path) -> None:
        """Files dragged from elsewhere and let go over the first match."""
        x, y = await self._middle(selector)
        paths = [str(each) for each in files]
        data = {"items": [], "files": paths, "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            await self.call("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    async def choose(self, selector: str, *files: Path) -> None:
        """Files chosen in the dialog that a file input opens."""
        document = await self.call("DOM.getDocument")
        found = await self.call(
            "DOM.querySelector", nodeId=document["root"]["nodeId"], selector=selector
        )
        await self.call(
            "DOM.setFileInputFiles", nodeId=found["nodeId"], files=[str(each) for each in files]
        )

    async def _middle(self, selector: str) -> tuple[float, float]:
        found = json.dumps(selector)
        await self.wait_for(f"document.querySelector({found})")
        x, y = await self.evaluate(STILL % found)
        return x, y

    async def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, *, ctrl: bool = False) -> None:
        facts = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS.get(key, 0)}
        facts["modifiers"] = 2 if ctrl else 0
        text = {"text": "\r"} if key == "Enter" else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **facts, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    async def show_as(self, width: int, height: int, *, dark: bool = False) -> None:
        """The window's size in CSS pixels, and the system's colours."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def screenshot(self) -> bytes:
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Browser]:
    """A fresh chromium with its files under `profile`, gone at the end of the block."""
    assert CHROMIUM
    process = await asyncio.create_subprocess_exec(
        CHROMIUM, *FLAGS, f"--user-data-dir={profile}", stderr=asyncio.subprocess.PIPE
    )
    try:
        address = await _address(process)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(address, max_msg_size=0) as socket,
            asyncio.TaskGroup() as group,
        ):
            tab = Browser(socket)
            listener = group.create_task(tab.listen())
            try:
                await tab.open_tab()
                yield tab
            finally:
                listener.cancel()
    finally:
        process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async with asyncio.timeout(90):
        async for line in process.stderr:
            if b"DevTools listening on " in line:
                return line.decode().partition("listening on ")[2].strip()
    raise AssertionError("chromium ended before it listened")
