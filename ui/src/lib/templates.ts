// Lines grouped by what they say when their variable parts are taken out: "user <*> logged in from <*>".
//
// Words that hold a digit, are hex, an address, a path with numbers, or stand in quotes are variable from the start.
// Groups of as many words that differ in one place only then become one, as in Drain (He et al., ICWS 2017), with a tree
// of one level: length, then the first word.

export interface Template {
  words: string[];
  counts: number[]; // by interval
  lines: number;
  errors: number;
  example: string;
}

const WILD = "<*>";
const MOST = 500; // groups: more than anyone reads; the rest is one
const WORDS = 60; // of a line; a dumped payload has thousands

export function wordsOf(text: string): string[] {
  return text
    .slice(0, 2000)
    .split(/\s+/, WORDS)
    .filter((word) => word !== "")
    .map((word) => {
      if (/\d/.test(word) || /^[0-9a-f-]{16,}$/i.test(word) || /^["'].*["']$/.test(word)) {
        // What stands around the variable part is kept: "id=<*>," and "took=<*>".
        const around = /^([A-Za-z_.]+[=:])?(.*?)([,;.)\]]?)$/.exec(word);
        return around && around[1] ? `${around[1]}${WILD}${around[3]}` : WILD;
      }
      return word;
    });
}

export class Templates {
  private readonly groups = new Map<string, Template[]>();
  private size = 0;

  constructor(private readonly intervals: number) {}

  add(text: string, interval: number, isError: boolean): void {
    const words = wordsOf(text);
    if (words.length === 0) return;
    const key = `${words.length} ${words[0]}`;
    const group = this.groups.get(key) ?? [];
    let found = group.find((template) => fits(template.words, words));
    if (!found) {
      if (this.size >= MOST) return;
      found = {
        words,
        counts: new Array<number>(this.intervals).fill(0),
        lines: 0,
        errors: 0,
        example: text,
      };
      group.push(found);
      this.groups.set(key, group);
      ++this.size;
    } else {
      found.words = found.words.map((word, i) => (word === words[i] ? word : WILD));
    }
    ++found.counts[Math.max(0, Math.min(this.intervals - 1, interval))];
    ++found.lines;
    if (isError) ++found.errors;
  }

  all(): Template[] {
    return [...this.groups.values()].flat().sort((a, b) => b.lines - a.lines);
  }
}

// Of long lines more may differ than of short ones.
function fits(a: string[], b: string[]): boolean {
  let different = 0;
  for (let i = 0; i < a.length; ++i) if (a[i] !== b[i] && a[i] !== WILD) ++different;
  return different <= Math.floor(a.length * 0.3) && (a.length > 3 || different === 0);
}

export type Trend = "new" | "growing" | "fading" | "";

// New: nothing in the first half, and not by chance. Growing: the last third has much more than the first two. Where
// there is no line at all in the first half, nothing can be told of any template.
export function trendOf(counts: number[], all: number[]): Trend {
  const sum = (from: number, to: number): number => counts.slice(from, to).reduce((a, b) => a + b, 0);
  const n = counts.length;
  const half = Math.floor(n / 2);
  if (all.slice(0, half).every((lines) => lines === 0)) return "";
  if (sum(0, half) === 0 && sum(half, n) >= 2) return "new";
  const third = Math.floor(n / 3);
  const before = sum(0, n - third) / Math.max(1, n - third);
  const after = sum(n - third, n) / Math.max(1, third);
  if (after * third >= 10 && after > 2 * before) return "growing";
  if (before * third >= 10 && after < before / 4) return "fading";
  return "";
}

// The phrases between the variable parts of a template: what its lines are searched by.
export function phrasesOf(words: string[]): string[] {
  return words
    .join(" ")
    .split(WILD)
    .map((piece) =>
      piece
        .replace(/[A-Za-z_.]+[=:]$/, "")
        .replace(/^[,;.)\]]+/, "")
        .trim(),
    )
    .filter((piece) => /[A-Za-z]/.test(piece));
}
