// Where people write: text, pictures, replies, edits, and the command menu.

import { attach, attached, asFile, detach, setUpAttachments } from "./attachments.js";
import { setUpCommands } from "./commands.js";
import { $, h, icon } from "./dom.js";
import { setUpInline } from "./inline.js";
import { openTopic, toBottom } from "./room.js";
import { post } from "./server.js";
import { openChat, show, store, summary, watch } from "./store.js";
import { toast } from "./toast.js";

const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;

const context = { chat: "", reply: null, edit: null, placeholder: "" };
let commands;
let inline;

export function setUpComposer() {
  commands = setUpCommands($("text"), grow);
  inline = setUpInline($("text"), { sent: toBottom, start, topic: openTopic });
  setUpAttachments(grow);
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  $("text").addEventListener("input", grow);
  $("text").addEventListener("keydown", keys);
  watch("room", enter);
  watch("message", (chat, message, before) => { if (chat.id === store.open && message.force_reply && !before) answerTo(message); });
}

function enter() {
  const here = `${store.me}:${store.open}`;
  if (context.chat !== here) { forget(); detach(); }
  context.chat = here;
  drawGuises();
  grow();
}

// Admins may write as the group itself, owners of a channel as that.
function drawGuises() {
  const chat = openChat();
  const guises = chat?.guises || [];
  const chosen = $("guise").dataset.chat === context.chat ? $("guise").value : "";
  $("guise").dataset.chat = context.chat;
  $("guise").hidden = !guises.length;
  $("guise").replaceChildren(
    h("option", { value: "" }, "As yourself"),
    ...guises.map((each) => h("option", { value: each.id, selected: String(each.id) === chosen }, `As ${each.title}`)),
  );
}

const guise = () => Number($("guise").value) || null;

// The bot asks for an answer: as if its message had been picked to reply to.
export function answerTo(message) {
  const { for: wanted, placeholder } = message.force_reply;
  if (context.edit || (wanted && wanted !== store.me)) return;
  replyTo(message);
  context.placeholder = placeholder;
  grow();
}

export function replyTo(message) {
  forget();
  context.reply = message;
  draw();
  $("text").focus();
}

export function editOwn(message) {
  detach();
  forget();
  context.edit = message;
  $("text").value = message.text;
  draw();
  grow();
  $("text").focus();
}

export function suggest(words) {
  $("text").value = words;
  grow();
  $("text").focus();
}

// The painted picture answers the one it was painted on; what is to be drawn there is left to write.
export function sendPainted(file, message) {
  replyTo(message);
  attach([file]);
  const words = $("text").value.trim();
  const start = words || "/imagine ";
  suggest(/(^|\s)--mask\b/.test(words) ? words : `${start} --mask`);
  $("text").setSelectionRange(start.length, start.length);
}

export async function say(text) {
  await post("send", { user: store.me, chat: store.open, text, topic: openTopic(), guise: guise() }).catch(toast);
  toBottom();
}

export async function start(payload) {
  show(store.me);
  await post("start", { user: store.me, payload }).catch(toast);
  toBottom();
}

async function submit() {
  const text = $("text").value;
  if (!text.trim() && !attached().length) return;
  const { chat, reply, edit } = context;
  const facts = { user: store.me, chat: store.open, text };
  const sending = { ...facts, reply_to: reply?.id ?? null, topic: openTopic(), as_file: asFile(), guise: guise() };
  const files = detach();
  $("text").value = "";
  forget();
  grow();
  try {
    if (edit) await post("edit", { ...facts, message: edit.id });
    else await post("send", sending, files);
  } catch (fault) {
    toast(fault);
    if (context.chat === chat && !$("text").value && !attached().length) restore(text, files, reply);
  }
}

function restore(text, files, reply) {
  if (reply) replyTo(reply);
  if (files.length) attach(files);
  suggest(text);
}

function keys(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); submit(); }
  else if (event.key === "Escape") { if (context.reply || context.edit) forget(); else detach(); }
}

function grow() {
  const box = $("text");
  const count = attached().length;
  box.placeholder = context.placeholder || (count ? "Add a caption" : "Message");
  box.maxLength = count ? MAX_CAPTION : MAX_TEXT;
  $("send").disabled = !box.value.trim() && !count;
  if (!box.offsetParent) return; // hidden on a phone while the chats are shown: nothing to measure
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, 180)}px`;
  commands?.update(openChat()?.commands || []);
  inline?.update();
}

function forget() {
  if (context.edit) $("text").value = "";
  Object.assign(context, { reply: null, edit: null, placeholder: "" });
  draw();
}

function draw() {
  const { reply, edit } = context;
  const target = edit || reply;
  $("context").hidden = !target;
  if (!target) return;
  const close = () => { forget(); grow(); $("text").focus(); };
  $("context").replaceChildren(
    icon(edit ? "edit" : "reply"),
    target.photo ? h("img", { src: target.photo.url, alt: "" }) : "",
    h("div", {}, h("b", {}, edit ? "Edit" : `Reply to ${target.from.name}`), h("span", {}, summary(target))),
    h("button", { class: "icon", type: "button", "aria-label": edit ? "Cancel the edit" : "Cancel the reply", onclick: close }, icon("close")),
  );
}
