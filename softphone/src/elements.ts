// Making DOM without markup in strings: nothing to escape, nothing a strict CSP refuses.

type Properties = Record<string, string | boolean | number | ((event: any) => void)>;

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false) element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

const SHAPES = {
  ok: "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.7 6.3-4.4 4.6a1 1 0 0 1-1.4 0L4.2 9.2l1.4-1.4 1 1 3.7-3.9Z",
  wait: "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3 11L7 8.6V3h2v4.5l3 1.8Z",
  warn: "M8 1 0 15h16ZM7 6h2v4H7Zm0 5h2v2H7Z",
  bad: "M5 0h6l5 5v6l-5 5H5l-5-5V5Zm2 4v5h2V4Zm0 6v2h2v-2Z",
  off: "M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0ZM4 7h8v2H4Z",
  call: "M4.6 1 1.8 1.9C1.3 2.1 1 2.5 1 3a12 12 0 0 0 12 12c.5 0 .9-.3 1.1-.8l.9-2.8a1 1 0 0 0-.6-1.2l-2.8-1.2a1 1 0 0 0-1.2.3l-1.1 1.4a9.5 9.5 0 0 1-4-4l1.4-1.1a1 1 0 0 0 .3-1.2L5.8 1.6A1 1 0 0 0 4.6 1Z",
  down: "M8 4.5c-3 0-5.6 1-7.5 2.7a1 1 0 0 0-.2 1.2l1.3 2.4a1 1 0 0 0 1.2.4l2.5-1a1 1 0 0 0 .6-1.1l-.3-1.4a9 9 0 0 1 4.8 0l-.3 1.4a1 1 0 0 0 .6 1.1l2.5 1a1 1 0 0 0 1.2-.4l1.3-2.4a1 1 0 0 0-.2-1.2C13.6 5.5 11 4.5 8 4.5Z",
  mute: "M8 1a2.5 2.5 0 0 1 2.5 2.5v4l-5-5A2.5 2.5 0 0 1 8 1ZM1.7.9l13.4 13.4-1 1-2.7-2.7a5.5 5.5 0 0 1-2.7 1.1V16H7.3v-2.3A5.5 5.5 0 0 1 2.5 8.3h1.4a4 4 0 0 0 6.4 3.2l-1-1A2.5 2.5 0 0 1 5.5 8V6.7L.7 1.9Zm10.4 7.4h1.4c0 .8-.2 1.6-.5 2.3l-1.1-1.1c.1-.4.2-.8.2-1.2Z",
  hold: "M3 2h3.5v12H3Zm6.5 0H13v12H9.5Z",
  keys: "M2 1h3v3H2Zm4.5 0h3v3h-3ZM11 1h3v3h-3ZM2 6h3v3H2Zm4.5 0h3v3h-3ZM11 6h3v3h-3Zm-4.5 5h3v3h-3Z",
  erase: "M5.5 2H15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5.5L0 8Zm2 3.2L9.3 8l-1.8 2.8h1.7L10.5 8.8l1.3 2h1.7L11.6 8l1.9-2.8h-1.7l-1.3 2-1.3-2Z",
} as const;

export type Shape = keyof typeof SHAPES;

export function icon(shape: Shape): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[shape]);
  svg.append(path);
  return svg;
}

/** A level from 0 to 1; <meter> itself cannot be styled alike in every browser. */
export function meter(label: string): HTMLDivElement {
  const limits = { "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 };
  return make("div", { class: "kp-meter", role: "meter", "aria-label": label, ...limits }, make("div"));
}

export function setMeter(element: HTMLElement, level: number): void {
  const percent = Math.round(level * 100);
  element.setAttribute("aria-valuenow", String(percent));
  (element.firstElementChild as HTMLElement).style.inlineSize = `${percent}%`;
}

/** Change text only when it differs: a live region speaks at every change. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
