"""Pictures on the chat page, in a real browser: sent, answered, painted on, and drawn step by step."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bot.playground import ANN, Message, Playground
from tests.fakes.browser import CHROMIUM, Browser
from tests.playground.client import Client
from tests.playground.conftest import picture
from tests.playground.pages import has_text, no_sideways_scroll, write

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
PASTE = """(async () => {
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext('2d').fillRect(0, 0, 9, 9);
  const file = new File([await canvas.convertToBlob()], 'mine.png', {type: 'image/png'});
  const carried = new DataTransfer();
  carried.items.add(file);
  const paste = {clipboardData: carried, bubbles: true, cancelable: true};
  document.getElementById('text').dispatchEvent(new ClipboardEvent('paste', paste));
})()"""
WATCH = """(() => {
  window.seen = [];
  const look = () => {
    const images = [...document.querySelectorAll('[data-message="%d"] .picture img')];
    const box = document.querySelector('[data-message="%d"] .bubble').getBoundingClientRect();
    window.seen.push({
      images: images.length,
      painted: images.length > 0 && images.every((each) => each.complete && each.naturalWidth > 0),
      height: Math.round(box.height), bottom: Math.round(box.bottom),
    });
    requestAnimationFrame(look);
  };
  look();
})()"""  # what every frame shows of a message
SEEN = """new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame)).then(
  () => { const seen = window.seen; window.seen = []; return seen; })"""
VALUE = "document.getElementById('text').value"


def count(selector: str, number: int) -> str:
    return f"document.querySelectorAll({json.dumps(selector)}).length === {number}"


def opened(message: Message) -> Image.Image:
    assert message.photo
    return Image.open(io.BytesIO(message.photo.content)).convert("RGB")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Pictures 40, 41, ... pixels wide on this machine's disk."""
    found = [tmp_path / f"{number}.png" for number in range(12)]
    for number, path in enumerate(found):
        path.write_bytes(picture(40 + number, 30))
    return found


async def sent_by_ann(playground: Playground, number: int) -> list[Message]:
    def all_there() -> list[Message]:
        mine = [each for each in playground.messages(ANN) if each.sender.id == ANN]
        return mine if len(mine) >= number else []

    return await playground.wait_until(all_there)


async def test_chosen_pictures_are_sent_as_an_album(
    page: Browser, playground: Playground, files: list[Path]
) -> None:
    await page.choose("#file", *files[:3])
    await page.wait_for(count("#thumbnails img", 3))
    await page.click('[aria-label="Remove 1.png"]')
    await page.wait_for(count("#thumbnails img", 2))
    await write(page, "/imagine both at once")
    album = await sent_by_ann(playground, 2)
    assert [each.photo and each.photo.width for each in album] == [40, 42]
    assert [each.caption for each in album] == ["/imagine both at once", None]
    assert len({each.media_group_id for each in album} - {None}) == 1
    await page.wait_for(count(".mine .album .picture img", 2))
    assert await page.evaluate(count(".row.mine", 1)), "an album is one bubble"
    assert await page.evaluate("document.getElementById('attachments').hidden")


async def test_a_pasted_and_a_dropped_picture_go_together(
    page: Browser, playground: Playground, files: list[Path]
) -> None:
    await page.evaluate(PASTE)
    await page.wait_for(count("#thumbnails img", 1))
    await page.drop("#scroll", files[0])
    await page.wait_for(count("#thumbnails img", 2))
    assert await page.evaluate("document.getElementById('drop').hidden")
    await page.click("#as-file")
    await write(page, "as they are")
    pasted, dropped = await sent_by_ann(playground, 2)
    assert pasted.document and dropped.document
    assert [each.document and each.document.name for each in (pasted, dropped)] == [
        "mine.png", "0.png",
    ]  # fmt: skip
    assert dropped.document.content == files[0].read_bytes()
    await page.wait_for(count(".mine .paper img", 2))


async def test_at_most_ten_pictures_and_none_refused_is_lost(
    page: Browser, playground: Playground, files: list[Path]
) -> None:
    files[1].write_bytes(b"not a picture")
    await page.choose("#file", *files)
    await page.wait_for(has_text(".toast", "up to 10 pictures"))
    await page.wait_for(count("#thumbnails img", 10))
    assert await no_sideways_scroll(page)
    await page.show_as(360, 740)
    assert await no_sideways_scroll(page)
    await write(page, "all of them")
    await page.wait_for(has_text(".toast", "IMAGE_PROCESS_FAILED"))
    await page.wait_for(count("#thumbnails img", 10))
    assert await page.evaluate(VALUE) == "all of them"
    await page.click('[aria-label="Remove 1.png"]')
    await page.click("#send")
    assert len(await sent_by_ann(playground, 9)) == 9
    await page.wait_for(count(".mine .album .picture img", 9))
    assert await no_sideways_scroll(page)
    page.faults.clear()  # the refusal


async def test_a_reply_and_its_picture_are_taken_back_each_by_itself(
    page: Browser, playground: Playground, files: list[Path]
) -> None:
    await write(page, "first words")
    await page.click(".row.mine .bubble", button="right")
    await page.wait_for("document.activeElement?.getAttribute('role') === 'menuitem'")
    await page.press("Escape")
    await page.wait_for("document.getElementById('message-menu').hidden")
    await page.click(".row.mine .bubble", button="right")
    await page.click("#message-menu button")
    await page.wait_for(has_text("#context", "Reply to Ann"))
    await page.choose("#file", files[0])
    await page.wait_for(count("#thumbnails img", 1))
    await page.click('[aria-label="Cancel the reply"]')
    await page.wait_for("document.getElementById('context').hidden")
    await page.click(".row.mine .acts [aria-label=Reply]")
    assert await page.evaluate(count("#thumbnails img", 1))
    await page.press("Enter")
    first, second = await sent_by_ann(playground, 2)
    assert second.reply_to_message_id == first.message_id and second.photo
    await page.wait_for(has_text(".mine .quote", "first words"))


