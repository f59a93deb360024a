// One message as it looks, or an album's several: author, quote, pictures, text, time, and buttons.

import { avatar, clockTime, h, icon, tone } from "./dom.js";
import { toolbar } from "./deeds.js";
import { bubbleWidth, pictures } from "./frames.js";
import { openChat, store, summary } from "./store.js";
import { formatted, startPayload } from "./text.js";

// `acts` are the deeds a message offers: press, reply, paint, copy, edit, remove, enlarge, jump,
// command, start. `look` says whether it is fresh and whether it follows its author's last, and has what is
// at hand: the images on screen before, by message, and a decoded one.
export function bubbleParts(messages, acts, look) {
  const [first] = messages;
  const said = messages.find((each) => each.text) || first;
  const seen = messages.filter((each) => each.photo);
  const chat = openChat();
  const mine = first.from.id === store.me;
  const named = chat.kind !== "private" && !mine && !look.follows;
  const above = said.above && seen.length > 0;
  const parts = [
    named || first.via ? author(first, named) : null,
    first.whisper ? h("div", { class: "whispered" }, icon("eye"), "Only you can see this") : null,
    quote(chat, first, acts),
    above ? words(said, acts) : null,
    seen.length ? pictures(seen, acts, look) : null,
    ...messages.filter((each) => each.document).map((each) => paper(each.document)),
    said.text && !above ? words(said, acts) : null,
    when(said),
  ];
  return [bubble(said, seen, parts), keyboard(first, seen, acts), reaction(first), toolbar(first, acts, messages.length > 1)];
}

function author(message, named) {
  const tint = named ? `name${message.from.bot ? 0 : tone(message.from.id)}` : "";
  const via = message.via ? h("span", { class: "via" }, `via @${message.via}`) : null;
  return h("div", { class: `author ${tint}` }, named ? message.from.name : null, via);
}

function bubble(message, seen, parts) {
  const bare = seen.length && (!message.text || message.above);
  const element = h("div", { class: `bubble${bare ? " bare" : ""}${changedByHand(message) ? " edited" : ""}` }, ...parts.filter(Boolean));
  if (seen.length) element.style.width = `${bubbleWidth(seen)}px`;
  return element;
}

function quote(chat, message, acts) {
  if (!message.reply_to || message.reply_to === message.topic) return null;
  const target = chat.messages.get(message.reply_to);
  if (!target) return h("div", { class: "quote" }, h("b", {}, "Deleted message"));
  return h(
    "button",
    { class: "quote", type: "button", onclick: () => acts.jump(target.id) },
    target.photo ? h("img", { src: target.photo.url, alt: "" }) : null,
    h("b", {}, target.from.name), h("span", {}, summary(target)),
  );
}

function words(message, acts) {
  return h("div", { class: "words" }, ...formatted(message.text, message.entities, acts), h("span", { class: "when-space" }));
}

function when(message) {
  return h("time", { class: "when" }, `${changedByHand(message) ? "edited " : ""}${clockTime(message.date)}`);
}

// A bot's edits are its way of reporting progress, and not worth a word.
const changedByHand = (message) => message.edits > 0 && !message.from.bot && !message.via;

function paper({ url, name, size, thumbnail }) {
  const units = size < 1024 ? `${size} B` : size < 1048576 ? `${(size / 1024).toFixed(0)} KB` : `${(size / 1048576).toFixed(1)} MB`;
  return h("a", { class: "paper", href: url, download: name }, thumbnail ? h("img", { src: thumbnail, alt: "" }) : h("i", {}, icon("file")), h("div", {}, h("b", {}, name), h("small", {}, units)));
}

function keyboard(message, seen, acts) {
  if (!message.buttons.length) return null;
  const rows = message.buttons.map((row) => h("div", { class: "keys" }, ...row.map((button) => key(message, button, acts))));
  const element = h("div", { class: "keyboard" }, ...rows);
  if (seen.length) element.style.width = `${bubbleWidth(seen)}px`;
  return element;
}

function key(message, button, acts) {
  const look = `key ${button.style || ""}`;
  const payload = button.url ? startPayload(button.url) : null;
  if (payload !== null) return h("button", { class: look, type: "button", onclick: () => acts.start(payload) }, button.text, icon("link"));
  if (button.url) return h("a", { class: look, href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text, icon("link"));
  const waiting = acts.isWaiting(message.id, button.callback_data);
  return h(
    "button",
    { class: look, type: "button", disabled: button.disabled || waiting, onclick: () => acts.press(message, button) },
    waiting ? h("span", { class: "spin", "aria-label": "Waiting" }) : null,
    button.text,
    button.copy ? icon("copy") : null,
  );
}

function reaction(message) {
  return message.reaction ? h("span", { class: "reaction" }, message.reaction) : null;
}

export const face = (message) => avatar(message.from.id, message.from.name, message.from.bot);
