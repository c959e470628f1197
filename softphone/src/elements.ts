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
  call: "M3.2 1.2 5 .7c.5-.1 1 .1 1.200.6l.9 2.100c.200.4.1.900-.3 1.200l-1 .9a8 8 0 0 0 3.700 3.700l.9-1c.3-.4.800-.5 1.200-.3l2.100.9c.5.200.700.700.6 1.200l-.5 1.800c-.1.5-.600.900-1.100.900A11.400 11.400 0 0 1 2.300 2.300c0-.5.4-1 .900-1.100Z",
  down: "M8 5.500c2.700 0 5.200.8 7.200 2.200.400.3.6.800.5 1.300l-.3 1.600c-.1.5-.6.900-1.100.800l-2.400-.3c-.5 0-.9-.400-.9-.900V8.700a10 10 0 0 0-6 0v1.500c0 .5-.4.900-.9.900l-2.400.3c-.5.1-1-.3-1.100-.8L.3 9c-.1-.5.1-1 .5-1.300 2-1.400 4.500-2.200 7.200-2.200Z",
  mute: "M8 1a2.500 2.500 0 0 1 2.500 2.500v4l-5-5A2.500 2.500 0 0 1 8 1ZM1.700.9l13.400 13.400-1 1-2.700-2.700a5.500 5.500 0 0 1-2.700 1.100V16H7.300v-2.300A5.500 5.500 0 0 1 2.500 8.300h1.400a4 4 0 0 0 6.400 3.200l-1-1A2.500 2.500 0 0 1 5.500 8V6.700L.700 1.900Zm10.400 7.400h1.400c0 .8-.2 1.600-.5 2.300l-1.100-1.100c.1-.4.2-.8.2-1.200Z",
  hold: "M3 2h3.500v12H3Zm6.500 0H13v12H9.500Z",
  keys: "M2 1h3v3H2Zm4.500 0h3v3h-3ZM11 1h3v3h-3ZM2 6h3v3H2Zm4.500 0h3v3h-3ZM11 6h3v3h-3Zm-4.500 5h3v3h-3Z",
  erase: "M5.500 2H15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5.500L0 8Zm1.900 3.100L10 7.100l2.600-2 .9 1.200L11.200 8l2.300 1.700-.9 1.200-2.600-2-2.600 2-.9-1.200L8.800 8 6.500 6.300Z",
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

/** Change text only when it differs: a live region speaks at every change. */
export function say(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
