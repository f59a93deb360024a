// The menu of the bot's commands, open while the first word of the message begins with a slash.

import { $, h } from "./dom.js";

export function setUpCommands(box, changed) {
  let found = [];
  let chosen = 0;

  function update(known) {
    const typed = /^\/([a-z0-9_]*)$/i.exec(box.value);
    found = typed ? known.filter((each) => each.command.startsWith(typed[1].toLowerCase())) : [];
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    draw();
  }

  function draw() {
    $("commands").hidden = !found.length;
    $("commands").replaceChildren(...found.map((each, index) => h(
      "li",
      { role: "option", "aria-selected": String(index === chosen), onmousedown: (event) => { event.preventDefault(); take(index); } },
      h("b", {}, `/${each.command}`), h("span", {}, each.description),
    )));
    $("commands").children[chosen]?.scrollIntoView({ block: "nearest" });
  }

  function take(index) {
    box.value = `/${found[index].command} `;
    box.focus();
    changed();
  }

  box.addEventListener("keydown", (event) => {
    if (!found.length) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { chosen = (chosen + step + found.length) % found.length; draw(); event.preventDefault(); }
    else if (event.key === "Tab") { take(chosen); event.preventDefault(); }
    else if (event.key === "Enter" && box.value !== `/${found[chosen].command}`) { take(chosen); event.preventDefault(); }
    else if (event.key === "Escape") { found = []; draw(); event.preventDefault(); }
  });
  return { update };
}
