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
  patterns: "M2 2.5h5v5H2zM9.5 2.5h4.500v5H9.500zM2 10h5v3.500H2zM9.500 10h4.500v3.500H9.500z",
  dashboards: "M2 13.500V9M6 13.500V4.500M10 13.500V7M14 13.500V2.500",
  audit:
    "M8 1.500 2.500 3.500v4c0 3.500 2.500 6 5.500 7 3-1 5.500-3.500 5.500-7v-4zM5.500 8l1.800 1.800L10.700 6.400",
  health:
    "M8 13.500C3 10 1.500 7.500 1.500 5.300A3.300 3.300 0 0 1 8 4.500a3.300 3.300 0 0 1 6.500.8C14.500 7.500 13 10 8 13.500Z",
  clock: "M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM8 4.500V8l2.500 1.500",
  close: "M3.500 3.500l9 9M12.500 3.500l-9 9",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  star: "M8 1.800l1.900 3.900 4.300.6-3.100 3 .7 4.300L8 11.600l-3.800 2 .7-4.300-3.100-3 4.300-.6z",
  download: "M8 2v8.500M4.500 7.500 8 11l3.500-3.500M2.500 14h11",
  columns: "M2 2.500h12v11H2zM6 2.500v11M10 2.500v11",
  wrap: "M2 3.500h12M2 8h9.500a2.200 2.200 0 0 1 0 4.500H8.500M10 10.800 8.300 12.500 10 14.200M2 12.500h3",
  play: "M4.500 2.500v11l9-5.500z",
  pause: "M5 2.500v11M11 2.500v11",
  stop: "M3.500 3.500h9v9h-9z",
  link: "M6.500 9.500a3 3 0 0 0 4.300 0l2.300-2.300a3 3 0 0 0-4.300-4.300l-.8.800M9.500 6.500a3 3 0 0 0-4.300 0L2.900 8.800a3 3 0 0 0 4.300 4.300l.8-.8",
  copy: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3",
  edit: "M2.500 13.500l.6-3L10.500 3l2.500 2.500-7.500 7.500zM9 4.500 11.500 7",
  trash: "M2.500 4.500h11M6 4.500v-2h4v2M4 4.500l.7 9h6.600l.7-9",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  up: "M4 10l4-4 4 4",
  theme: "M8 14.500a6.500 6.500 0 1 0 0-13zM8 1.500a6.500 6.500 0 0 0 0 13",
  help: "M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM6 6.200A2 2 0 1 1 8.600 8c-.4.200-.6.500-.6 1M8 11.500h.01",
  around: "M3 2.500h10M3 5.500h6M1.500 8.300h13M3 11h10M3 13.700h6",
  list: "M2 3.500h12M2 8h12M2 12.500h12",
  warning: "M8 2 1.500 13.500h13zM8 6.500v3.200M8 11.700h.01",
  ok: "M2.500 8.500l3.500 3.500 7.500-8",
  upload: "M8 11V2.500M4.500 6 8 2.500 11.500 6M2.500 14h11",
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
