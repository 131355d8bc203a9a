// What this browser remembers by itself: looks and habits. Everything that matters to others is in the address or on
// the server.

interface Prefs {
  theme: "auto" | "light" | "dark";
  utc: boolean;
  wrap: boolean;
  facets: boolean;
  history: { query: string; lang: string }[];
  draft: { text: string; hash: string }; // what was typed and not yet asked, and where: outlives a reload
}

const DEFAULTS: Prefs = {
  theme: "auto",
  utc: false,
  wrap: false,
  facets: true,
  history: [],
  draft: { text: "", hash: "" },
};

function load(): Prefs {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem("taffrail") ?? "{}") as Partial<Prefs>) };
  } catch {
    return { ...DEFAULTS };
  }
}

export const prefs: Prefs = load();

export function setPref<K extends keyof Prefs>(name: K, value: Prefs[K]): void {
  prefs[name] = value;
  try {
    localStorage.setItem("taffrail", JSON.stringify(prefs));
  } catch {
    // Storage is full or forbidden: then it is remembered until the page closes.
  }
}

export function remember(query: string, lang: string): void {
  if (query === "" || query === "*") return;
  const rest = prefs.history.filter((each) => each.query !== query || each.lang !== lang);
  setPref("history", [{ query, lang }, ...rest].slice(0, 100));
}

export function applyTheme(): void {
  document.documentElement.dataset["theme"] = prefs.theme;
}
