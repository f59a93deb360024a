// Builds elements from plain values. Text only ever becomes text nodes: nothing is parsed as HTML.

export const $ = (id) => document.getElementById(id);

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SHAPES = {
  back: ["M15 5l-7 7 7 7"],
  more: ["M12 5.500v.01", "M12 12v.01", "M12 18.500v.01"],
  moon: ["M20 14.500A8.200 8.200 0 0 1 9.500 4a8.200 8.200 0 1 0 10.500 10.500z"],
  sun: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"],
  clip: ["M19.500 11.500l-7.600 7.600a4.600 4.600 0 0 1-6.500-6.500l8.200-8.200a3.100 3.100 0 0 1 4.400 4.400l-8.200 8.200a1.600 1.600 0 0 1-2.200-2.200l7-7"],
  send: ["M4.500 12L4 4.500 20.500 12 4 19.500 4.500 12zM4.500 12H12"],
  close: ["M6 6l12 12M18 6L6 18"],
  save: ["M12 4v11M7 11l5 5 5-5M5 20h14"],
  down: ["M6 9.500l6 6 6-6"],
  reply: ["M10 6L4.500 11.500 10 17", "M4.500 11.500H13a6.500 6.500 0 0 1 6.500 6.500v.500"],
  copy: ["M9 9h10v11H9z", "M15 9V4H5v11h4"],
  edit: ["M5 19l.800-4L16 4.800l3.200 3.200L9 18.200 5 19z"],
  bin: ["M5 7h14M10 7V4.500h4V7M7 7l.800 12.500h8.400L17 7"],
  brush: ["M19.500 4.500c-3.500 1.500-8 6-9.500 8.500l1.500 1.500c2.500-1.500 7-6 8.500-9.500z", "M8.500 14c-2.500 0-3 2-3 3.500 0 1-.700 1.700-1.500 2 3.500 1 7 0 7-3"],
  undo: ["M4.500 5v5h5", "M5 10a7.500 7.500 0 1 1-.800 5.500"],
  link: ["M8 16L17 7M10 7h7v7"],
  file: ["M7 3.500h7l4 4V20.500H7zM14 3.500v4h4"],
  eye: ["M2.500 12s3.500-6.500 9.500-6.500 9.500 6.500 9.500 6.500-3.500 6.500-9.500 6.500S2.500 12 2.500 12z", "M12 9.300a2.700 2.700 0 1 0 0 5.400 2.700 2.700 0 0 0 0-5.400z"],
  spark: ["M12 2.500l2.400 7.100 7.100 2.400-7.100 2.400L12 21.500l-2.400-7.100L2.500 12l7.100-2.400z"],
};

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  for (const shape of SHAPES[name]) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

export const tone = (id) => (id < 0 ? 5 : 1 + (id % 4)); // tone 0 is the bot's, 5 the groups'

export function avatar(id, name, isBot = false) {
  const face = isBot ? icon("spark") : [...name][0] || "?";
  return h("span", { class: `avatar tone${isBot ? 0 : tone(id)}`, "aria-hidden": "true" }, face);
}

export function clockTime(stamp) {
  return new Date(stamp).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function dayName(stamp) {
  const day = new Date(stamp);
  const today = new Date();
  if (day.toDateString() === today.toDateString()) return "Today";
  return day.toLocaleDateString([], { day: "numeric", month: "long" });
}