async def drawn(client: Client, playground: Playground, page: Browser) -> int:
    """The id of a message in which the bot shows a picture."""
    await playground.send(ANN, ANN, "/start")
    sent = await client.ok("sendPhoto", chat_id=ANN, photo=picture(400, 300), caption="teal")
    await page.wait_for("document.querySelector('.picture img')?.naturalWidth === 400")
    return int(sent["message_id"])


async def test_a_picture_is_painted_on_and_sent_as_a_mask(
    page: Browser, client: Client, playground: Playground
) -> None:
    shown = await drawn(client, playground, page)
    await page.click(f'[data-message="{shown}"] .acts [aria-label=Paint]')
    await page.wait_for("document.getElementById('painter').open")
    assert await page.evaluate("document.getElementById('painter-done').disabled")
    await page.drag("#painter-canvas", (40, 0), (40, 20))
    await page.drag("#painter-canvas", (0, 150))
    await page.press("z", ctrl=True)
    await page.click("#painter-done")
    await page.wait_for(count("#thumbnails img", 1))
    assert await page.evaluate(VALUE) == "/imagine  --mask"
    await page.type("a red hat")
    await page.press("Enter")
    mask = (await sent_by_ann(playground, 2))[-1]
    assert (mask.caption, mask.reply_to_message_id) == ("/imagine a red hat --mask", shown)
    await page.wait_for(count(".mine .quote img", 1))
    before = next(each for each in playground.messages(ANN) if each.message_id == shown)
    strokes = ImageChops.difference(opened(before), opened(mask)).convert("L")
    box = strokes.point(lambda value: 255 * (value > 60)).getbbox()
    assert box
    left, top, right, bottom = box
    assert 150 < left < 200 < right < 300, "one stroke from the middle to the right"
    assert 100 < top < 150 < bottom < 200, "and the one downwards was taken back"


async def test_painting_by_keys(page: Browser, client: Client, playground: Playground) -> None:
    await drawn(client, playground, page)
    await page.click(".picture")
    await page.click("#lightbox-paint")
    await page.wait_for("document.activeElement?.id === 'painter-canvas'")
    painted = "!document.getElementById('painter-done').disabled"
    for key in (" ", "ArrowRight", "ArrowDown", "]", "ArrowLeft", " ", "ArrowUp"):
        await page.press(key)
    assert await page.evaluate(painted)
    await page.press("z", ctrl=True)
    assert not await page.evaluate(painted)
    await page.press(" ")
    await page.click("#painter-clear")
    assert not await page.evaluate(painted)
    await page.press("Escape")
    await page.wait_for("!document.getElementById('painter').open")
    assert await page.evaluate(count("#thumbnails img", 0))


async def test_previews_follow_each_other_without_a_blink_or_a_jump(
    page: Browser, client: Client, playground: Playground
) -> None:
    for number in range(8):
        await playground.send(ANN, ANN, f"hello {number}")
    sent = await client.ok("sendMessage", chat_id=ANN, text="Queued")
    number = sent["message_id"]
    await page.wait_for(has_text(".words", "Queued"))
    await page.call(
        "Network.emulateNetworkConditions",
        offline=False, latency=150, downloadThroughput=-1, uploadThroughput=-1,
    )  # fmt: skip
    await page.evaluate(WATCH % (number, number))
    phases = []
    for step, side in enumerate((500, 520, 540)):
        media = f'{{"type":"photo","media":"attach://f","caption":"step {step}"}}'
        where = {"chat_id": ANN, "message_id": number}
        await client.ok("editMessageMedia", **where, media=media, f=picture(side, side))
        top = f'[data-message="{number}"] .picture img:last-child'
        await page.wait_for(f"document.querySelector({json.dumps(top)})?.naturalWidth === {side}")
        await page.wait_for("document.getAnimations().every(e => e.playState !== 'running')")
        phases.append(await page.evaluate(SEEN))
    await page.wait_for(count(".picture img", 1))
    growing, *fading = phases
    painted = [frame["painted"] for frame in growing]
    assert painted == sorted(painted) and painted[-1], "once there is a picture, there is one"
    heights = [frame["height"] for frame in growing]
    assert heights == sorted(heights), "it grows once, from words to the picture"
    still = {"painted": True, "height": heights[-1], "bottom": growing[-1]["bottom"]}
    for phase in fading:
        assert 2 in [frame.pop("images") for frame in phase], "one fades in over the other"
        assert all(frame == still for frame in phase)


async def test_a_new_caption_keeps_the_image_on_screen(
    page: Browser, client: Client, playground: Playground
) -> None:
    shown = await drawn(client, playground, page)
    await page.evaluate("window.image = document.querySelector('.picture img')")
    await client.ok("editMessageCaption", chat_id=ANN, message_id=shown, caption="more teal")
    await page.wait_for(has_text(".words", "more teal"))
    assert await page.evaluate("window.image === document.querySelector('.picture img')")
