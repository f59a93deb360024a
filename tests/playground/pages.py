"""What tests do with the chat page, and ask of it."""

import json

from tests.fakes.browser import Browser


async def write(page: Browser, text: str) -> None:
    await page.click("#text")
    await page.type(text)
    await page.press("Enter")


def has_text(selector: str, text: str) -> str:
    return (
        f"[...document.querySelectorAll({json.dumps(selector)})]"
        f".some(each => each.textContent.includes({json.dumps(text)}))"
    )


async def no_sideways_scroll(page: Browser) -> bool:
    wide = "[document.documentElement, document.getElementById('scroll')]"
    return bool(await page.evaluate(f"{wide}.every(e => e.scrollWidth <= e.clientWidth)"))
