// What can be done with a message: as a toolbar beside it, and as a menu on a right click.

import { $, h, icon } from "./dom.js";
import { store } from "./store.js";

function deeds(message, acts, several) {
  const mine = message.from.id === store.me;
  if (message.whisper) return message.text ? [["copy", "Copy text", acts.copy]] : [];
  return [
    ["reply", "Reply", acts.reply],
    message.photo && !several ? ["brush", "Paint", acts.paint] : null,
    message.text ? ["copy", "Copy text", acts.copy] : null,
    mine && message.text && !message.photo && !message.document ? ["edit", "Edit", acts.edit] : null,
    ["bin", "Delete", acts.remove],
  ].filter(Boolean);
}

// Of several pictures each has its own menu, and is painted from there.
export function toolbar(message, acts, several) {
  const tools = deeds(message, acts, several).map(([shape, label, deed]) => h(
    "button",
    { class: "icon", type: "button", tabindex: "-1", "aria-label": label, title: label, onclick: () => deed(message) },
    icon(shape),
  ));
  return h("div", { class: "acts" }, ...tools);
}

// At the pointer, or under the message where a key asked for it.
export function openMenu(event, message, acts) {
  event.preventDefault();
  const items = deeds(message, acts).map(([shape, label, deed]) => h(
    "button",
    { type: "button", role: "menuitem", class: shape === "bin" ? "danger" : "", onclick: () => { closeMenu(); deed(message); } },
    icon(shape), label,
  ));
  const menu = $("message-menu");
  menu.replaceChildren(...items);
  menu.returnTo = document.activeElement;
  menu.hidden = false;
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(event.clientX, innerWidth - width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(event.clientY, innerHeight - height - 8))}px`;
  items[0].focus({ focusVisible: event.detail === 0 });
}

function closeMenu() {
  if ($("message-menu").hidden) return;
  $("message-menu").hidden = true;
  $("message-menu").returnTo?.focus();
}

function walk(event) {
  const items = [...$("message-menu").children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export function setUpMenu() {
  $("message-menu").addEventListener("keydown", walk);
  document.addEventListener("pointerdown", (event) => { if (!$("message-menu").contains(event.target)) closeMenu(); });
  $("scroll").addEventListener("scroll", closeMenu, { passive: true });
}
