// The pictures about to be sent: by button, paste or drop, each with a way to take it back.

import { $, h, icon } from "./dom.js";
import { toast } from "./toast.js";

const MOST = 10;

let pictures = []; // {file, url}
let changed = () => {};

export const attached = () => pictures.map(({ file }) => file);
export const asFile = () => $("as-file").checked;

export function setUpAttachments(whenChanged) {
  changed = whenChanged;
  $("attach").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", () => { attach($("file").files); $("file").value = ""; });
  $("text").addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files].filter(isPicture);
    if (!files.length) return;
    event.preventDefault();
    attach(files);
  });
  setUpDrop();
}

const isPicture = (file) => file.type.startsWith("image/");

export function attach(files) {
  const found = [...files].filter(isPicture);
  const room = MOST - pictures.length;
  if (found.length < files.length) toast("Only pictures can be attached here.");
  else if (found.length > room) toast(`A message has up to ${MOST} pictures.`);
  pictures.push(...found.slice(0, room).map((file) => ({ file, url: URL.createObjectURL(file) })));
  draw();
  $("text").focus();
}

// Takes them off, and gives them, for sending or for putting them back.
export function detach() {
  const files = attached();
  pictures.forEach(({ url }) => URL.revokeObjectURL(url));
  pictures = [];
  $("as-file").checked = false;
  draw();
  return files;
}

function remove(picture) {
  URL.revokeObjectURL(picture.url);
  pictures = pictures.filter((each) => each !== picture);
  draw();
  $("text").focus();
}

function draw() {
  $("attachments").hidden = !pictures.length;
  $("thumbnails").replaceChildren(...pictures.map(thumbnail));
  changed();
}

function thumbnail(picture) {
  const { file, url } = picture;
  const label = `Remove ${file.name}`;
  return h(
    "li", { title: file.name },
    h("img", { src: url, alt: file.name }),
    h("button", { type: "button", "aria-label": label, onclick: () => remove(picture) }, icon("close")),
  );
}

function setUpDrop() {
  let depth = 0;
  const room = $("room");
  const set = (value) => { depth = value; $("drop").hidden = depth <= 0; };
  room.addEventListener("dragenter", (event) => { if (event.dataTransfer.types.includes("Files")) set(depth + 1); });
  room.addEventListener("dragleave", () => set(Math.max(0, depth - 1)));
  room.addEventListener("dragover", (event) => event.preventDefault());
  room.addEventListener("drop", (event) => { event.preventDefault(); set(0); attach(event.dataTransfer.files); });
}
