// What a search is: all of it is in the address.
import { everything } from "./languages";
import { prefs } from "./prefs";
import { splitStages } from "./query";
import { hashOf } from "./route";

export interface State {
  q: string;
  lang: string;
  from: string;
  to: string;
  cols: string[];
  facets: string[];
  wrap: boolean;
  panel: boolean; // of the facets: whether it is open
  sort: string; // of a table: "down:COLUMN" or "up:COLUMN", or empty as the answer has it
  at: string; // "TIMESTAMP~SEQUENCE" of the record that is open
}

const FACETS = ["level", "service"];

export function stateOf(params: URLSearchParams): State {
  const list = (name: string, fallback: string[]): string[] => {
    const text = params.get(name);
    return text === null ? fallback : text.split(",").filter((each) => each !== "");
  };
  const lang = params.get("lang") ?? "search";
  return {
    q: params.get("q") ?? everything(lang),
    lang,
    from: params.get("from") ?? "-1h",
    to: params.get("to") ?? "",
    cols: list("cols", ["service", "message"]),
    facets: list("facets", FACETS),
    wrap: params.has("wrap") ? params.get("wrap") === "1" : prefs.wrap,
    panel: params.has("panel") ? params.get("panel") === "1" : prefs.facets,
    sort: params.get("sort") ?? "",
    at: params.get("at") ?? "",
  };
}

// `whole` also names the looks that are as usual: whoever opens the link may have other habits.
export function hashOfState(state: State, whole = false): string {
  const look = (on: boolean, usual: boolean, habit: boolean): string | undefined =>
    !whole && on === usual && on === habit ? undefined : on ? "1" : "0";
  const same = (a: string[], b: string[]): boolean => a.join() === b.join();
  return hashOf("search", {
    q: state.q === everything(state.lang) ? "" : state.q,
    lang: state.lang === "search" ? "" : state.lang,
    from: state.from === "-1h" && state.to === "" ? "" : state.from,
    to: state.to,
    cols: same(state.cols, ["service", "message"]) ? undefined : state.cols.join(",") || ",",
    facets: same(state.facets, FACETS) ? undefined : state.facets.join(",") || ",",
    wrap: look(state.wrap, false, prefs.wrap),
    panel: look(state.panel, true, prefs.facets),
    sort: state.sort,
    at: state.at,
  });
}

// Whether a query is known to count or compute before it is asked; else its answer tells. LogQL's log queries begin with
// a selector, and its metric queries do not.
export function makesTable(query: string, lang: string): boolean {
  if (lang === "logql") return !query.trim().startsWith("{");
  return lang === "search" && /\|\s*(count|stats|fields)\b/.test(splitStages(query).stages);
}
