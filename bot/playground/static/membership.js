// Letting the bot in and shutting it out: the header's menu, and the notice where it is missing.

import { $, h } from "./dom.js";
import { post } from "./server.js";
import { store } from "./store.js";
import { toast } from "./toast.js";

const act = (chat, deed) => post("bot", { user: store.me, chat: chat.id, deed }).catch(toast);

export function drawMenu(chat) {
  const choices = chat.kind === "private" ? privateChoices(chat) : groupChoices(chat);
  $("more-menu").replaceChildren(...choices.map(([label, deed, look]) => h(
    "button",
    { type: "button", role: "menuitem", class: look, onclick: () => { $("more").open = false; act(chat, deed); } },
    label,
  )));
  $("more").hidden = !choices.length;
}

function privateChoices(chat) {
  if (chat.bot === "kicked") return [["Unblock the bot", "unblock"]];
  return chat.bot === "member" ? [["Block the bot", "block", "danger"]] : [];
}

function groupChoices(chat) {
  const inside = chat.bot === "member" || chat.bot === "administrator";
  if (!inside) return [["Add the bot", "add"]];
  const rank = chat.bot === "member" ? ["Make the bot an admin", "promote"] : ["Make the bot a plain member", "add"];
  return [rank, ["Remove the bot", "remove", "danger"]];
}

export function drawNotice(chat) {
  const [words, label, deed] = missing(chat);
  $("notice").hidden = !words;
  $("notice").replaceChildren(words || "", label ? h("button", { type: "button", onclick: () => act(chat, deed) }, label) : "");
}

function missing(chat) {
  if (chat.kind === "private") {
    return chat.bot === "kicked" ? ["You blocked the bot.", "Unblock", "unblock"] : [];
  }
  const inside = chat.bot === "member" || chat.bot === "administrator";
  return inside ? [] : [`${store.bot.name} is not in this group.`, "Add the bot", "add"];
}

document.addEventListener("click", (event) => {
  if (!$("more").contains(event.target)) $("more").open = false;
});
