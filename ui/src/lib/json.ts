// JSON read as it was written: numbers keep their digits, keys their order and repetitions. JSON.parse would round
// 12345678901234567890, and the page shows what is stored, not what a double makes of it.

export type Json =
  | { kind: "string"; text: string }
  | { kind: "number"; text: string } // as written
  | { kind: "boolean"; text: string }
  | { kind: "null"; text: string }
  | { kind: "array"; items: Json[] }
  | { kind: "object"; members: [string, Json][] };

// Deeper nesting is kept as its text: a page that descends forever shows nothing.
const MAX_DEPTH = 200;

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) this.fail();
    return value;
  }

  private fail(): never {
    throw new SyntaxError(`no JSON at ${this.at}`);
  }

  private space(): void {
    while (" \t\r\n".includes(this.text[this.at] ?? "x")) ++this.at;
  }

  private value(depth: number): Json {
    if (depth > MAX_DEPTH) this.fail();
    this.space();
    const c = this.text[this.at];
    if (c === "{") return this.object(depth);
    if (c === "[") return this.array(depth);
    if (c === '"') return { kind: "string", text: this.string() };
    const scalar = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
    scalar.lastIndex = this.at;
    const text = scalar.exec(this.text)?.[0];
    if (text === undefined) this.fail();
    this.at += text.length;
    if (text === "null") return { kind: "null", text };
    return { kind: text === "true" || text === "false" ? "boolean" : "number", text };
  }

  private string(): string {
    const begin = this.at++;
    while (this.at < this.text.length && this.text[this.at] !== '"')
      this.at += this.text[this.at] === "\\" ? 2 : 1;
    ++this.at;
    return JSON.parse(this.text.slice(begin, this.at)) as string;
  }

  private array(depth: number): Json {
    const items: Json[] = [];
    this.list("]", () => items.push(this.value(depth + 1)));
    return { kind: "array", items };
  }

  private object(depth: number): Json {
    const members: [string, Json][] = [];
    this.list("}", () => {
      this.space();
      if (this.text[this.at] !== '"') this.fail();
      const name = this.string();
      this.space();
      if (this.text[this.at++] !== ":") this.fail();
      members.push([name, this.value(depth + 1)]);
    });
    return { kind: "object", members };
  }

  private list(end: string, item: () => void): void {
    ++this.at;
    this.space();
    if (this.text[this.at] === end) {
      ++this.at;
      return;
    }
    for (;;) {
      item();
      this.space();
      const c = this.text[this.at++];
      if (c === end) return;
      if (c !== ",") this.fail();
    }
  }
}

export function parseJson(text: string): Json {
  return new Reader(text).document();
}

export function member(value: Json, name: string): Json | undefined {
  return value.kind === "object" ? value.members.find(([key]) => key === name)?.[1] : undefined;
}

// On one line, as somebody would type it.
export function printLine(value: Json): string {
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.text);
    case "array":
      return `[${value.items.map(printLine).join(",")}]`;
    case "object":
      return `{${value.members.map(([name, item]) => `${JSON.stringify(name)}:${printLine(item)}`).join(",")}}`;
    default:
      return value.text;
  }
}

export function print(value: Json, indent = "", step = "  "): string {
  const inner = indent + step;
  switch (value.kind) {
    case "string":
      return JSON.stringify(value.text);
    case "array":
      if (value.items.length === 0) return "[]";
      return "[\n" + value.items.map((item) => inner + print(item, inner, step)).join(",\n") + `\n${indent}]`;
    case "object":
      if (value.members.length === 0) return "{}";
      return (
        "{\n" +
        value.members
          .map(([name, item]) => `${inner}${JSON.stringify(name)}: ${print(item, inner, step)}`)
          .join(",\n") +
        `\n${indent}}`
      );
    default:
      return value.text;
  }
}
