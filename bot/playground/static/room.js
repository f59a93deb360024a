// The open chat: its header and its messages, drawn as they come and changed where they stand.

import { bubbleParts, face } from "./bubble.js";
import { openMenu } from "./deeds.js";
import { $, avatar, dayName, h } from "./dom.js";
import { drawEmpty } from "./empty.js";
import { ready } from "./frames.js";
import { drawMenu, drawNotice } from "./membership.js";
import { actionWords, openChat, store, watch } from "./store.js";

const rows = new Map(); // by message id; the messages of an album share one
let acts = {};
let topic = null;

export function setUpRoom(deeds) {
  acts = deeds;
  watch("room", drawRoom);
  watch("chats", drawState);
  watch("link", drawState);
  watch("message", (chat, message, before) => { if (chat.id === store.open) takeMessage(message, before); });
  watch("deleted", (chat, id) => { if (chat.id === store.open) drawRoom(); });
  $("scroll").addEventListener("scroll", follow, { passive: true });
  $("down").addEventListener("click", () => toBottom("smooth"));
  new ResizeObserver(() => { if (stuck) toBottom(); }).observe($("messages"));
  new ResizeObserver(() => { if (stuck) toBottom(); }).observe($("scroll"));
  $("scroll").addEventListener("keydown", walk);
  $("messages").addEventListener("contextmenu", pickFrom);
}

export const openTopic = () => topic;

let stuck = true;
let drawnChat = 0;
let seen = { top: 0, height: 0 };

// Only a reader's own way up lets go of the newest message; a picture growing under it does not.
function follow() {
  const { scrollTop: top, scrollHeight: height, clientHeight } = $("scroll");
  if (height - top - clientHeight < 60) stuck = true;
  else if (top < seen.top && height === seen.height) stuck = false;
  seen = { top, height };
  $("down").hidden = stuck;
}

export function toBottom(behavior = "instant") {
  stuck = true;
  $("scroll").scrollTo({ top: $("scroll").scrollHeight, behavior });
}

const shown = (chat) => [...chat.messages.values()].filter((each) => !topic || each.topic === topic);

function drawRoom() {
  const chat = openChat();
  if (!chat) return;
  if (drawnChat !== `${store.me}:${chat.id}`) { topic = null; stuck = true; }
  drawnChat = `${store.me}:${chat.id}`;
  $("room").dataset.kind = chat.kind;
  $("head-title").textContent = chat.title;
  $("head-avatar").replaceChildren(avatar(chat.id, chat.title, chat.kind === "private"));
  drawTopics(chat);
  rows.clear();
  $("messages").replaceChildren();
  for (const message of shown(chat)) append(message, false);
  drawMenu(chat);
  drawNotice(chat);
  drawEmpty(chat, acts);
  drawState();
  if (stuck) toBottom();
}

function drawState() {
  const chat = openChat();
  if (!chat) return;
  const live = store.up ? actionWords(chat) : "Reconnecting…";
  $("head-state").textContent = live || (chat.kind === "private" ? `@${store.bot.username} · bot` : `${chat.members} members`);
  $("head-state").className = live ? "live" : "";
}

function drawTopics(chat) {
  $("topics").hidden = !chat.topics.length;
  const choices = [{ id: null, name: "All" }, ...chat.topics];
  $("topics").replaceChildren(...choices.map((each) => h("button", { type: "button", "aria-pressed": String(each.id === topic), onclick: () => { topic = each.id; drawRoom(); } }, each.name)));
}

function takeMessage(message, before) {
  const row = rows.get(message.id);
  if (row && before) return change(row, message, before);
  if (topic && message.topic !== topic) return undefined;
  append(message, true);
  drawEmpty(openChat(), acts);
  if (stuck || message.from.id === store.me) toBottom();
  else $("down").hidden = false;
  return undefined;
}

