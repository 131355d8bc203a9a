// What is being typed: a word of the language, the name of a field, or one of its values. It only guesses; the server
// alone decides what a query means.
import { insightsPath, jqPath } from "./conditions";
import { quoteName, quoteValue, Typing, typingAt } from "./query";

export type Words = [text: string, meaning: string][];

const OPERATORS: Words = [
  ["level:>=WARNING", "warnings and worse"],
  ["-", "not: -path:/health"],
  ["OR", "either"],
  ["NOT", "not"],
  ["| count by ", "how many of each"],
  ["| stats ", "averages, percentiles …"],
];
const STAGES: Words = [
  ["count by ", "records for each value"],
  ["stats ", "avg(f), p95(f), sum(f) … by key"],
  ["fields ", "a table of fields"],
  ["where ", "keep rows that fit"],
  ["sort -", "highest first"],
  ["limit ", "first rows"],
];
const LOGQL: Words = [
  ['|= "', "line contains"],
  ['!= "', "line does not contain"],
  ['|~ "', "line matches"],
  ["| json ", "fields of JSON lines"],
  ["| logfmt ", "fields of logfmt lines"],
  ["| level = ", "compare a label"],
  ['| line_format "', "write the line anew"],
  ["| pattern `", "fields by a form"],
];
const LOGQL_BEGIN: Words = [
  ["{} | json ", "all lines"],
  ["{", "lines of streams"],
  ["sum by (level) (count_over_time({} | json [5m]))", "lines over time, by level"],
  ["sum(rate({} [5m]))", "lines a second"],
  ["quantile_over_time(0.95, {} | json | unwrap duration_ms [5m])", "a percentile over time"],
];
const INSIGHTS: Words = [
  ["filter ", "keep lines that fit"],
  ["stats count() by ", "how many of each"],
  ["stats avg(", "averages, pct(f, 95), sum(f) … by key"],
  ["fields @timestamp, @message", "a table of fields"],
  ["sort @timestamp desc", "order"],
  ["limit ", "first rows"],
  ['parse @message "', "fields out of text"],
  ["pattern @message", "group by form"],
  ["dedup ", "first row of each value"],
  ["display ", "show these alone"],
];
const JQ: Words = [
  ["select(.", "keep lines that fit"],
  ['select(.level == "ERROR")', "errors"],
  ["{timestamp, level, message}", "these fields alone"],
  ['test("', "matches a regular expression"],
  ['contains("', "contains"],
  ['startswith("', "begins with"],
  ["has(", "has the field"],
  ["not", "the other lines"],
  ["to_entries", "names and values"],
  ["tostring", "as text"],
];
const ELASTIC: Words = [
  ['{"query":{"match":{"message":"', "words in the message"],
  ['{"query":{"term":{"level":"ERROR"}}}', "one value"],
  ['{"query":{"query_string":{"query":"', "Lucene's query string"],
  ['{"query":{"range":{"duration_ms":{"gte":', "numbers above"],
  ['{"query":{"bool":{"filter":[{"term":{"', "several conditions"],
  ['{"query":{"exists":{"field":"', "has the field"],
];
const ELASTIC_KEYS: Words = [
  ["query", "which lines"],
  ["bool", "several conditions"],
  ["filter", "all of these"],
  ["must_not", "none of these"],
  ["should", "one of these"],
  ["term", "one value, whole"],
  ["terms", "one of several values"],
  ["match", "words"],
  ["match_phrase", "words in this order"],
  ["range", "between"],
  ["exists", "has the field"],
  ["wildcard", "with * and ?"],
  ["regexp", "a regular expression"],
  ["query_string", "Lucene's query string"],
  ["gte", "at least"],
  ["lte", "at most"],
  ["size", "how many hits"],
  ["sort", "order"],
];

export interface Place {
  typing: Typing; // kind "stage": a word of the language
  words: Words; // of the language, that fit here; beside names where nothing is typed yet
  wordsFirst?: boolean; // they are offered before names, whatever is typed
  name: (field: string) => string; // as it is written here
  value: (value: string) => string;
  // Which field somebody means by what is written: labels of LogQL have lost their dots.
  isField: (field: string, written: string) => boolean;
}

const same = (field: string, written: string): boolean => field === written;
const quoteEnd = (value: string): string => JSON.stringify(value).slice(1); // the quote is open already
const word = (before: string, pattern: RegExp): string => pattern.exec(before)?.[1] ?? "";

// The text since a quote that is still open; null where none is.
function inQuotes(before: string): { text: string; head: string } | null {
  const plain = before.replace(/\\./g, "__");
  if ((plain.split('"').length - 1) % 2 === 0) return null;
  const open = plain.lastIndexOf('"');
  return { text: before.slice(open + 1), head: before.slice(0, open) };
}

