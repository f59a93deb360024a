// The list of chats, and who you are.

import { $, avatar, clockTime, h } from "./dom.js";
import { post } from "./server.js";
import { actionWords, become, lastMessage, show, store, summary, watch } from "./store.js";
import { toast } from "./toast.js";

const NEXT_LANGUAGE = { en: "ru", ru: "en" };

export function setUpSidebar(enterRoom) {
  watch("chats", () => { drawPeople(); drawChats(enterRoom); });
  $("language").addEventListener("click", switchLanguage);
  watch("room", () => { drawPeople(); drawChats(enterRoom); });
  watch("link", () => { $("link-state").textContent = store.up ? "" : "Reconnecting…"; });
}

const self = () => store.people.find((person) => person.id === store.me);

function switchLanguage() {
  const language = NEXT_LANGUAGE[self().language] || "en";
  post("language", { user: store.me, language }).catch(toast);
}

function drawLanguage() {
  const { name, language } = self();
  $("language").textContent = language;
  $("language").title = `${name}'s Telegram speaks ${language}; switch it`;
  $("language").setAttribute("aria-label", $("language").title);
}

function drawPeople() {
  drawLanguage();
  if (store.people.length > 12) return $("people").replaceChildren(chooser());
  $("people").replaceChildren(...store.people.map((person) => h(
    "button",
    { type: "button", "aria-pressed": String(person.id === store.me), "data-user": person.id, title: `Be ${person.name}`, onclick: () => become(person.id, store.open === store.me ? person.id : store.open) },
    avatar(person.id, person.name), person.name,
  )));
}

function chooser() {
  const options = store.people.map((person) => h("option", { value: person.id, selected: person.id === store.me }, person.name));
  return h("select", { "aria-label": "Who you are", onchange: (event) => become(Number(event.target.value)) }, ...options);
}

function drawChats(enterRoom) {
  const chats = [...store.chats.values()].sort((a, b) => (lastMessage(b)?.date || 0) - (lastMessage(a)?.date || 0));
  const focused = document.activeElement?.dataset?.chat;
  $("chats").replaceChildren(...chats.map((chat) => h("li", {}, card(chat, enterRoom))));
  if (focused) $("chats").querySelector(`[data-chat="${focused}"]`)?.focus();
}

function card(chat, enterRoom) {
  const last = lastMessage(chat);
  const live = actionWords(chat);
  const enter = () => { enterRoom(); show(chat.id); };
  return h(
    "button",
    { type: "button", "data-chat": chat.id, "aria-current": String(chat.id === store.open), onclick: enter },
    avatar(chat.id, chat.title, chat.kind === "private"),
    h("b", {}, chat.title),
    h("time", {}, last ? clockTime(last.date) : ""),
    h("span", { class: live ? "last live" : "last" }, live || preview(chat, last)),
    chat.unread ? h("span", { class: "badge", "aria-label": `${chat.unread} unread` }, String(chat.unread)) : null,
  );
}

function preview(chat, last) {
  if (!last) return "No messages yet";
  const mine = last.from.id === store.me;
  const who = mine ? "You: " : chat.kind === "private" || last.service ? "" : `${last.from.name}: `;
  return who + summary(last);
}
