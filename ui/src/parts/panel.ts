// One panel: asks its query for the dashboard's time and draws the answer.
import { h, icon, replace } from "../lib/dom";
import { getJson, isAbort, messageOfError, TableAnswer } from "../lib/api";
import { Panel } from "../lib/dashboard";
import { short, withUnit } from "../lib/format";
import { prefs } from "../lib/prefs";
import { LEVELS, textOf } from "../lib/record";
import { hashOf } from "../lib/route";
import { formatRfc3339, now, parseRfc3339, Range, roundStepMs, stepText, toMs, DAY } from "../lib/time";
import { Chart, Series } from "./chart";
import { cellText, resultTable } from "./result_table";

export interface PanelContext {
  range: Range;
  from: string;
  to: string;
  onBrush: (from: bigint, to: bigint) => void;
  sortOf: (title: string) => string; // of a table, as resultTable takes it
  onSort: (title: string, sort: string) => void;
}

export class PanelBox {
  readonly element: HTMLElement;
  private readonly body = h("div.panel-body");
  private chart: Chart | null = null;
  private abort = new AbortController();

  constructor(
    readonly panel: Panel,
    private context: PanelContext,
    tools: HTMLElement[] = [],
  ) {
    const search = h<HTMLAnchorElement>(
      "a.icon-button",
      {
        title: "Search the same",
        "aria-label": `Search the same as ${panel.title}`,
        href: hashOf("search", { q: this.queryFor(60), from: context.from, to: context.to }),
      },
      icon("search"),
    );
    this.element = h(
      `section.panel-box.panel-${panel.kind}.width-${panel.width}`,
      { "aria-label": panel.title },
      h("header", {}, h("h2", {}, panel.title), h("span.grow"), tools.length > 0 ? tools : search),
      this.body,
    );
  }

  dispose(): void {
    this.abort.abort();
    this.chart?.dispose();
  }

  private step(pieces: number): number {
    const to = this.context.range.to ?? now();
    const from = this.context.range.from ?? to - DAY;
    return roundStepMs(Math.max(1, toMs(to) - toMs(from)), pieces);
  }

  private queryFor(pieces: number): string {
    return this.panel.query.replace(/\$interval/g, stepText(this.step(pieces)));
  }

  async load(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { range } = this.context;
    this.element.setAttribute("aria-busy", "true");
    try {
      const answer = await getJson<Partial<TableAnswer>>(
        "/api/v1/search",
        {
          query: this.queryFor(120),
          format: "json",
          from: range.from === null ? undefined : formatRfc3339(range.from),
          to: range.to === null ? undefined : formatRfc3339(range.to),
        },
        this.abort.signal,
      );
      if (!answer.columns || !answer.rows)
        throw new Error("This query finds records. A panel needs a table: add “| count by …”.");
      this.draw(answer as TableAnswer);
    } catch (error) {
      if (!isAbort(error)) replace(this.body, h("p.error", {}, messageOfError(error)));
    }
    this.element.setAttribute("aria-busy", "false");
  }

  private draw(answer: TableAnswer): void {
    if (answer.rows.length === 0 && this.panel.kind !== "stat") {
      return replace(this.body, h("p.panel-none.dim", {}, "Nothing in this time"));
    }
    switch (this.panel.kind) {
      case "stat":
        return this.drawStat(answer);
      case "toplist":
        return this.drawTop(answer);
      case "table":
        return replace(
          this.body,
          resultTable(answer, {
            unit: this.panel.unit,
            unitsByName: true,
            limit: 100,
            sort: this.context.sortOf(this.panel.title),
            onSort: (sort) => this.context.onSort(this.panel.title, sort),
          }),
        );
      case "timeseries":
        return this.drawSeries(answer);
    }
  }

  private drawStat(answer: TableAnswer): void {
    const value = answer.rows[0]?.[answer.columns.length - 1];
    const text =
      typeof value === "number"
        ? withUnit(value, this.panel.unit ?? "")
        : value === null || value === undefined
          ? "–"
          : cellText(value);
    replace(this.body, h("div.stat-value", {}, text));
  }

