"""Inline mode on the chat page: typed, found, and sent with one press."""

import asyncio
from typing import Any

import pytest

from bot.playground import ANN, GROUP, Playground
from tests.fakes.browser import CHROMIUM, Browser
from tests.playground.conftest import Client, picture
from tests.playground.pages import has_text, no_sideways_scroll

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
ARTICLE = {
    "type": "article",
    "id": "draw",
    "title": "Draw: a fox",
    "description": "A new picture, for 1 unit",
    "input_message_content": {"message_text": "a fox"},
    "reply_markup": {"inline_keyboard": [[{"text": "Cancel", "callback_data": "c:1"}]]},
}


async def answer(client: Client, playground: Playground, results: list[Any], **more: Any) -> None:
    """The next query for "a fox"; those of its beginnings get nothing."""
    world = playground.world
    async with asyncio.timeout(30):
        while True:
            waiting = [each for each in world.inline_queries.values() if each.answer is None]
            for query in waiting:
                done = query.text == "a fox"
                found = {"results": results, **more} if done else {"results": []}
                await client.ok("answerInlineQuery", inline_query_id=query.id, **found)
                if done:
                    return
            await world.changes.wait()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_results_are_shown_and_sent(
    page: Browser, client: Client, playground: Playground, *, dark: bool
) -> None:
    await playground.start_bot(ANN)
    sent = await client.ok("sendPhoto", chat_id=ANN, photo=picture(640, 480))
    file_id = sent["photo"][-1]["file_id"]
    photos = [{"type": "photo", "id": f"p{n}", "photo_file_id": file_id} for n in range(3)]
    await page.show_as(390 if dark else 1200, 760, dark=dark)
    await page.evaluate(f"document.querySelector('[data-chat=\"{GROUP}\"]').click()")
    await page.wait_for("!document.getElementById('guise').hidden")
    await page.click("#text")
    await page.type("@imagine_bot a fox")
    await answer(client, playground, [ARTICLE, *photos])
    await page.wait_for(has_text("#inline .article", "Draw: a fox"))
    assert await page.evaluate("document.querySelectorAll('#inline .photos img').length") == 3
    assert await no_sideways_scroll(page)
    await page.press("Enter")
    await page.wait_for(has_text(".mine .via", "via @imagine_bot"))
    assert await page.evaluate("document.getElementById('inline').hidden")
    said = playground.messages(GROUP)[-1]
    assert said.text == "a fox" and said.via_bot
    await client.ok(
        "editMessageMedia",
        inline_message_id=said.inline_message_id,
        media={"type": "photo", "media": file_id, "caption": "a fox"},
    )
    await page.wait_for("document.querySelector('.mine .picture img')?.naturalWidth === 640")


async def test_the_button_above_the_results_leads_to_the_bot(
    page: Browser, client: Client, playground: Playground
) -> None:
    await page.click(f'[data-chat="{GROUP}"]')
    await page.click("#text")
    await page.type("@imagine_bot a fox")
    button = {"text": "Draw in private", "start_parameter": "inline"}
    await answer(client, playground, [], button=button)
    await page.click("#inline .above")
    await page.wait_for(has_text(".mine .words", "/start inline"))
