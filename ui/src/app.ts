// The page: navigation, one view at a time, the keys that work everywhere, and what is said when the server is gone.
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/search.css";
import "./styles/views.css";
import { h, icon, iconButton, replace } from "./lib/dom";
import { onNoTenant, onReachable, reportError } from "./lib/api";
import * as keys from "./lib/keys";
import { applyTheme, prefs, setPref } from "./lib/prefs";
import { leave, parseHash, Route, View } from "./lib/route";
import { closePopup, dialog } from "./parts/popup";
import { askTenant, tenantButton } from "./parts/tenant";
import { AuditView } from "./views/audit";
import { DashboardsView } from "./views/dashboards";
import { HealthView } from "./views/health";
import { LiveView } from "./views/live";
import { PatternsView } from "./views/patterns";
import { SearchView } from "./views/search";
import { TrailView } from "./views/trail";

interface Place {
  name: string;
  label: string;
  key: string;
  make: (route: Route) => View;
}

const PLACES: Place[] = [
  { name: "search", label: "Search", key: "s", make: (route) => new SearchView(route) },
  { name: "live", label: "Live", key: "l", make: (route) => new LiveView(route) },
  { name: "trail", label: "Trail", key: "r", make: (route) => new TrailView(route) },
  { name: "patterns", label: "Patterns", key: "p", make: (route) => new PatternsView(route) },
  { name: "dashboards", label: "Dashboards", key: "d", make: (route) => new DashboardsView(route) },
  { name: "audit", label: "Audit", key: "a", make: (route) => new AuditView(route) },
  { name: "health", label: "Health", key: "h", make: () => new HealthView() },
];

const main = h("main", { id: "main", tabindex: -1 });
const gone = h(
  "div.gone",
  { role: "alert", hidden: true },
  icon("warning"),
  "The server cannot be reached. Trying again; what you typed is kept.",
);
const links = PLACES.map(({ name, label, key }) =>
  h<HTMLAnchorElement>(
    "a.nav-link",
    {
      href: `#/${name}`,
      title: `${label} (g ${key})`,
    },
    icon(name),
    h("span", {}, label),
  ),
);

let view: View | null = null;
let viewName = "";

function show(): void {
  closePopup();
  const route = parseHash(location.hash);
  const place = PLACES.find(({ name }) => name === route.view) ?? PLACES[0];
  links.forEach((link, i) => {
    if (PLACES[i] === place) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  if (view?.update && viewName === place.name) {
    view.update(route);
  } else {
    leave(view);
    view = place.make(route);
    viewName = place.name;
    replace(main, view.element);
  }
  document.title = `${view.title} · Taffrail`;
}

function nextTheme(): void {
  const order = ["auto", "light", "dark"] as const;
  setPref("theme", order[(order.indexOf(prefs.theme) + 1) % order.length]);
  applyTheme();
  themeButton.title = `Theme: ${prefs.theme} (T)`;
}

const SIGNS: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

function help(): void {
  const { view: ofView, everywhere } = keys.all();
  const list = (title: string, items: keys.Key[]): HTMLElement =>
    h(
      "section",
      {},
      h("h3", {}, title),
      h(
        "dl.keys",
        {},
        items.map(({ keys: names, does }) =>
          h(
            "div",
            {},
            h(
              "dt",
              {},
              names.split(", ").map((name) => h("kbd", {}, SIGNS[name] ?? name)),
            ),
            h("dd", {}, does),
          ),
        ),
      ),
    );
  dialog(
    "Keys",
    h(
      "div.key-lists",
      {},
      ofView.length > 0 ? list(view?.title ?? "", ofView) : null,
      list("Everywhere", everywhere),
    ),
  );
}

const themeButton = iconButton("theme", "Theme (T)", nextTheme);

function start(): void {
  applyTheme();
  window.addEventListener("error", (event) => {
    reportError(
      event.message,
      (event.error as Error | null)?.stack ?? "",
      `${event.filename}:${event.lineno}`,
    );
  });
  window.addEventListener("unhandledrejection", (event) => {
    const reason = event.reason as Error | null;
    reportError(String(reason?.message ?? event.reason), reason?.stack ?? "", "promise");
  });
  window.addEventListener("hashchange", show);
  window.addEventListener("popstate", show);
  onReachable((reachable) => {
    gone.hidden = reachable;
    if (reachable) view?.refresh?.();
  });
  onNoTenant(() => askTenant());
  for (const { name, label, key } of PLACES)
    keys.addGlobal(`g ${key}`, label, () => {
      location.hash = `#/${name}`;
    });
  keys.addGlobal("T", "light, dark, as the system", nextTheme);
  keys.addGlobal("?, F1", "this list", help);
  keys.listen();
  replace(
    document.getElementById("app")!,
    h(
      "a.skip",
      {
        href: "#main",
        onclick: (event: Event) => {
          event.preventDefault();
          main.focus();
        },
      },
      "To the content",
    ),
    h(
      "nav",
      { "aria-label": "Views" },
      h(
        "a.brand",
        { href: "#/search", title: "Taffrail" },
        h("img", { src: "/ui/icon.svg", alt: "", width: 22, height: 22 }),
        h("span", {}, "Taffrail"),
      ),
      h("div.nav-links", {}, links),
      h("div.nav-foot", {}, tenantButton(), themeButton, iconButton("help", "Keys (?)", help)),
    ),
    h("div.page", {}, gone, main),
  );
  show();
}

start();