function typing(kind: Typing["kind"], before: string, text: string, field = ""): Typing {
  return { kind, begin: before.length - text.length, text, field };
}

// In quotes after FIELD and an operator: a value of it.
function valueIn(before: string, field: RegExp, unquote: (name: string) => string = (n) => n): Typing | null {
  const quoted = inQuotes(before);
  if (quoted === null) return null;
  const name = field.exec(quoted.head)?.[1];
  return name === undefined
    ? typing("none", before, "")
    : typing("value", before, quoted.text, unquote(name));
}

function search(before: string): Place {
  const at = typingAt(before, before.length);
  const inStages = at.begin > 0 && /\|/.test(before.slice(0, at.begin));
  return {
    typing: at,
    words: at.kind === "stage" ? STAGES : inStages ? [] : OPERATORS,
    name: (field) => quoteName(field) + (inStages ? "" : ":"),
    value: (value) => quoteValue(value) + " ",
    isField: same,
  };
}

function logql(before: string): Place {
  const label = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^\d/, "_$&");
  const text = word(before, /([A-Za-z_]\w*)$/);
  const rest = before.slice(0, before.length - text.length);
  const selecting = before.lastIndexOf("{") > before.lastIndexOf("}");
  const named = /(\|\s*|\band\s+|\bor\s+|\bby\s*\(\s*|,\s*)$/.test(rest);
  const at =
    valueIn(before, /([A-Za-z_]\w*)\s*(?:=|!=|=~|!~)\s*$/) ??
    (selecting || (named && text !== "")
      ? typing("name", before, text)
      : text === "" || before.trim() === text
        ? typing("stage", before, text)
        : typing("none", before, ""));
  return {
    typing: at,
    words: selecting || named ? [] : before.trim() === text ? LOGQL_BEGIN : LOGQL,
    name: (field) => (selecting ? `${label(field)}="` : `${label(field)} = "`),
    value: quoteEnd,
    isField: (field, written) => label(field) === written,
  };
}

function insights(before: string): Place {
  const unquote = (name: string): string => name.replace(/`/g, "");
  const text = word(before, /([A-Za-z_@][\w.@]*)$/);
  const first = /(^|\|)\s*$/.test(before.slice(0, before.length - text.length));
  const operator = /([\w@.`-]+)\s*(?:=|!=|=~|like|in\s*\[[^\]]*|in\s*\[)\s*$/i;
  return {
    typing:
      valueIn(before, operator, unquote) ??
      typing(first ? "stage" : /[\s(,[]$/.test(before) || text !== "" ? "name" : "none", before, text),
    words: first ? INSIGHTS : [],
    name: insightsPath,
    value: quoteEnd,
    isField: same,
  };
}

function jq(before: string): Place {
  const unquote = (path: string): string => path.replace(/^\./, "").replace(/[?"]/g, "");
  const path = word(before, /(\.[\w.]*)$/);
  const text = word(before, /([a-z_]+)$/);
  const operator = /(\.[\w.?"-]+)\s*(?:==|!=|\|\s*(?:test|contains|startswith|endswith|IN)\()\s*$/;
  return {
    typing:
      valueIn(before, operator, unquote) ??
      (path !== ""
        ? { ...typing("name", before, path), text: path.slice(1) }
        : typing("stage", before, text)),
    words: path === "" ? JQ : [],
    name: jqPath,
    value: quoteEnd,
    isField: same,
  };
}

function elastic(before: string): Place {
  const quoted = inQuotes(before);
  const operator = /"([^"]+)"\s*:\s*(?:\{\s*"(?:value|query)"\s*:\s*|\[[^\]]*)?$/;
  const isKey = (name: string): boolean => ELASTIC_KEYS.some(([key]) => key === name) || name === "field";
  const value = valueIn(before, operator);
  let at = typing(before.trim() === "" ? "stage" : "none", before, "");
  if (quoted !== null) at = typing("name", before, quoted.text);
  if (value?.kind === "value" && !isKey(value.field)) at = value;
  return {
    typing: at,
    words: quoted === null ? ELASTIC : ELASTIC_KEYS.map(([key, meaning]) => [`${key}":`, meaning]),
    wordsFirst: true,
    name: (field) => (/"field"\s*:\s*$/.test(quoted?.head ?? "") ? quoteEnd(field) : `${quoteEnd(field)}:`),
    value: quoteEnd,
    isField: same,
  };
}

const PLACES: Record<string, (before: string) => Place> = { search, logql, insights, jq, elastic };

export function placeAt(language: string, query: string, cursor: number): Place | null {
  return PLACES[language]?.(query.slice(0, cursor)) ?? null;
}
