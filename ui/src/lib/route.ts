// The address is the state: "#/search?q=level%3AERROR&from=-1h". Whoever opens it sees the same.
import { clear as clearKeys } from "./keys";

export interface Route {
  view: string;
  id: string;
  params: URLSearchParams;
}

export function parseHash(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view, ...id] = path.split("/");
  let decoded = id.join("/");
  try {
    decoded = decodeURIComponent(decoded);
  } catch {
    // Cut off in the middle of an escape: as it is.
  }
  return { view: view || "search", id: decoded, params: new URLSearchParams(query ?? "") };
}

export function hashOf(view: string, params: Record<string, string | undefined> = {}, id = ""): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${view}${id ? "/" + encodeURIComponent(id) : ""}${text ? "?" + text : ""}`;
}

export function go(view: string, params: Record<string, string | undefined> = {}, id = ""): void {
  location.hash = hashOf(view, params, id);
}

// Changes the address without a step back for each keystroke, and without a new view.
export function replaceHash(hash: string): void {
  if (hash !== location.hash) history.replaceState(null, "", hash);
}

// A new step in the history, without a new view: what the view shows has changed already.
export function pushHash(hash: string): void {
  if (hash !== location.hash) history.pushState(null, "", hash);
}

export interface View {
  element: HTMLElement;
  title: string;
  // The address has changed under the same view.
  update?(route: Route): void;
  dispose?(): void;
  // The server is back: ask again.
  refresh?(): void;
}

export function leave(view: View | null): void {
  clearKeys();
  view?.dispose?.();
}
