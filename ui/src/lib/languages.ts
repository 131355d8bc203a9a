// The query languages: which there are, the server says; how one is called and how a condition is added, stands here.
import { getJson } from "./api";
import { addCondition, addLogqlCondition } from "./query";

const LABELS: Record<string, string> = {
  search: "Search",
  logql: "LogQL",
  insights: "Insights",
  elastic: "Elasticsearch",
  jq: "jq",
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
  return LABELS[language] ?? language;
}

// The query with one more condition; null where only a person can add it.
export function withCondition(
  language: string,
  query: string,
  name: string,
  value: string,
  exclude: boolean,
): string | null {
  if (language === "search") return addCondition(query, name, value, exclude);
  if (language === "logql") return addLogqlCondition(query, name, value, exclude);
  return language === "insights" ? withFilter(query, name, value, exclude) : null;
}

// In front, where the fields are still those of the lines. A value that looks like a number may be a text in the line.
function withFilter(query: string, name: string, value: string, exclude: boolean): string {
  const path = name
    .split(".")
    .map((part) => (/^[A-Za-z_@]\w*$/.test(part) ? part : `\`${part}\``))
    .join(".");
  const values = /^-?\d+(\.\d+)?$/.test(value) ? [JSON.stringify(value), value] : [JSON.stringify(value)];
  const filter = `filter ${path} ${exclude ? "not in" : "in"} [${values.join(", ")}]`;
  const rest = query.trim();
  return rest === "" || rest === "*" ? filter : `${filter} | ${rest}`;
}