function append(message, isNew) {
  const list = $("messages");
  const before = list.lastElementChild?.messages?.at(-1);
  if (message.album && before?.album === message.album) return join(list.lastElementChild, message, isNew);
  if (!before || dayName(before.date) !== dayName(message.date)) list.append(h("div", { class: "day" }, dayName(message.date)));
  if (message.service) return list.append(Object.assign(h("div", { class: "service" }, message.service), { messages: [message] }));
  const follows = before && before.from.id === message.from.id && !before.service && message.date - before.date < 300000;
  if (follows) rows.get(before.id)?.classList.remove("last");
  const mine = message.from.id === store.me;
  const looks = [mine && "mine", !follows && "first", message.whisper && "whisper"].filter(Boolean);
  const row = h("div", { class: `row last ${looks.join(" ")}`, tabindex: "-1", "data-message": message.id });
  row.append(mine ? "" : face(message), h("div", { class: "stack" }));
  row.addEventListener("click", () => pick(row));
  row.follows = follows;
  row.messages = [];
  list.append(row);
  return join(row, message, isNew);
}

function join(row, message, isNew) {
  rows.set(message.id, row);
  row.messages.push(message);
  fill(row, isNew);
}

function fill(row, fresh, image = null) {
  const before = new Map([...row.querySelectorAll("[data-picture]")].map((each) => [Number(each.dataset.picture), each.lastElementChild]));
  const look = { fresh, before, image, follows: row.follows };
  row.querySelector(".stack").replaceChildren(...bubbleParts(row.messages, acts, look).filter(Boolean));
}

// A picture is shown once it is loaded; by then a newer one may have come, which is shown instead.
async function change(row, message, before) {
  const becamePicture = message.photo && message.photo.url !== before.photo?.url;
  const image = becamePicture ? await ready(message) : null;
  if (openChat().messages.get(message.id) !== message || !row.isConnected) return;
  row.messages = row.messages.map((each) => (each.id === message.id ? message : each));
  if (becamePicture && !before.photo) drawEmpty(openChat(), acts);
  growing(row, becamePicture ? 380 : 160, () => fill(row, becamePicture, image));
}

const nameOf = (element) => element.getAttribute("aria-label") || element.textContent;

// A status that becomes a picture grows into it instead of jumping.
function growing(row, duration, draw) {
  const old = row.querySelector(".bubble").getBoundingClientRect();
  const focused = row.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  draw();
  if (focused) [...row.querySelectorAll("button")].find((each) => nameOf(each) === focused)?.focus();
  const bubble = row.querySelector(".bubble");
  const now = bubble.getBoundingClientRect();
  if (Math.abs(now.height - old.height) + Math.abs(now.width - old.width) < 4) return;
  const frames = [old, now].map(({ width, height }) => ({ width: `${width}px`, height: `${height}px` }));
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!calm) bubble.animate(frames, { duration, easing: "cubic-bezier(.2,.8,.2,1)" });
}

export function redraw(id) {
  const row = rows.get(id);
  if (row) fill(row, false);
}

export function jump(id) {
  const row = rows.get(id);
  if (!row) return;
  row.scrollIntoView({ block: "center", behavior: "smooth" });
  row.classList.add("found");
  setTimeout(() => row.classList.remove("found"), 1300);
}

// On a touch screen, where nothing hovers, a tap shows what can be done with a message.
function pick(row) {
  if (!matchMedia("(hover: none)").matches) return;
  document.querySelectorAll(".row.picked").forEach((each) => each !== row && each.classList.remove("picked"));
  row.classList.toggle("picked");
}

function pickFrom(event) {
  const row = event.target.closest(".row");
  if (!row || event.target.closest("a, .acts")) return;
  const framed = Number(event.target.closest("[data-picture]")?.dataset.picture);
  openMenu(event, row.messages.find((each) => each.id === framed) || row.messages[0], acts);
}

// Arrows walk through the messages; R replies, Delete removes.
function walk(event) {
  const all = [...new Set(rows.values())];
  const at = all.indexOf(document.activeElement);
  if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const next = at < 0 ? all.length - 1 : at + (event.key === "ArrowUp" ? -1 : 1);
    all[Math.max(0, Math.min(next, all.length - 1))]?.focus();
    event.preventDefault();
  } else if (at >= 0 && event.key.toLowerCase() === "r") {
    acts.reply(all[at].messages[0]);
    event.preventDefault();
  } else if (at >= 0 && event.key === "Delete") {
    acts.remove(all[at].messages[0]);
  }
}
