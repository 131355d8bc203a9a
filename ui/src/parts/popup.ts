// What opens over the page: menus, dialogs, short messages.
import { Child, append, h, icon, iconButton } from "../lib/dom";

export interface MenuItem {
  label: string;
  icon?: string;
  detail?: string;
  run: () => void;
}

let open: { element: HTMLElement; from: HTMLElement } | null = null;

export function closePopup(): void {
  if (!open) return;
  const { element, from } = open;
  open = null;
  element.remove();
  from.setAttribute("aria-expanded", "false");
}

document.addEventListener("pointerdown", (event) => {
  const target = event.target as Node;
  if (open && !open.element.contains(target) && !open.from.contains(target)) closePopup();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !open) return;
  const { from } = open;
  closePopup();
  from.focus();
  event.preventDefault();
});

// Shows the content beside the element; a second click on the same closes it.
export function popup(from: HTMLElement, content: HTMLElement): boolean {
  if (open && open.from === from) {
    closePopup();
    return false;
  }
  closePopup();
  content.classList.add("popup");
  document.body.appendChild(content);
  const at = from.getBoundingClientRect();
  const size = content.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, window.innerWidth - size.width - 8));
  const below = at.bottom + 4 + size.height <= window.innerHeight || at.top < size.height;
  content.style.left = `${left}px`;
  content.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - 4 - size.height)}px`;
  from.setAttribute("aria-expanded", "true");
  open = { element: content, from };
  return true;
}

export function menu(from: HTMLElement, items: MenuItem[], title = ""): void {
  const buttons = items.map((item) =>
    h(
      "button.menu-item",
      {
        type: "button",
        role: "menuitem",
        onclick: () => {
          closePopup();
          item.run();
        },
      },
      item.icon ? icon(item.icon) : null,
      h("span.menu-label", {}, item.label),
      item.detail ? h("span.menu-detail", {}, item.detail) : null,
    ),
  );
  const content = h("div.menu", { role: "menu", "aria-label": title || "Actions" }, buttons);
  content.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons[(at + step + buttons.length) % buttons.length].focus();
  });
  const shown = title ? h("div", {}, h("div.menu-title", {}, title), content) : content;
  if (popup(from, shown)) buttons[0]?.focus();
}

export function dialog(title: string, content: Child, actions: Child = null): HTMLDialogElement {
  const element = h<HTMLDialogElement>("dialog", { "aria-label": title });
  append(element, [
    h(
      "header.dialog-head",
      {},
      h("h2", {}, title),
      iconButton("close", "Close", () => element.close()),
    ),
    h("div.dialog-body", {}, content),
    actions ? h("footer.dialog-actions", {}, actions) : null,
  ]);
  element.addEventListener("close", () => element.remove());
  element.addEventListener("click", (event) => {
    if (event.target === element) element.close(); // the backdrop
  });
  document.body.appendChild(element);
  element.showModal();
  return element;
}

export function ask(
  title: string,
  label: string,
  value: string,
  verb: string,
  run: (text: string) => void,
): void {
  const input = h<HTMLInputElement>("input.text", {
    type: "text",
    maxlength: 80,
    value,
    "aria-label": label,
    required: true,
  });
  const form = h<HTMLFormElement>(
    "form",
    {
      method: "dialog",
      onsubmit: (event: Event) => {
        event.preventDefault();
        box.close();
        run(input.value.trim());
      },
    },
    h("label.field", {}, label, input),
    h("div.dialog-actions", {}, h("button.primary", { type: "submit" }, verb)),
  );
  const box = dialog(title, form);
  input.select();
}

export function confirmThat(title: string, detail: string, verb: string, run: () => void): void {
  const box = dialog(title, h("p", {}, detail), [
    h("button", { type: "button", onclick: () => box.close() }, "Cancel"),
    h(
      "button.danger",
      {
        type: "button",
        onclick: () => {
          box.close();
          run();
        },
      },
      verb,
    ),
  ]);
}

const toasts = h("div.toasts", { role: "status", "aria-live": "polite" });

export function toast(text: string, kind: "ok" | "bad" = "ok"): void {
  if (!toasts.isConnected) document.body.appendChild(toasts);
  const element = h(`div.toast.${kind}`, {}, icon(kind === "ok" ? "ok" : "warning"), text);
  toasts.appendChild(element);
  setTimeout(() => element.remove(), kind === "ok" ? 2500 : 6000);
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages without TLS have no clipboard: the old way.
    const area = h<HTMLTextAreaElement>("textarea.off-screen", { value: text });
    document.body.appendChild(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) return toast("The browser does not let this page copy", "bad");
  }
  toast(`${what} copied`);
}

export function download(name: string, type: string, text: string): void {
  const link = h<HTMLAnchorElement>("a", {
    href: URL.createObjectURL(new Blob([text], { type })),
    download: name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
