// Audit: who did what to what, when, from where, and how it ended; and whether the ledger still proves it.
import { h, icon, replace } from "../lib/dom";
import { AuditAnswer, getJson, isAbort, messageOfError, Problem } from "../lib/api";
import { plural, short } from "../lib/format";
import * as keys from "../lib/keys";
import { prefs } from "../lib/prefs";
import { ApiRecord, rowOf, serviceOf } from "../lib/record";
import { hashOf, replaceHash, Route, View } from "../lib/route";
import { formatStamp } from "../lib/time";
import { Detail } from "../parts/detail";
import { ledgerCard } from "../parts/ledger";
import { VirtualList } from "../parts/virtual_list";

type Filters = { user: string; event: string; outcome: string; ip_address: string; hours: string };

const HOURS: [string, string][] = [
  ["1", "Last hour"],
  ["24", "Last 24 hours"],
  ["168", "Last 7 days"],
  ["720", "Last 30 days"],
  ["8760", "Last year"],
];

// The value of the first of these keys at any depth of the line.
function find(value: unknown, names: string[], depth = 0): string {
  if (typeof value !== "object" || value === null || depth > 4) return "";
  const object = value as Record<string, unknown>;
  for (const name of names) {
    const found = object[name];
    if (typeof found === "string" || typeof found === "number" || typeof found === "boolean")
      return String(found);
  }
  for (const inner of Object.values(object)) {
    const found = find(inner, names, depth + 1);
    if (found) return found;
  }
  return "";
}

export class AuditView implements View {
  readonly element: HTMLElement;
  readonly title = "Audit";
  private filters: Filters;
  private records: ApiRecord[] = [];
  private abort = new AbortController();
  private readonly list: VirtualList;
  private readonly detail: Detail;
  private readonly facets = h("aside.facets", { "aria-label": "Filters" });
  private readonly status = h("span.status-text", { role: "status" });
  private readonly nothing = h(
    "div.nothing",
    { hidden: true },
    icon("audit"),
    h("h2", {}, "No audit record fits"),
    h(
      "p",
      {},
      "Who did what: logins, tokens, permissions, changes. Services write these with the audit and security events of the library, or with ",
      h("code", {}, '"security_level":"audit"'),
      " in a line.",
    ),
  );
  private readonly form = h<HTMLFormElement>("form.audit-form", { role: "search" });

  constructor(route: Route) {
    const text = (name: string): string => route.params.get(name) ?? "";
    this.filters = {
      user: text("user"),
      event: text("event"),
      outcome: text("outcome"),
      ip_address: text("ip"),
      hours: text("hours") || "24",
    };
    this.detail = new Detail({ close: () => this.closeDetail() });
    this.list = new VirtualList({
      label: "Audit records, newest first",
      rowHeight: 28,
      uniform: true,
      render: (index) => this.renderRow(this.records[index]),
      onSelect: (index) => {
        void this.detail.show(this.records[index]);
        this.element.classList.add("has-detail");
      },
    });
    this.buildForm();
    this.element = h(
      "div.view.audit-view",
      {},
      this.form,
      h("div.toolbar", {}, this.status, h("span.grow"), ledgerCard()),
      h(
        "div.search-body",
        {},
        this.facets,
        h(
          "div.results",
          {},
          h(
            "div.hit.audit-row.audit-head",
            { "aria-hidden": "true" },
            h("span"),
            ["Time", "Event", "Who", "From", "On what", "Outcome", "Service"].map((name) =>
              h("span.cell", {}, name),
            ),
          ),
          this.nothing,
          this.list.element,
        ),
        this.detail.element,
      ),
    );
    keys.add("/", "go to the filters", () => this.form.querySelector("input")?.focus());
    keys.add("j, ArrowDown", "next record", () => this.list.move(1));
    keys.add("k, ArrowUp", "record before", () => this.list.move(-1));
    keys.add("r", "ask again", () => void this.load());
    keys.add("Escape", "close the record", () => this.closeDetail());
    void this.load();
  }

  dispose(): void {
    this.abort.abort();
    this.list.dispose();
  }

  refresh(): void {
    void this.load();
  }

