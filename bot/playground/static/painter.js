// Paints over a picture in the chat: strokes of a brush, taken back one by one or all at once.
// The painted picture has the pixels of the one in the chat, and strokes nothing shines through.

import { $, h } from "./dom.js";
import { toast } from "./toast.js";

const COLORS = { Pink: "#ff2ea6", Green: "#3dff5a", Blue: "#2f6bff", White: "#ffffff" };
const DOT = 0.01; // pixels: a line must have a length for its round ends to show
const KEY_STEP = 0.5; // of the brush, for each press of an arrow

const state = { message: null, picture: null, strokes: [], color: COLORS.Pink, brush: null, drawing: false };

export function setUpPainter(whenDone) {
  const canvas = $("painter-canvas");
  canvas.addEventListener("pointerdown", begin);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => { $("painter-brush").hidden = true; });
  canvas.addEventListener("keydown", paintByKey);
  $("painter").addEventListener("keydown", shortcuts);
  $("painter-size").addEventListener("input", showBrush);
  $("painter-undo").addEventListener("click", () => { state.strokes.pop(); draw(); });
  $("painter-clear").addEventListener("click", () => { state.strokes = []; draw(); });
  $("painter-cancel").addEventListener("click", () => $("painter").close());
  $("painter-done").addEventListener("click", () => finish(whenDone));
  $("painter-colors").append(...Object.entries(COLORS).map(([name, color]) => swatch(name, color)));
}

export async function paint(message) {
  const picture = new Image();
  picture.src = message.photo.url;
  try {
    await picture.decode();
  } catch {
    return toast("The picture is gone.");
  }
  Object.assign(state, { message, picture, strokes: [], brush: null, drawing: false });
  Object.assign($("painter-canvas"), { width: picture.naturalWidth, height: picture.naturalHeight });
  $("painter-stage").style.setProperty("--ratio", picture.naturalWidth / picture.naturalHeight);
  $("painter-brush").hidden = true;
  draw();
  $("painter").showModal();
  $("painter-canvas").focus({ focusVisible: false });
  return undefined;
}

function swatch(name, color) {
  const choice = h("input", { type: "radio", name: "color", "aria-label": name, checked: color === state.color, onchange: () => { state.color = color; showBrush(); } });
  choice.style.setProperty("--color", color);
  return choice;
}

// The picture's pixels for one of the screen's.
const scale = () => $("painter-canvas").width / $("painter-canvas").getBoundingClientRect().width;

function place(event) {
  const box = $("painter-canvas").getBoundingClientRect();
  return { x: (event.clientX - box.x) * scale(), y: (event.clientY - box.y) * scale() };
}

function begin(event) {
  if (event.button !== 0) return;
  $("painter-canvas").setPointerCapture(event.pointerId);
  startStroke(place(event));
}

function move(event) {
  state.brush = place(event);
  if (state.drawing) goOn(...(event.getCoalescedEvents?.() || [event]).map(place));
  showBrush();
}

function end() {
  state.drawing = false;
}

function startStroke(point) {
  state.drawing = true;
  state.brush = point;
  state.strokes.push({ color: state.color, width: $("painter-size").value * scale(), points: [point] });
  draw();
}

function goOn(...points) {
  state.strokes.at(-1).points.push(...points);
  draw();
}

// Arrows move the brush from the picture's middle; while Space has it down, they paint.
function paintByKey(event) {
  const canvas = $("painter-canvas");
  const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [0, 0];
  if (!x && !y && event.key !== " ") return;
  event.preventDefault();
  state.brush ||= { x: canvas.width / 2, y: canvas.height / 2 };
  const step = $("painter-size").value * scale() * KEY_STEP;
  state.brush = { x: within(state.brush.x + x * step, canvas.width), y: within(state.brush.y + y * step, canvas.height) };
  if (event.key !== " ") { if (state.drawing) goOn(state.brush); }
  else if (state.drawing) end();
  else startStroke(state.brush);
  showBrush();
}

const within = (value, most) => Math.min(Math.max(value, 0), most);

function shortcuts(event) {
  const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
  const step = { "[": -8, "]": 8 }[event.key];
  if (undo) $("painter-undo").click();
  else if (step) { $("painter-size").valueAsNumber += step; showBrush(); }
  else return;
  event.preventDefault();
}

function showBrush() {
  const circle = $("painter-brush");
  circle.hidden = !state.brush;
  if (!state.brush) return;
  const canvas = $("painter-canvas");
  const size = Number($("painter-size").value);
  circle.style.width = circle.style.height = `${size}px`;
  circle.style.left = `${canvas.offsetLeft + state.brush.x / scale() - size / 2}px`;
  circle.style.top = `${canvas.offsetTop + state.brush.y / scale() - size / 2}px`;
  circle.style.setProperty("--color", state.color);
  circle.classList.toggle("down", state.drawing);
}

function draw() {
  const pen = $("painter-canvas").getContext("2d");
  pen.drawImage(state.picture, 0, 0);
  Object.assign(pen, { lineCap: "round", lineJoin: "round" });
  for (const { color, width, points } of state.strokes) {
    Object.assign(pen, { strokeStyle: color, lineWidth: width });
    pen.beginPath();
    pen.moveTo(points[0].x, points[0].y);
    for (const { x, y } of points) pen.lineTo(x + DOT, y);
    pen.stroke();
  }
  for (const id of ["painter-undo", "painter-clear", "painter-done"]) $(id).disabled = !state.strokes.length;
}

function finish(whenDone) {
  $("painter-canvas").toBlob((blob) => {
    $("painter").close();
    whenDone(new File([blob], "painted.png", { type: "image/png" }), state.message);
  });
}
