// What this page knows: one person's chats, kept in step with the server by events.

import { listen, post, state } from "./server.js";

const ACTION_LASTS = 5500; // milliseconds; Telegram's own is about five seconds

export const store = { me: 0, people: [], bot: {}, about: "", chats: new Map(), open: 0, up: true };

const watchers = { chats: [], room: [], message: [], deleted: [], link: [] };
let hangUp = () => {};

export const watch = (what, callback) => watchers[what].push(callback);
const tell = (what, ...news) => watchers[what].forEach((callback) => callback(...news));

export const openChat = () => store.chats.get(store.open);

export async function become(user, chat) {
  hangUp();
  early.length = 0;
  store.me = user;
  await refresh();
  show(chat && store.chats.has(chat) ? chat : user);
  hangUp = listen(user, {
    onEvent: take,
    onUp: () => { setUp(true); catchUp(); },
    onDown: () => setUp(false),
  });
}

// What happened before the stream opened, or while it was down.
const catchUp = () => refresh().then(() => tell("room")).catch(() => setUp(false));

export function show(chat) {
  store.open = chat;
  location.replace(`#/${store.me}/${chat}`);
  tell("room");
  markRead();
}

export function markRead() {
  const chat = openChat();
  if (!chat || !chat.unread || document.hidden) return;
  chat.unread = 0;
  tell("chats");
  post("read", { user: store.me, chat: chat.id }).catch(() => {});
}

// Events that come while the state is on its way wait for it: they may be newer than it is.
const early = [];
let refreshing = 0;

async function refresh() {
  const user = store.me;
  refreshing += 1;
  try {
    const fresh = await state(user);
    if (user === store.me) keep(fresh);
  } finally {
    refreshing -= 1;
  }
  if (!refreshing) early.splice(0).forEach(take);
}

function keep(fresh) {
  Object.assign(store, { people: fresh.people, bot: fresh.bot, about: fresh.about });
  store.chats = new Map(fresh.chats.map((chat) => [chat.id, { ...chat, messages: new Map(chat.messages.map((each) => [each.id, each])) }]));
  tell("chats");
}

function setUp(up) {
  store.up = up;
  tell("link");
}

function take(event) {
  if (refreshing) {
    early.push(event);
    return;
  }
  const chat = store.chats.get(event.chat);
  if (event.kind === "reload" || !chat) {
    catchUp();
  } else {
    takers[event.kind]?.(chat, event);
  }
}

const takers = {
  message(chat, { message, unread }) {
    const before = chat.messages.get(message.id);
    chat.messages.set(message.id, message);
    chat.unread = unread;
    if (message.from.bot) chat.action = null;
    tell("message", chat, message, before);
    tell("chats");
    if (chat.id === store.open) markRead();
  },
  deleted(chat, { message_id, unread }) {
    chat.messages.delete(message_id);
    chat.unread = unread;
    tell("deleted", chat, message_id);
    tell("chats");
  },
  action(chat, { action }) {
    const mark = { action };
    chat.action = mark;
    tell("chats");
    setTimeout(() => {
      if (chat.action === mark) { chat.action = null; tell("chats"); }
    }, ACTION_LASTS);
  },
  chat(chat, { facts }) {
    Object.assign(chat, facts);
    tell("chats");
    tell("room");
  },
};

const ACTIONS = { typing: "typing", upload_photo: "sending a picture", upload_document: "sending a file" };

export function actionWords(chat) {
  if (!chat.action) return "";
  const words = `${ACTIONS[chat.action.action] || "busy"}…`;
  return chat.kind === "private" ? words : `${store.bot.name} is ${words}`;
}

export function lastMessage(chat) {
  return [...chat.messages.values()].at(-1);
}

export function summary(message) {
  const what = message.photo ? "Picture" : message.document ? message.document.name : "";
  return message.service || [what, message.text].filter(Boolean).join(": ");
}
