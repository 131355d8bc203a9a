// The query languages: which there are, the server says; how one is called, what asks for everything, and how a
// condition is added, taken back and found again, stands here.
import { getJson } from "./api";
import { elasticState, insightsPiece, jqPiece, logqlPiece, withElastic, withPiece } from "./conditions";
import { addCondition, hasCondition, splitStages } from "./query";

export type Wanted = "include" | "exclude" | "";

interface Language {
  label: string;
  everything: string; // the query of an empty box
  hint: string; // what an empty box shows
  // The query with one more condition. The same again takes it back; its opposite turns it around.
  add: (query: string, name: string, value: string, exclude: boolean) => string | null;
  has: (query: string, name: string, value: string) => Wanted;
  // Whether the store itself answers all of the query, so that its counts of lines are those of the hits. Where it is
  // not known, the list finds its end as somebody scrolls there.
  counted: (query: string) => boolean;
}

// Without what stands in quotes.
function bareOf(query: string): string {
  return query.replace(/"(?:[^"\\]|\\.)*"/g, '""');
}

// Languages whose conditions are pieces of text, in front of the query (with "|" after each) or at its end.
function ofPieces(
  piece: (name: string, value: string, exclude: boolean) => string,
  place: "front" | "end",
): Pick<Language, "add" | "has"> {
  return {
    add: (query, name, value, exclude) => {
      const base = place === "end" && query.trim() === "" ? "{}" : query;
      return withPiece(base, piece(name, value, exclude), piece(name, value, !exclude), place);
    },
    has: (query, name, value) =>
      query.includes(piece(name, value, false))
        ? "include"
        : query.includes(piece(name, value, true))
          ? "exclude"
          : "",
  };
}

const LANGUAGES: Record<string, Language> = {
  search: {
    label: "Search",
    everything: "*",
    hint: "Search: timeout level:ERROR user.id:42",
    add: addCondition,
    has: hasCondition,
    counted: (query) => splitStages(query).stages === "",
  },
  logql: {
    label: "LogQL",
    everything: "{}",
    hint: '{service="api"} |= "timeout" | json',
    ...ofPieces(logqlPiece, "end"),
    counted: () => true,
  },
  insights: {
    label: "Insights",
    everything: "",
    hint: 'filter level = "ERROR" | stats count() by service',
    ...ofPieces(insightsPiece, "front"),
    // Fields and constants; what computes is done line by line, after the store.
    counted: (query) =>
      bareOf(query)
        .split("|")
        .every((stage) => /^\s*((filter|where)\s[^()+*%^]*)?$/i.test(stage)),
  },
  elastic: {
    label: "Elasticsearch",
    everything: "{}",
    hint: '{"query":{"match":{"message":"timeout"}}}',
    add: withElastic,
    has: elasticState,
    counted: (query) => !/"(size|from|search_after|post_filter)"\s*:/.test(query),
  },
  jq: {
    label: "jq",
    everything: ".",
    hint: 'select(.level == "ERROR") | {timestamp, message}',
    ...ofPieces(jqPiece, "front"),
    // Of what the store can answer (docs/query-jq.md), equality alone.
    counted: (query) =>
      bareOf(query)
        .split("|")
        .every((stage) => /^\s*(\.|select\((\.[\w.?]+\s*==\s*\S+(\s+or\s+)?)+\))?\s*$/.test(stage)),
  },
};
export const ALWAYS = ["search", "logql"];

let asked: Promise<string[]> | null = null;

export function languages(): Promise<string[]> {
  asked ??= getJson<{ query_languages?: string[] }>("/api/v1/logs/config").then(
    (config) => config.query_languages ?? ALWAYS,
    () => {
      asked = null; // it is asked again with the next view
      return ALWAYS;
    },
  );
  return asked;
}

export function labelOf(language: string): string {
  return LANGUAGES[language]?.label ?? language;
}

export function hintOf(language: string): string {
  return LANGUAGES[language]?.hint ?? "";
}

export function everything(language: string): string {
  return LANGUAGES[language]?.everything ?? "";
}

// The query with one more condition; null where only a person can add it.
export function withCondition(
  language: string,
  query: string,
  name: string,
  value: string,
  exclude: boolean,
): string | null {
  const known = LANGUAGES[language];
  const changed = known ? known.add(query, name, value, exclude) : null;
  return changed === "" ? known.everything : changed;
}

export function countsHits(language: string, query: string): boolean {
  return LANGUAGES[language]?.counted(query) ?? false;
}

// What the query says of a value: so that what was clicked is seen, and a second click takes it back.
export function wanted(language: string, query: string, name: string, value: string): Wanted {
  return LANGUAGES[language]?.has(query, name, value) ?? "";
}

// Of a query whose answer is a table, the query for the lines of a row: what it says of lines, and this value. Null where
// the page cannot tell.
export function linesOf(language: string, query: string, column: string, value: string): string | null {
  if (language === "search")
    return withCondition(language, splitStages(query).conditions, column, value, false);
  if (language !== "insights" || !/^[\w@.`]+$/.test(column)) return null;
  const stages = splitInsights(query);
  const first = stages.findIndex((stage) => !/^(filter|where)\s/i.test(stage.trim()));
  const filters = (first < 0 ? stages : stages.slice(0, first)).join(" | ");
  return withCondition(language, filters, column.replace(/`/g, ""), value, false);
}

// Its commands: what stands between the bars that are in no quotes and in no regular expression.
function splitInsights(query: string): string[] {
  const stages = [""];
  const parts = /"(?:[^"\\]|\\.)*"?|(?:like|=~)\s*\/(?:[^/\\]|\\.)*\/|[^]/g;
  for (const [part] of query.matchAll(parts)) {
    if (part === "|") stages.push("");
    else stages[stages.length - 1] += part;
  }
  return stages.map((stage) => stage.trim());
}

// A query for the lines that have these phrases in their message, of those that the query is for. In the same language
// where it can say so, else in the search language, for all lines.
export function withPhrases(language: string, query: string, phrases: string[]): { q: string; lang: string } {
  const quoted = phrases.map((phrase) => JSON.stringify(phrase));
  if (language === "logql")
    return { lang: "logql", q: [query.trim() || "{}", ...quoted.map((text) => `|= ${text}`)].join(" ") };
  if (language === "insights") {
    const filters = quoted.map((text) => `filter @message like ${text}`);
    return { lang: "insights", q: [...filters, query.trim()].filter((part) => part !== "").join(" | ") };
  }
  const { conditions, stages } = language === "search" ? splitStages(query) : { conditions: "", stages: "" };
  const own = conditions === "*" ? "" : /\bOR\b|\|\|/.test(conditions) ? `(${conditions})` : conditions;
  const words = phrases.map((phrase) => `message:"${phrase.replace(/[\\"]/g, "\\$&")}"`);
  return { lang: "search", q: [own, ...words, stages].filter((part) => part !== "").join(" ") || "*" };
}