  private drawTop(answer: TableAnswer): void {
    const last = answer.columns.length - 1;
    const rows = answer.rows.filter((row) => typeof row[last] === "number").slice(0, 10);
    const most = Math.max(1e-9, ...rows.map((row) => row[last] as number));
    replace(
      this.body,
      h(
        "ul.top",
        {},
        rows.map((row) => {
          const bar = h("span.facet-bar");
          bar.style.width = `${Math.max(0.5, (100 * (row[last] as number)) / most)}%`;
          const name = row
            .slice(0, last)
            .map((value) => (value === null ? "(none)" : textOf(value)))
            .join(" · ");
          return h(
            "li.facet-row",
            {},
            bar,
            h("span.facet-name", { title: name }, name),
            h("span.facet-count", {}, withUnit(row[last] as number, this.panel.unit ?? "")),
          );
        }),
      ),
    );
  }

  private drawSeries(answer: TableAnswer): void {
    const step = this.step(120);
    const at = answer.columns.findIndex(
      (column, c) =>
        /^time\b/.test(column) &&
        answer.rows.some((row) => typeof row[c] === "string" && parseRfc3339(row[c] as string) !== null),
    );
    if (at < 0) return replace(this.body, h("p.error", {}, "A time series groups by time($interval)."));
    const isValue = (c: number): boolean => answer.rows.some((row) => typeof row[c] === "number");
    const columns = answer.columns.map((_, c) => c).filter((c) => c !== at);
    // Aggregates come after the keys; a key may be a number too (a status code), an aggregate may be missing.
    const values = columns.filter((c) => c > at && isValue(c));
    const keyed = columns.filter((c) => c < at || !isValue(c));
    const times = answer.rows.map((row) => toMs(parseRfc3339(textOf(row[at])) ?? 0n));
    const begin = Math.min(
      ...times,
      this.context.range.from === null ? Infinity : Math.floor(toMs(this.context.range.from) / step) * step,
    );
    const end = Math.max(...times, this.context.range.to === null ? 0 : toMs(this.context.range.to));
    const length = Math.min(2000, Math.max(1, Math.floor((end - begin) / step) + 1));
    const series = new Map<string, number[]>();
    answer.rows.forEach((row, i) => {
      const key = keyed.map((c) => (row[c] === null ? "(none)" : textOf(row[c]))).join(" · ");
      for (const c of values) {
        const name =
          values.length > 1
            ? [key, answer.columns[c]].filter((text) => text).join(" ")
            : key || answer.columns[c];
        const counts = series.get(name) ?? new Array<number>(length).fill(0);
        if (typeof row[c] === "number")
          counts[Math.min(length - 1, Math.floor((times[i] - begin) / step))] = row[c] as number;
        series.set(name, counts);
      }
    });
    const sum = (counts: number[]): number => counts.reduce((a, b) => a + b, 0);
    const levels = LEVELS as readonly string[];
    const sorted: Series[] = [...series]
      .sort((a, b) => sum(b[1]) - sum(a[1]))
      .slice(0, 8)
      .map(([name, counts]) => ({ name, values: counts, level: levels.includes(name) ? name : undefined }));
    const stacked = /\|\s*count\b/.test(this.panel.query) && !this.panel.unit;
    if (!this.chart) {
      this.chart = new Chart({
        height: 190,
        kind: stacked ? "bars" : "lines",
        unit: this.panel.unit,
        label: this.panel.title,
        utc: () => prefs.utc,
        onBrush: this.context.onBrush,
      });
    }
    replace(
      this.body,
      this.chart.element,
      h(
        "ul.legend",
        {},
        sorted.map(({ name, level, values: counts }, s) =>
          h(
            "li",
            {},
            h(`span.swatch.back-${level ?? `series-${s % 8}`}`),
            h("span.legend-name", { title: name }, name),
            h(
              "span.dim",
              {},
              this.panel.unit
                ? withUnit(counts[counts.length - 1] || Math.max(...counts), this.panel.unit)
                : short(sum(counts)),
            ),
          ),
        ),
      ),
    );
    this.chart.set({ fromMs: begin, stepMs: step, series: sorted });
  }
}
