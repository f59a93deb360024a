"""The chat page in a real browser, with a scripted bot behind the real Bot API."""

import pytest

from bot.playground import ANN, BORIS, GROUP, Playground
from tests.fakes.browser import CHROMIUM, Browser
from tests.playground.conftest import Client, picture
from tests.playground.echo_bot import EchoBot
from tests.playground.pages import has_text, no_sideways_scroll, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
ASK = "/imagine a yellow star over green hills"


async def test_a_request_is_canceled_by_its_button(page: Browser, playground: Playground) -> None:
    await page.click(".start")
    await page.wait_for(has_text(".words", "/imagine"))
    await write(page, ASK)
    await page.wait_for(has_text(".bubble", "Queued"))
    await page.click(".key.danger")
    await page.wait_for(has_text(".toast", "Canceled"))
    await page.wait_for(has_text(".bubble", "nothing was charged"))
    assert await page.evaluate("document.querySelectorAll('.key').length") == 0
    assert playground.messages(ANN)[-1].text == "Canceled, nothing was charged."


async def test_a_pressed_button_waits_for_the_bots_answer(
    page: Browser, client: Client, playground: Playground
) -> None:
    await playground.send(ANN, ANN, "hello")
    await page.wait_for("document.querySelectorAll('.row').length === 2")
    keys = {"inline_keyboard": [[{"text": "Slow", "callback_data": "slow"}]]}
    await client.ok("sendMessage", chat_id=ANN, text="Press", reply_markup=keys)
    await page.click(".key")
    await page.wait_for("document.querySelector('.key:disabled .spin')")
    query = next(iter(playground.world.queries))
    await client("answerCallbackQuery", callback_query_id=query, text="Done", show_alert=True)
    await page.wait_for("document.getElementById('alert').open")
    await page.wait_for("document.querySelector('.key:not(:disabled)')")


async def test_the_queued_message_becomes_the_picture(page: Browser, bot: EchoBot) -> None:
    await write(page, ASK)
    await page.wait_for(has_text(".bubble", "Queued"))
    rows = await page.evaluate("document.querySelectorAll('.row').length")
    bot.go.set()
    await page.wait_for("document.querySelector('.picture img')?.naturalWidth === 640")
    assert await page.evaluate("document.querySelectorAll('.row').length") == rows
    assert await page.evaluate("document.querySelector('.words em').textContent") == (
        "kandinsky-2.2 · seed 42 · 1.2 s"
    )
    await page.click(".picture")
    await page.wait_for("document.getElementById('lightbox').open")
    assert await page.evaluate("document.getElementById('lightbox-picture').naturalWidth") == 640
    await page.press("Escape")
    await page.wait_for("!document.getElementById('lightbox').open")


async def test_the_newest_message_stays_in_view_while_it_becomes_a_picture(
    page: Browser, bot: EchoBot, playground: Playground
) -> None:
    bot.drawn = picture(400, 800)  # grows by more than the page's tolerance within one frame
    for number in range(12):
        await playground.send(ANN, ANN, f"hello {number}")
    await write(page, ASK)
    await page.wait_for(has_text(".bubble", "Queued"))
    bot.go.set()
    await page.wait_for("document.querySelector('.picture img')?.naturalWidth === 400")
    await page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
    left = "(e => e.scrollHeight - e.scrollTop - e.clientHeight)(document.getElementById('scroll'))"
    assert await page.evaluate(f"new Promise(requestAnimationFrame).then(() => {left})") < 2
    await page.evaluate("document.getElementById('scroll').scrollTop -= 300")
    await page.wait_for("!document.getElementById('down').hidden")  # who reads above is let go


async def test_hints_and_the_command_menu_write_for_the_newcomer(page: Browser) -> None:
    await page.click(".hint")
    value = "document.getElementById('text').value"
    assert (await page.evaluate(value)).startswith("/imagine a yellow star")
    await page.evaluate("document.getElementById('text').value = ''")
    await page.type("/q")
    await page.wait_for(has_text("#commands li", "How much is left today"))
    await page.press("Tab")
    assert await page.evaluate(value) == "/quota "


async def test_what_people_write_is_never_markup(page: Browser, playground: Playground) -> None:
    nasty = "<img src=x onerror=alert(1)> <script>alert(2)</script> javascript:alert(3)"
    await write(page, nasty)
    await page.wait_for(has_text(".words", "onerror"))
    assert await page.evaluate("document.querySelectorAll('.words img, .words script').length") == 0
    await playground.wait_until(lambda: len(playground.messages(ANN)) == 2)
    assert playground.messages(ANN)[0].text == nasty


async def test_a_reply_quotes_and_leads_back(page: Browser, playground: Playground) -> None:
    await write(page, "first words")
    await page.wait_for("document.querySelectorAll('.row').length === 2")
    await page.click(".row .acts [aria-label=Reply]")
    await page.wait_for(has_text("#context", "Reply to Ann"))
    await write(page, "second words")
    await page.wait_for(has_text(".mine .quote", "first words"))
    assert playground.messages(ANN)[-2].reply_to_message_id == 1
    await page.click(".mine .quote")
    await page.wait_for("document.querySelector('.row.found')?.dataset.message === '1'")


