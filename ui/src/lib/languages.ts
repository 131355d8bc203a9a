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
  return language === "logql" ? addLogqlCondition(query, name, value, exclude) : null;
}
