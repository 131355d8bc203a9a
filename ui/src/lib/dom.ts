// Elements made by code. Text is always text: nothing here, or anywhere else in this program, makes HTML of a string.

export type Child = Node | string | number | null | undefined | false | Child[];

type Handler = (event: never) => void;
type Value = string | number | boolean | null | undefined | Handler | Record<string, string>;

const SVG = "http://www.w3.org/2000/svg";

function setProperty(element: Element, name: string, value: Value): void {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") {
    element.addEventListener(name.slice(2), value as unknown as EventListener); // onclick → click
  } else if (name === "style") {
    // Through the object model, which the content security policy allows; an attribute it would refuse.
    for (const [property, text] of Object.entries(value as Record<string, string>)) {
      (element as HTMLElement).style.setProperty(property, text);
    }
  } else if (name === "value") {
    (element as HTMLInputElement).value = String(value);
  } else {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

function build(element: Element, classes: string[], props: Record<string, Value>, children: Child[]): void {
  if (classes.length > 0) element.classList.add(...classes);
  // A select's value takes only once its options are there.
  append(element, children);
  for (const [name, value] of Object.entries(props)) setProperty(element, name, value);
}

export function append(parent: Node, children: Child): void {
  if (children === null || children === undefined || children === false) return;
  if (Array.isArray(children)) {
    for (const child of children) append(parent, child);
  } else {
    parent.appendChild(children instanceof Node ? children : document.createTextNode(String(children)));
  }
}

// h("button.quiet", {onclick: f, title: "…"}, "Save")
export function h<T extends HTMLElement = HTMLElement>(
  spec: string,
  props: Record<string, Value> = {},
  ...children: Child[]
): T {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElement(tag || "div");
  build(element, classes, props, children);
  return element as T;
}

export function svg(spec: string, props: Record<string, Value> = {}, ...children: Child[]): SVGElement {
  const [tag, ...classes] = spec.split(".");
  const element = document.createElementNS(SVG, tag || "g") as SVGElement;
  build(element, classes, props, children);
  return element;
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.textContent = "";
  append(parent, children);
}

// 16 px line icons, one path each.
const ICONS: Record<string, string> = {
  search: "M7 12.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm4-1.5 3.5 3.5",
  live: "M1.5 8h3l2-5.5 3 11 2-5.5h3",
  trail: "M2 3.5h6M5 8h7M8 12.5h6",
  patterns: "M2 2.5h5v5H2zM9.5 2.5h4.5v5H9.5zM2 10h5v3.5H2zM9.5 10h4.5v3.5H9.5z",
  dashboards: "M2 13.5V9M6 13.5V4.5M10 13.5V7M14 13.5V2.5",
  audit: "M8 1.5 2.5 3.5v4c0 3.5 2.5 6 5.5 7 3-1 5.5-3.5 5.5-7v-4zM5.5 8l1.8 1.8L10.7 6.4",
  health: "M8 13.5C3 10 1.5 7.5 1.5 5.3A3.3 3.3 0 0 1 8 4.5a3.3 3.3 0 0 1 6.5.8C14.5 7.5 13 10 8 13.5Z",
  tenant: "M2 14V2.5h7V14M9 6.5h5V14M1 14h14M4.5 5.5h2M4.5 8.5h2M4.5 11.5h2",
  clock: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 4.5V8l2.5 1.5",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  star: "M8 1.8l1.9 3.9 4.3.6-3.100 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.100-3 4.3-.6z",
  download: "M8 2v8.5M4.5 7.5 8 11l3.5-3.5M2.5 14h11",
  columns: "M2 2.5h12v11H2zM6 2.5v11M10 2.5v11",
  wrap: "M2 3.5h12M2 8h9.5a2.2 2.2 0 0 1 0 4.5H8.5M10 10.8 8.3 12.5 10 14.2M2 12.5h3",
  play: "M4.5 2.5v11l9-5.5z",
  pause: "M5 2.5v11M11 2.5v11",
  stop: "M3.5 3.5h9v9h-9z",
  link: "M6.5 9.5a3 3 0 0 0 4.3 0l2.3-2.3a3 3 0 0 0-4.3-4.3l-.8.8M9.5 6.5a3 3 0 0 0-4.3 0L2.9 8.8a3 3 0 0 0 4.3 4.3l.8-.8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  edit: "M2.5 13.5l.6-3L10.5 3l2.5 2.5-7.5 7.5zM9 4.5 11.5 7",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  up: "M4 10l4-4 4 4",
  theme: "M8 14.5a6.5 6.5 0 1 0 0-13zM8 1.5a6.5 6.5 0 0 0 0 13",
  help: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM6 6.2A2 2 0 1 1 8.6 8c-.4.2-.6.5-.6 1M8 11.5h.01",
  around: "M3 2.5h10M3 5.5h6M1.5 8.3h13M3 11h10M3 13.7h6",
  list: "M2 3.5h12M2 8h12M2 12.5h12",
  warning: "M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.7h.01",
  ok: "M2.5 8.5l3.5 3.5 7.5-8",
  upload: "M8 11V2.5M4.5 6 8 2.5 11.5 6M2.5 14h11",
};

export function icon(name: keyof typeof ICONS | string): SVGElement {
  return svg(
    "svg.icon",
    { viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] ?? "" }),
  );
}

export function iconButton(
  name: string,
  label: string,
  onclick: (event: MouseEvent) => void,
  spec = "button.icon-button",
): HTMLButtonElement {
  return h<HTMLButtonElement>(
    spec,
    { type: "button", title: label, "aria-label": label, onclick },
    icon(name),
  );
}