async def test_the_group_as_several_people_see_it(page: Browser, playground: Playground) -> None:
    await page.click(f'[data-chat="{GROUP}"]')
    await page.click("#notice button")
    await playground.wait_until(lambda: playground.world.chats[GROUP].has(playground.world.bot.id))
    await page.wait_for("document.getElementById('notice').hidden")
    await page.click(f'[data-chat="{ANN}"]')
    await playground.send(BORIS, GROUP, "hello, all")
    await page.wait_for(has_text(".badge", "1"))
    await page.click(f'[data-chat="{GROUP}"]')
    await page.wait_for(has_text(".author", "Boris"))
    await page.wait_for("!document.querySelector('.badge')")
    await page.click(f'[data-user="{BORIS}"]')
    await page.wait_for(has_text(".mine .words", "hello, all"))


async def test_buttons_that_copy_and_links_that_start(
    page: Browser, client: Client, playground: Playground
) -> None:
    await playground.send(ANN, ANN, "hello")
    keys = [
        [{"text": "Seed", "copy_text": {"text": "42"}, "style": "success"}],
        [{"text": "Open", "url": "https://t.me/imagine_bot?start=from_a_group"}],
    ]
    await client.ok(
        "sendMessage", chat_id=ANN, text="Press", reply_markup={"inline_keyboard": keys}
    )
    await page.click(".key.success")
    await page.wait_for(has_text(".toast", "Copied"))
    await page.click(".keys:last-child .key")
    await page.wait_for(has_text(".mine .words", "/start from_a_group"))


async def test_a_question_is_answered_as_a_reply(
    page: Browser, client: Client, playground: Playground
) -> None:
    await playground.send(ANN, ANN, "hello")
    await page.wait_for("document.querySelectorAll('.row').length === 2")
    markup = {"force_reply": True, "input_field_placeholder": "In other words"}
    await client.ok("sendMessage", chat_id=ANN, text="How then?", reply_markup=markup)
    await page.wait_for(has_text("#context", "How then?"))
    placeholder = "document.getElementById('text').placeholder"
    assert await page.evaluate(placeholder) == "In other words"
    await write(page, "a wolf")
    await page.wait_for(has_text(".mine .quote", "How then?"))


async def test_a_persons_language_and_their_guises(page: Browser, playground: Playground) -> None:
    await page.click("#language")
    await page.wait_for("document.getElementById('language').textContent === 'ru'")
    assert playground.world.users[ANN].language_code == "ru"
    assert await page.evaluate("document.getElementById('guise').hidden")
    await page.click(f'[data-chat="{GROUP}"]')
    await page.wait_for("!document.getElementById('guise').hidden")
    await page.evaluate(f"document.getElementById('guise').value = '{GROUP}'")
    await write(page, "from nobody")
    await page.wait_for(has_text(".author", "Picture club"))
    assert playground.messages(GROUP)[-1].sender_chat_id == GROUP


async def test_what_one_person_alone_sees_says_so(
    page: Browser, client: Client, playground: Playground
) -> None:
    await playground.add_bot(GROUP, by=ANN, status="administrator")
    await page.click(f'[data-chat="{GROUP}"]')
    for person in (ANN, BORIS):
        to = {"receiver_user_id": person}
        words = f"psst {person}"
        await client.ok("sendMessage", chat_id=GROUP, text=words, ephemeral_message_parameters=to)
    await page.wait_for(has_text(".whisper .words", f"psst {ANN}"))
    await page.wait_for(has_text(".whisper .whispered", "Only you can see this"))
    assert not await page.evaluate(has_text(".words", f"psst {BORIS}"))
    await page.click(f'[data-user="{BORIS}"]')
    await page.wait_for(has_text(".whisper .words", f"psst {BORIS}"))


async def test_the_page_catches_up_after_the_line_was_cut(
    page: Browser, playground: Playground
) -> None:
    await page.call(
        "Network.emulateNetworkConditions",
        offline=True, latency=0, downloadThroughput=0, uploadThroughput=0,
    )  # fmt: skip
    await write(page, "unheard")
    await page.wait_for(has_text(".toast", "does not answer"))
    await playground.send(ANN, ANN, "sent meanwhile")
    await page.call(
        "Network.emulateNetworkConditions",
        offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1,
    )  # fmt: skip
    await page.goto(playground.url)
    await page.wait_for(has_text(".words", "sent meanwhile"))
    page.faults.clear()


async def test_it_fits_every_screen_and_follows_its_colours(page: Browser, bot: EchoBot) -> None:
    bot.go.set()
    await write(page, ASK + " and a very long river --ar 16:9 --style watercolor")
    await page.wait_for("document.querySelector('.picture img')?.naturalWidth === 640")
    for width, theme in ((1200, "light"), (1200, "dark"), (390, "dark"), (360, "light")):
        await page.show_as(width, 740, dark=theme == "dark")
        await page.wait_for(f"document.documentElement.dataset.theme === '{theme}'")
        assert await no_sideways_scroll(page)
        assert await page.evaluate("document.getElementById('text').offsetHeight") >= 38
        back = "getComputedStyle(document.getElementById('back')).display !== 'none'"
        assert await page.evaluate(back) is (width < 760)
