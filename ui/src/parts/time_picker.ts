// The button that says which time is looked at, and what it opens: usual ranges, any relative one, two points in time.
import { h, icon, replace } from "../lib/dom";
import { setPref, prefs } from "../lib/prefs";
import {
  formatRfc3339,
  fromInput,
  now,
  parseRelative,
  PRESETS,
  rangeLabel,
  resolveRange,
  toInput,
  HOUR,
} from "../lib/time";
import { closePopup, popup } from "./popup";

export class TimePicker {
  readonly element: HTMLButtonElement;
  private from = "";
  private to = "";

  constructor(private readonly onPick: (from: string, to: string) => void) {
    this.element = h<HTMLButtonElement>("button.time-picker", {
      type: "button",
      "aria-haspopup": "dialog",
      title: "Time range (t)",
      onclick: () => this.open(),
    });
  }

  set(from: string, to: string): void {
    this.from = from;
    this.to = to;
    replace(
      this.element,
      icon("clock"),
      h("span.time-label", {}, rangeLabel(from, to, prefs.utc)),
      icon("down"),
    );
  }

  open(): void {
    const pick = (from: string, to: string): void => {
      closePopup();
      this.onPick(from, to);
    };
    const presets = PRESETS.map(([value, label]) =>
      h(
        "button.menu-item",
        {
          type: "button",
          "aria-pressed": String(value === this.from && this.to === ""),
          onclick: () => pick(value, ""),
        },
        label,
      ),
    );
    const content = h(
      "div.time-popup",
      { role: "dialog", "aria-label": "Time range" },
      h("div.time-presets", {}, presets),
      this.forms(pick),
    );
    if (popup(this.element, content)) presets[0].focus();
  }

  private forms(pick: (from: string, to: string) => void): HTMLElement {
    const range = resolveRange(this.from, this.to);
    const relative = h<HTMLInputElement>("input.text", {
      type: "text",
      placeholder: "90m, 2h30m, 3d",
      "aria-label": "Last",
      value: this.to === "" && parseRelative(this.from) !== null ? this.from.slice(1) : "",
    });
    const error = h("p.error", { role: "alert" });
    const input = (label: string, value: string): HTMLInputElement =>
      h<HTMLInputElement>("input.text", {
        type: "datetime-local",
        step: 1,
        "aria-label": label,
        value,
      });
    const from = input("From", toInput(range.from ?? now() - HOUR, prefs.utc));
    const to = input("To", toInput(range.to ?? now(), prefs.utc));
    const zone = h<HTMLInputElement>("input", {
      type: "checkbox",
      checked: prefs.utc,
      onchange: () => {
        setPref("utc", zone.checked);
        closePopup();
        this.set(this.from, this.to);
        this.onPick(this.from, this.to);
      },
    });
    const applyRelative = (event: Event): void => {
      event.preventDefault();
      const text = "-" + relative.value.trim().replace(/^-/, "").replace(/\s+/g, "");
      if (parseRelative(text) === null) {
        error.textContent = "Write how long, as in 15m, 2h30m or 3d.";
        return;
      }
      pick(text, "");
    };
    const applyAbsolute = (event: Event): void => {
      event.preventDefault();
      const begin = fromInput(from.value, prefs.utc);
      const end = fromInput(to.value, prefs.utc);
      if (begin === null || end === null || begin >= end) {
        error.textContent = "The beginning must be before the end.";
        return;
      }
      pick(formatRfc3339(begin), formatRfc3339(end));
    };
    return h(
      "div.time-forms",
      {},
      h(
        "form",
        { onsubmit: applyRelative },
        h("label.field", {}, "Last", relative),
        h("button", { type: "submit" }, "Apply"),
      ),
      h(
        "form",
        { onsubmit: applyAbsolute },
        h("label.field", {}, "From", from),
        h("label.field", {}, "To", to),
        h("button", { type: "submit" }, "Apply"),
      ),
      error,
      h("label.check", {}, zone, "Times in UTC"),
    );
  }
}
