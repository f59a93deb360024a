// What a chat says before anything is said, and what a newcomer may try.

import { $, avatar, h } from "./dom.js";
import { store } from "./store.js";
import { unbroken } from "./text.js";

const EXAMPLES = [
  "/imagine a yellow star over green hills at night --ar 16:9",
  "/imagine a fox in the snow --style anime",
  "/imagine a red circle on a white table --seed 7",
];
const FEW = 3; // messages after which, as after a request, nobody is a newcomer

export function drawEmpty(chat, acts) {
  const none = chat.messages.size === 0;
  const fresh = chat.messages.size <= FEW && ![...chat.messages.values()].some(asks);
  $("empty").hidden = !fresh;
  $("empty").className = none ? "" : "after";
  $("empty").replaceChildren(...(none ? welcome(chat, acts) : []), ...(fresh && listens(chat) ? [hints(acts)] : []));
}

const asks = ({ photo, text }) => photo || /^\/imagine\S*\s/.test(text);
const listens = (chat) => (chat.kind === "private" ? chat.bot !== "kicked" : ["member", "administrator"].includes(chat.bot));

function welcome(chat, acts) {
  const group = chat.kind !== "private";
  const words = group
    ? `A group for trying the bot among others. ${listens(chat) ? "Ask" : "Add the bot, and ask"} for a picture.`
    : store.about || `Say hello to ${store.bot.name}: it turns words into pictures.`;
  const start = h("button", { class: "start", type: "button", onclick: () => acts.command("/start") }, "Start");
  return [avatar(chat.id, chat.title, !group), h("h3", {}, chat.title), h("p", {}, words), group ? "" : start];
}

function hints(acts) {
  const hint = (example) => {
    const [command, ...rest] = example.split(" ");
    return h("button", { class: "hint", type: "button", onclick: () => acts.suggest(example) }, h("em", {}, command), " ", ...unbroken(rest.join(" ")));
  };
  return h("div", { class: "hints" }, h("h4", {}, "Try one of these"), ...EXAMPLES.map(hint));
}
