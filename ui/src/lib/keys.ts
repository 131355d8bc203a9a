// The keyboard: every action of a view under a key, listed by "?".

export interface Key {
  keys: string;
  does: string;
  run: (event: KeyboardEvent) => void;
}

const globals: Key[] = [];
let ofView: Key[] = [];
let pending = ""; // the first of two keys: "g"
let pendingSince = 0;

export function addGlobal(keys: string, does: string, run: (event: KeyboardEvent) => void): void {
  globals.push({ keys, does, run });
}

export function add(keys: string, does: string, run: (event: KeyboardEvent) => void): void {
  ofView.push({ keys, does, run });
}

export function clear(): void {
  ofView = [];
}

export function all(): { view: Key[]; everywhere: Key[] } {
  return { view: ofView, everywhere: globals };
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function listen(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event) || document.querySelector("dialog[open]")) return;
    // A button that has the focus keeps Enter and the space bar for itself.
    if ((event.key === "Enter" || event.key === " ") && (event.target as HTMLElement).closest("button, a"))
      return;
    const both = pending && Date.now() - pendingSince < 1000 ? `${pending} ${event.key}` : event.key;
    pending = "";
    const found = [...ofView, ...globals].find((key) => key.keys.split(", ").includes(both));
    if (found) {
      event.preventDefault();
      found.run(event);
    } else if (
      [...ofView, ...globals].some((key) => key.keys.split(", ").some((k) => k.startsWith(event.key + " ")))
    ) {
      pending = event.key;
      pendingSince = Date.now();
    }
  });
}
