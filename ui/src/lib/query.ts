// The search language as the page needs it: quoting values, adding conditions, finding what is being typed and which
// words to mark. The server alone decides what a query means.

// A value that stands for itself.
export function quoteValue(value: string): string {
  if (value !== "" && /^[A-Za-z0-9_][A-Za-z0-9_.@\-]*$/.test(value) && !/^(AND|OR|NOT|TO)$/.test(value))
    return value;
  return '"' + value.replace(/[\\"]/g, "\\$&") + '"';
}

export function quoteName(name: string): string {
  return name.replace(/[\\:\s()"*?|]/g, "\\$&");
}

export function condition(name: string, value: string): string {
  return `${quoteName(name)}:${quoteValue(value)}`;
}

export interface Split {
  conditions: string;
  stages: string;
} // stages with their leading "|", or ""

// Where the first stage begins: a | after white space, outside quotes.
export function splitStages(query: string): Split {
  let quoted = false;
  for (let i = 0; i < query.length; ++i) {
    const c = query[i];
    if (c === "\\") ++i;
    else if (c === '"') quoted = !quoted;
    else if (
      c === "|" &&
      !quoted &&
      query[i + 1] !== "|" &&
      query[i - 1] !== "|" &&
      (i === 0 || /\s/.test(query[i - 1]))
    ) {
      return { conditions: query.slice(0, i).trim(), stages: query.slice(i) };
    }
  }
  return { conditions: query.trim(), stages: "" };
}

const isAll = (conditions: string): boolean => conditions === "" || conditions === "*";

// The query with one more condition. Asking for what is excluded, or the other way, turns the condition around.
export function addCondition(query: string, name: string, value: string, exclude: boolean): string {
  const { conditions, stages } = splitStages(query);
  const wanted = (exclude ? "-" : "") + condition(name, value);
  const opposite = (exclude ? "" : "-") + condition(name, value);
  const words = conditions.split(" ");
  const at = words.indexOf(opposite);
  let result: string;
  if (words.includes(wanted)) {
    result = words.filter((word) => word !== wanted).join(" "); // the same again takes it back
  } else if (at >= 0) {
    words[at] = wanted;
    result = words.join(" ");
  } else if (isAll(conditions)) {
    result = wanted;
  } else {
    result = /\bOR\b|\|\|/.test(conditions) ? `(${conditions}) ${wanted}` : `${conditions} ${wanted}`;
  }
  result = result.trim() || "*";
  return stages ? `${result} ${stages}` : result;
}

export function hasCondition(query: string, name: string, value: string): "include" | "exclude" | "" {
  const words = splitStages(query).conditions.split(" ");
  if (words.includes(condition(name, value))) return "include";
  return words.includes("-" + condition(name, value)) ? "exclude" : "";
}

// Words and phrases to mark in lines: those looked for in any value, and in the message.
export function markedWords(query: string): string[] {
  const words: string[] = [];
  const token = /(-|!|NOT\s+)?(?:([^\s:"()]+):)?(?:"((?:[^"\\]|\\.)*)"|([^\s"()|]+))/g;
  for (const [, not, name, phrase, word] of splitStages(query).conditions.matchAll(token)) {
    if (not || (name && name !== "message")) continue;
    const text = phrase !== undefined ? phrase.replace(/\\(.)/g, "$1") : word;
    if (!text || /^(AND|OR|NOT|&&|\|\|)$/.test(text) || /^[-!/<>[{]/.test(text)) continue;
    for (const piece of text.split(/[*?]+/)) if (piece.length > 1) words.push(piece);
  }
  return words;
}

export interface Typing {
  kind: "name" | "value" | "stage" | "none";
  begin: number; // what is replaced, up to the cursor
  text: string; // typed so far
  field: string; // of a value
}

// What the word at the cursor is.
export function typingAt(query: string, cursor: number): Typing {
  const before = query.slice(0, cursor);
  const { stages } = splitStages(before);
  if (stages) {
    const match = /(\|\s*)?([A-Za-z_@.\-0-9]*)$/.exec(before);
    const text = match?.[2] ?? "";
    const first = match?.[1] !== undefined;
    return { kind: first ? "stage" : "name", begin: cursor - text.length, text, field: "" };
  }
  const quotes = before.replace(/\\./g, "__").split('"').length - 1;
  if (quotes % 2 === 1) {
    const open = before.lastIndexOf('"');
    const name = /([^\s:"()\-!][^\s:"()]*):$/.exec(before.slice(0, open));
    return name
      ? { kind: "value", begin: open, text: before.slice(open + 1), field: name[1] }
      : { kind: "none", begin: cursor, text: "", field: "" };
  }
  const value = /(?:^|[\s(])[-!]?([^\s:"()\-!][^\s:"()]*):(?:\()?([^\s"():<>[{/]*)$/.exec(before);
  if (value) return { kind: "value", begin: cursor - value[2].length, text: value[2], field: value[1] };
  const name = /(?:^|[\s(])[-!]?([^\s:"()\-!/<>[{]*)$/.exec(before);
  if (name) return { kind: "name", begin: cursor - name[1].length, text: name[1], field: "" };
  return { kind: "none", begin: cursor, text: "", field: "" };
}

// Whether a text looks like the id of a request, trace or job: worth a trail.
export function looksLikeId(name: string, value: string): boolean {
  if (value.length < 8 || value.length > 128 || /\s/.test(value)) return false;
  if (/(^|[._])(id|uuid|trace|request|correlation|span|task|job|session)/i.test(name) && /\d/.test(value))
    return true;
  return /^[0-9a-f]{16,64}$|^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^[a-z]+_[0-9a-f]{6,}$/i.test(
    value,
  );
}
