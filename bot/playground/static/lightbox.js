// A picture at its full size, with a way to keep it.

import { $ } from "./dom.js";

let shown = null;

export function enlarge(message) {
  shown = message;
  const { photo, text } = message;
  $("lightbox-picture").src = photo.url;
  $("lightbox-picture").alt = text || photo.name;
  $("lightbox-name").textContent = `${photo.width} × ${photo.height}`;
  $("lightbox-save").href = photo.url;
  $("lightbox-save").download = fileName(photo, text);
  $("lightbox").showModal();
}

// By the first line of its caption, so that ten downloads are not ten times "photo.jpg".
function fileName(photo, text) {
  const words = text.split("\n")[0].match(/[\p{L}\p{N}]+/gu) || [];
  return words.length ? `${words.join("-").slice(0, 60)}.${photo.name.split(".").pop()}` : photo.name;
}

// `paint` is called with the message whose picture is to be painted on.
export function setUpLightbox(paint) {
  $("lightbox-paint").addEventListener("click", () => { $("lightbox").close(); paint(shown); });
  $("lightbox-close").addEventListener("click", () => $("lightbox").close());
  $("lightbox").addEventListener("click", (event) => {
    if (event.target.id !== "lightbox-picture" && !event.target.closest("button, a")) $("lightbox").close();
  });
}
