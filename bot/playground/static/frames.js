// The pictures of a message: one in its shape, several as an album's rows, each fading into the next.

import { h } from "./dom.js";

const MAX_WIDTH = 460;
const MAX_HEIGHT = 460;
const MIN_WIDTH = 250; // of a bubble with a caption to read
const MAX_ENLARGEMENT = 4;
const ROWS = { 2: [2], 3: [1, 2], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [2, 2, 3], 8: [2, 3, 3], 9: [3, 3, 3], 10: [3, 3, 4] };

export function bubbleWidth(messages) {
  return messages.length > 1 ? MAX_WIDTH : shownSize(messages[0].photo).width;
}

// The message's image, decoded: put on the page, it is there without a blank moment.
export async function ready(message) {
  const image = imageOf(message);
  await image.decode().catch(() => {}); // a picture that is gone shows its words
  return image;
}

const imageOf = ({ photo, text }) => h("img", { src: photo.url, alt: text || photo.name, draggable: "false" });

// `acts` has enlarge; `look` is as for the whole bubble.
export function pictures(messages, acts, look) {
  const framed = messages.map((message) => frame(message, acts, look));
  if (framed.length > 1) return album(messages, framed);
  framed[0].style.aspectRatio = shownSize(messages[0].photo).ratio;
  return framed[0];
}

function shownSize({ width, height }) {
  const scale = Math.min(MAX_WIDTH / width, MAX_HEIGHT / height, MAX_ENLARGEMENT);
  const shown = Math.max(MIN_WIDTH, Math.round(width * scale));
  return { width: shown, ratio: `${shown} / ${Math.min(MAX_HEIGHT, Math.round((shown * height) / width))}` };
}

function frame(message, acts, look) {
  const { spoiler } = message.photo;
  const name = `Picture${message.text ? `: ${message.text}` : ""}. Open full size`;
  const element = h("button", { class: `picture${spoiler ? " hidden-by-spoiler" : ""}`, type: "button", "aria-label": name, "data-picture": message.id });
  element.append(...images(message, look));
  element.addEventListener("click", () => {
    if (element.classList.contains("hidden-by-spoiler")) element.classList.remove("hidden-by-spoiler");
    else acts.enlarge(message);
  });
  return element;
}

// The same picture keeps its element, which would blink otherwise; another fades in over it.
function images(message, look) {
  const before = look.before.get(message.id);
  const wanted = (image) => image?.getAttribute("src") === message.photo.url;
  if (wanted(before)) {
    before.className = "";
    return [before];
  }
  const image = wanted(look.image) ? look.image : imageOf(message);
  if (!before) {
    image.classList.toggle("fresh", look.fresh);
    return [image];
  }
  image.className = "fading-in";
  image.addEventListener("animationend", () => before.remove());
  before.className = "below";
  return [before, image];
}

function album(messages, framed) {
  const ratios = messages.map(({ photo }) => Math.min(2, Math.max(0.6, photo.width / photo.height)));
  const wide = ratios.length === 2 && ratios.every((ratio) => ratio > 1.3);
  const rows = wide ? [1, 1] : ROWS[framed.length] || framed.map(() => 1);
  let next = 0;
  return h("div", { class: "album" }, ...rows.map((count) => {
    const from = next;
    next += count;
    return albumRow(framed.slice(from, next), ratios.slice(from, next));
  }));
}

function albumRow(framed, ratios) {
  const row = h("div", { class: "album-row" }, ...framed);
  row.style.aspectRatio = Math.max(1.2, ratios.reduce((sum, ratio) => sum + ratio, 0));
  framed.forEach((each, index) => { each.style.flexGrow = ratios[index]; });
  return row;
}
