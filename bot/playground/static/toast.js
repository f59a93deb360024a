// Short notices: what went wrong, or what the bot answered to a press.

import { $, h } from "./dom.js";

const SECONDS = 3.5;

export function toast(words) {
  const notice = h("div", { class: "toast" }, words instanceof Error ? words.message : words);
  $("toasts").append(notice);
  setTimeout(() => notice.remove(), SECONDS * 1000);
}

export function announce(words) {
  $("alert-text").textContent = words;
  $("alert").showModal();
}

$("alert-close").addEventListener("click", () => $("alert").close());
