// Inline mode: what the bot finds for the words after its name, to be sent with one press.

import { $, h, icon } from "./dom.js";
import { post } from "./server.js";
import { openChat, store } from "./store.js";
import { toast } from "./toast.js";

const PAUSE = 250; // milliseconds without another key before the bot is asked

// `sent` is called once a result has been; `start` opens the private chat; `topic` says which is open.
export function setUpInline(box, { sent, start, topic }) {
  let asked = "";
  let answer = null;
  let chosen = 0;
  let timer = 0;

  function update() {
    const words = typed();
    const now = words === null ? "" : `${store.me} ${store.open} ${words}`;
    if (now === asked) return;
    asked = now;
    answer = null;
    clearTimeout(timer);
    draw();
    if (now) timer = setTimeout(() => ask(now, words), PAUSE);
  }

  function typed() {
    const [, name, words] = /^@(\w+)\s([^]*)$/.exec(box.value) || [];
    return openChat() && name?.toLowerCase() === store.bot.username?.toLowerCase() ? words.trim() : null;
  }

  async function ask(now, text) {
    const found = await post("inline", { user: store.me, chat: store.open, text }).catch(() => null);
    if (now !== asked) return; // more was typed meanwhile
    answer = found || { answered: false, results: [] };
    chosen = 0;
    draw();
  }

  function draw() {
    $("inline").hidden = !asked || (answer && answer.answered && !answer.results.length && !answer.button);
    if ($("inline").hidden) return;
    $("inline").replaceChildren(...(answer ? found() : [note("Asking the bot…", true)]));
    $("inline").querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }

  const note = (words, busy) => h("div", { class: "asking" }, busy ? h("span", { class: "spin" }) : "", words);

  function found() {
    if (!answer.answered) return [note("The bot did not answer.")];
    const { button, results } = answer;
    const at = new Map(results.map((each, index) => [each, index]));
    const articles = results.filter((each) => !each.thumbnail);
    const photos = results.filter((each) => each.thumbnail);
    return [
      button ? h("button", { class: "above", type: "button", onclick: () => { clear(); start(button.start_parameter); } }, button.text) : "",
      ...articles.map((each) => article(each, at.get(each))),
      photos.length ? h("div", { class: "photos" }, ...photos.map((each) => photo(each, at.get(each)))) : "",
    ];
  }

  const option = (index, more) => ({ type: "button", role: "option", "aria-selected": String(index === chosen), onclick: () => take(index), ...more });

  function article({ title, description }, index) {
    return h("button", option(index, { class: "article" }), h("i", {}, icon("spark")), h("b", {}, title), h("span", {}, description));
  }

  function photo({ thumbnail, words }, index) {
    return h("button", option(index, { title: words, "aria-label": `Send: ${words}` }), h("img", { src: thumbnail, alt: "" }));
  }

  async function take(index) {
    const { query, results } = answer;
    clear();
    await post("choose", { query, result: results[index].id, topic: topic() }).catch(toast);
    sent();
  }

  function clear() {
    box.value = "";
    box.dispatchEvent(new Event("input"));
  }

  box.addEventListener("keydown", (event) => {
    if ($("inline").hidden || event.isComposing) return;
    const count = answer?.results.length || 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && count) { chosen = (chosen + step + count) % count; draw(); }
    else if (event.key === "Enter" && !event.shiftKey && count) take(chosen);
    else if (event.key === "Escape") { $("inline").hidden = true; }
    else return;
    event.preventDefault();
  });
  return { update };
}
