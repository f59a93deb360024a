"""The demo as a newcomer uses it: the page in a real browser, the real bot behind it."""

from pathlib import Path

import pytest

from providers.testing import FakeProvider, hang
from tests.bot.harness import flow
from tests.fakes.browser import CHROMIUM, Browser, browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]


async def write(page: Browser, text: str) -> None:
    await page.click("#text")
    await page.type(text)
    await page.press("Enter")


async def test_a_command_is_canceled_and_the_next_becomes_a_picture(tmp_path: Path) -> None:
    provider = FakeProvider([hang()])
    async with flow(tmp_path / "bot", provider) as chat, browser(tmp_path / "browser") as page:
        await page.show_as(1200, 760)
        await page.goto(chat.playground.url)
        await write(page, "/imagine a fox in the snow")
        await page.wait_for("document.body.innerText.includes('%')")
        await page.click(".key.danger")
        await page.wait_for("document.body.innerText.includes('It cost you nothing')")
        assert provider.cancels
        await write(page, "/imagine a yellow star over green hills at night --ar 16:9")
        await page.wait_for(
            "[...document.querySelectorAll('.bubble img')].some(i => i.naturalWidth > 0)"
        )
        await page.wait_for("document.body.innerText.includes('16:9')")
        assert page.faults == []
