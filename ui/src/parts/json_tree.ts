// A record's line as a tree of typed values. Each value has a menu: search for it, exclude it, copy it, follow it.
import { Child, h, icon } from "../lib/dom";
import { bytes, plural } from "../lib/format";
import { Json } from "../lib/json";

export type OnValue = (path: string, text: string, from: HTMLElement) => void;

// An object of 5000 members is no page; the next ones come on a click.
const STEP = 200;
// A text of this length is read elsewhere; its beginning tells what it is.
const TEXT = 2000;

function scalar(value: Json & { text: string }, path: string, onValue: OnValue): HTMLElement {
  const shown = value.kind === "string" ? value.text.slice(0, TEXT) : value.text;
  const element = h(
    "button.value.of-" + value.kind,
    {
      type: "button",
      title: "Search, copy, follow …",
      "aria-haspopup": "menu",
      onclick: (event: MouseEvent) => onValue(path, value.text, event.currentTarget as HTMLElement),
    },
    value.kind === "string" && shown === "" ? '""' : shown,
  );
  if (value.text.length <= TEXT) return element;
  const more = h(
    "button.link",
    {
      type: "button",
      onclick: () => {
        element.textContent = value.text;
        more.remove();
      },
    },
    `… show all ${bytes(value.text.length)}`,
  );
  return h("span", {}, element, more);
}

function list(entries: [string, Json, string][], onValue: OnValue, depth: number): HTMLElement {
  const element = h("ul.tree");
  let shown = 0;
  const more = h("button.link", { type: "button", onclick: () => add() });
  const add = (): void => {
    for (const [name, value, path] of entries.slice(shown, shown + STEP)) {
      element.insertBefore(node(name, value, path, onValue, depth), more.parentElement);
    }
    shown += STEP;
    more.textContent = `${plural(entries.length - shown, "more", "more")} …`;
    if (shown >= entries.length) more.parentElement?.remove();
  };
  element.appendChild(h("li", {}, more));
  add();
  return element;
}

function entriesOf(value: Json, path: string): [string, Json, string][] {
  if (value.kind === "array") return value.items.map((item, i) => [String(i), item, path]);
  if (value.kind !== "object") return [];
  return value.members.map(([name, item]) => [name, item, path ? `${path}.${name}` : name]);
}

function node(name: string, value: Json, path: string, onValue: OnValue, depth: number): HTMLElement {
  const label = h("span.tree-name", {}, name);
  if (value.kind !== "array" && value.kind !== "object") {
    return h("li", {}, h("div.tree-row", {}, label, scalar(value as Json & { text: string }, path, onValue)));
  }
  const entries = entriesOf(value, path);
  const size = value.kind === "array" ? plural(entries.length, "item") : plural(entries.length, "field");
  const head: Child = [
    label,
    h("span.dim", {}, entries.length === 0 ? (value.kind === "array" ? "[]" : "{}") : size),
  ];
  if (entries.length === 0) return h("li", {}, h("div.tree-row", {}, head));
  const item = h("li");
  let inner: HTMLElement | null = null;
  const toggle = h(
    "button.tree-toggle",
    { type: "button", "aria-expanded": "false", onclick: () => setOpen(inner === null) },
    icon("right"),
    head,
  );
  const setOpen = (open: boolean): void => {
    toggle.setAttribute("aria-expanded", String(open));
    inner?.remove();
    inner = open ? list(entries, onValue, depth + 1) : null;
    if (inner) item.appendChild(inner);
  };
  item.appendChild(toggle);
  setOpen(depth < 3 && entries.length <= STEP);
  return item;
}

export function jsonTree(value: Json, onValue: OnValue): HTMLElement {
  if (value.kind !== "array" && value.kind !== "object") {
    return h("div.tree-text", {}, scalar(value as Json & { text: string }, "", onValue));
  }
  return list(entriesOf(value, ""), onValue, 0);
}