  private buildForm(): void {
    const input = (name: keyof Filters, label: string, example: string): HTMLElement =>
      h(
        "label.field",
        {},
        label,
        h("input.text", {
          type: "search",
          name,
          value: this.filters[name],
          placeholder: example,
          spellcheck: "false",
        }),
      );
    replace(
      this.form,
      input("user", "User", "usr_12ab34cd"),
      input("event", "Event", "login_failed"),
      input("outcome", "Outcome", "failure"),
      input("ip_address", "Address", "192.0.2.1"),
      h(
        "label.field",
        {},
        "Time",
        h(
          "select",
          { name: "hours", value: this.filters.hours, onchange: () => this.form.requestSubmit() },
          HOURS.map(([value, label]) => h("option", { value }, label)),
        ),
      ),
      h("button.primary", { type: "submit" }, icon("search"), "Search"),
    );
    this.form.onsubmit = (event) => {
      event.preventDefault();
      const data = new FormData(this.form);
      for (const name of Object.keys(this.filters) as (keyof Filters)[])
        this.filters[name] = String(data.get(name) ?? "").trim();
      void this.load();
    };
  }

  private set(name: keyof Filters, value: string): void {
    this.filters[name] = this.filters[name] === value ? "" : value;
    this.buildForm();
    void this.load();
  }

  private async load(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { ip_address: ip, hours, ...rest } = this.filters;
    replaceHash(hashOf("audit", { ...rest, ip, hours: hours === "24" ? "" : hours }));
    this.status.textContent = "Searching …";
    try {
      const answer = await getJson<AuditAnswer>(
        "/api/v1/logs/audit",
        { ...this.filters, limit: 1000 },
        this.abort.signal,
      );
      this.records = answer.records;
      this.list.clearSelection();
      this.list.setCount(0);
      this.list.setCount(answer.records.length);
      this.list.redraw();
      this.nothing.hidden = answer.records.length > 0;
      this.list.element.hidden = answer.records.length === 0;
      this.status.textContent =
        plural(answer.lines, "audit record") +
        (answer.lines > answer.records.length ? ` · the newest ${answer.records.length} are listed` : "");
      this.showFacets(answer);
    } catch (error) {
      if (isAbort(error)) return;
      this.status.textContent = error instanceof Problem ? error.message : messageOfError(error);
    }
  }

  private showFacets(answer: AuditAnswer): void {
    const facet = (title: string, name: keyof Filters, values: AuditAnswer["by_event"]): HTMLElement =>
      h(
        "section.facet",
        { "aria-label": title },
        h("h3", {}, title),
        values.length === 0
          ? h("p.dim.facet-none", {}, "none")
          : h(
              "ul",
              {},
              values.slice(0, 12).map(({ value, lines }) => {
                const bar = h("span.facet-bar");
                bar.style.width = `${Math.max(1, (100 * lines) / Math.max(1, answer.lines))}%`;
                const on = this.filters[name] === value;
                return h(
                  `li.facet-row${on ? ".is-include" : ""}`,
                  {},
                  bar,
                  h(
                    "button.facet-value",
                    {
                      type: "button",
                      "aria-pressed": String(on),
                      onclick: () => this.set(name, value),
                    },
                    h("span.facet-name", {}, value),
                    h("span.facet-count", {}, short(lines)),
                  ),
                );
              }),
            ),
      );
    replace(
      this.facets,
      facet("Event", "event", answer.by_event),
      facet("Outcome", "outcome", answer.by_outcome),
      facet("User", "user", answer.by_user),
    );
  }

  private renderRow(record: ApiRecord): HTMLElement {
    const row = rowOf(record);
    const line = record.record;
    const outcome = find(line, ["outcome", "result"]);
    const bad = /fail|den|error/i.test(outcome);
    const resource = [find(line, ["resource_type"]), find(line, ["resource_id"])]
      .filter((text) => text)
      .join(" ");
    return h(
      "div.hit.audit-row",
      {},
      h(`span.level-bar.back-${row.level}`),
      h("time.cell-time", {}, formatStamp(row.time, prefs.utc)),
      h("span.cell.strong", {}, find(line, ["event", "event_type", "action"]) || row.message.slice(0, 80)),
      h("span.cell", {}, find(line, ["user_id", "user", "actor", "username", "principal"])),
      h("span.cell", {}, find(line, ["ip_address", "client_ip", "source_ip", "ip"])),
      h("span.cell", {}, resource || find(line, ["action", "provider"])),
      h(`span.cell.${bad ? "bad" : "good"}`, {}, outcome ? icon(bad ? "warning" : "ok") : null, outcome),
      h("span.cell.dim", {}, serviceOf(record)),
    );
  }

  private closeDetail(): void {
    this.detail.hide();
    this.element.classList.remove("has-detail");
  }
}
