// Puts the page together and starts it for whoever the address names: #/<user>/<chat>.

import { editOwn, replyTo, say, sendPainted, setUpComposer, start, suggest } from "./composer.js";
import { setUpMenu } from "./deeds.js";
import { $, icon } from "./dom.js";
import { enlarge, setUpLightbox } from "./lightbox.js";
import { paint, setUpPainter } from "./painter.js";
import { jump, redraw, setUpRoom } from "./room.js";
import { post } from "./server.js";
import { setUpSidebar } from "./sidebar.js";
import { become, markRead, store } from "./store.js";
import { announce, toast } from "./toast.js";

const FIRST_USER = 1001;
const waiting = new Set();

async function press(message, button) {
  if (button.copy) return copy(button.copy);
  if (button.switch !== null) return suggest(`@${store.bot.username} ${button.switch}`);
  const mark = `${message.id} ${button.callback_data}`;
  waiting.add(mark);
  redraw(message.id);
  try {
    const answer = await post("press", { user: store.me, chat: store.open, message: message.id, data: button.callback_data });
    if (!answer.answered) toast("The bot did not answer.");
    else if (answer.text) (answer.alert ? announce : toast)(answer.text);
  } catch (fault) {
    toast(fault);
  } finally {
    waiting.delete(mark);
    redraw(message.id);
  }
  return undefined;
}

function copy(words) {
  navigator.clipboard.writeText(words).then(() => toast("Copied"), () => toast("The browser did not let me copy."));
}

const acts = {
  press,
  enlarge,
  jump,
  suggest,
  reply: replyTo,
  edit: editOwn,
  paint,
  command: say,
  start,
  copy: (message) => copy(message.text),
  remove: (message) => post("delete", { chat: store.open, message: message.id }).catch(toast),
  isWaiting: (id, data) => waiting.has(`${id} ${data}`),
};

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  $("theme").replaceChildren(icon(theme === "dark" ? "sun" : "moon"));
}

function setUpTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const wanted = () => localStorage.getItem("theme") || (dark.matches ? "dark" : "light");
  setTheme(wanted());
  dark.addEventListener("change", () => setTheme(wanted()));
  $("theme").addEventListener("click", () => {
    localStorage.setItem("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    setTheme(wanted());
  });
}

function setUpIcons() {
  const icons = {
    back: "back", attach: "clip", send: "send", down: "down",
    "lightbox-close": "close", "lightbox-save": "save", "lightbox-paint": "brush",
    "painter-cancel": "close", "painter-undo": "undo", "painter-clear": "bin",
  };
  for (const [id, name] of Object.entries(icons)) $(id).append(icon(name));
  $("more").querySelector("summary").append(icon("more"));
}

const view = (name) => { $("app").dataset.view = name; };

setUpTheme();
setUpIcons();
setUpLightbox(paint);
setUpPainter(sendPainted);
setUpMenu();
setUpRoom(acts);
setUpComposer();
setUpSidebar(() => view("room"));
view("room");
$("back").addEventListener("click", () => view("chats"));
document.addEventListener("visibilitychange", markRead);

const [, user, chat] = /^#\/(\d+)\/(-?\d+)$/.exec(location.hash) || [];
become(Number(user || FIRST_USER), Number(chat)).catch(() => become(FIRST_USER)).catch(toast);
