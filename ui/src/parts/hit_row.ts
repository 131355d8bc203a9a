// A record as one row of a list: time, level, the columns that were chosen, and the message with what else it says.
import { Child, h } from "../lib/dom";
import { prefs } from "../lib/prefs";
import { fieldOf, restOf, Row, serviceOf, textOf } from "../lib/record";
import { formatStamp } from "../lib/time";

const SHOWN = 600; // characters of a message in one line; wrapped, more
const SHOWN_WRAPPED = 4000;

// The text with the words marked, as whole or part of what is there.
export function marked(text: string, pattern: RegExp | null): Child {
  if (!pattern || text === "") return text;
  const pieces: Child[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index === undefined || match[0] === "") continue;
    if (match.index > at) pieces.push(text.slice(at, match.index));
    pieces.push(h("mark", {}, match[0]));
    at = match.index + match[0].length;
    if (pieces.length > 200) break;
  }
  pieces.push(text.slice(at));
  return pieces;
}

export function markPattern(words: string[]): RegExp | null {
  if (words.length === 0) return null;
  const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(escaped.sort((a, b) => b.length - a.length).join("|"), "gi");
}

export interface RowLook {
  columns: string[];
  wrap: boolean;
  pattern: RegExp | null;
}

function cell(row: Row, name: string, look: RowLook): HTMLElement {
  if (name === "service") return h("span.cell.cell-service", {}, serviceOf(row.source));
  const value = textOf(fieldOf(row.source, name)).slice(0, SHOWN);
  return h("span.cell", { title: `${name}: ${value.slice(0, 200)}` }, marked(value, look.pattern));
}

export function hitRow(row: Row | undefined, look: RowLook): HTMLElement {
  if (!row) return h("div.hit.is-loading", {}, h("span.level-bar"), h("span.skeleton"));
  const length = look.wrap ? SHOWN_WRAPPED : SHOWN;
  const cut = row.message.length > length || row.source.line_bytes !== undefined;
  const message = look.columns.includes("message") || look.columns.length === 0;
  const rest = message ? restOf(row.source, look.wrap ? 24 : 8) : [];
  return h(
    `div.hit${look.wrap ? ".is-wrapped" : ""}`,
    {},
    h(`span.level-bar.back-${row.level}`, { title: row.level }),
    h("time.cell-time", { datetime: row.source.timestamp }, formatStamp(row.time, prefs.utc)),
    h(`span.cell-level.level-${row.level}`, {}, row.level === "none" ? "" : row.level),
    look.columns.filter((name) => name !== "message").map((name) => cell(row, name, look)),
    message
      ? h(
          "span.cell-message",
          {},
          marked(row.message.slice(0, length), look.pattern),
          cut ? "…" : null,
          // A text and one element for each: rows are made by the hundred while somebody scrolls.
          rest.length > 0
            ? h(
                "span.rest",
                {},
                rest.map(([name, value]) => [`${name}=`, h("b", {}, marked(value, look.pattern))]),
              )
            : null,
        )
      : null,
  );
}
