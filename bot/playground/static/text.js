// Telegram's text with entities, as DOM nodes. Offsets are UTF-16 units, as JavaScript's own are.

import { h } from "./dom.js";
import { store } from "./store.js";

const SAFE_LINK = /^(https?|tg):\/\//i;
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote", expandable_blockquote: "blockquote" };

export function formatted(text, entities, acts) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return span(text, 0, text.length, sorted, acts);
}

// An option stays on one line: "--" at a line's end and "seed 7" on the next is hard to read.
export function unbroken(text) {
  return text.split(/(?<!\S)(--[a-z]+)/i).map((part, index) => (index % 2 ? h("span", { class: "option" }, part) : part));
}

function span(text, start, end, entities, acts) {
  const nodes = [];
  let at = start;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    if (entity.offset < at || entity.offset >= end) continue;
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset > at) nodes.push(...unbroken(text.slice(at, entity.offset)));
    const inside = span(text, entity.offset, stop, entities.slice(i + 1), acts);
    nodes.push(wrapped(entity, text.slice(entity.offset, stop), inside, acts));
    at = stop;
  }
  if (at < end) nodes.push(...unbroken(text.slice(at, end)));
  return nodes;
}

function wrapped(entity, words, inside, acts) {
  if (TAGS[entity.type]) return h(TAGS[entity.type], {}, ...inside);
  if (entity.type === "text_link") return link(entity.url, inside, acts);
  if (entity.type === "url") return link(words, inside, acts);
  if (entity.type === "mention") return h("a", {}, ...inside);
  if (entity.type === "bot_command") {
    return h("button", { class: "command", type: "button", onclick: () => acts.command(words) }, words);
  }
  if (entity.type === "spoiler") {
    const show = (event) => event.currentTarget.classList.add("shown");
    return h("span", { class: "spoiler", role: "button", tabindex: "0", onclick: show, onkeydown: show }, ...inside);
  }
  return h("span", {}, ...inside);
}

// A link to the bot itself opens it here: https://core.telegram.org/bots/features#deep-linking
export function startPayload(url) {
  const [, bot, payload] = /^(?:https?:\/\/t\.me\/|tg:\/\/resolve\?domain=)(\w+)[?&]start=([\w-]*)$/i.exec(url) || [];
  return bot?.toLowerCase() === store.bot.username?.toLowerCase() ? payload : null;
}

function link(url, inside, acts) {
  const payload = startPayload(url);
  if (payload !== null) return h("button", { class: "command", type: "button", onclick: () => acts.start(payload) }, ...inside);
  if (!SAFE_LINK.test(url)) return h("span", {}, ...inside);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...inside);
}
