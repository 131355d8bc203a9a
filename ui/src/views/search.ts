// Search: the box, the histogram, the facets, the hits. Its whole state is in the address.
// Above 600 lines: the parts are files of their own; what is here ties them to that one state.
import { h, icon, iconButton, replace } from "../lib/dom";
import {
  Facet,
  getJson,
  messageOfError,
  OverviewAnswer,
  Problem,
  TableAnswer,
  Unreachable,
} from "../lib/api";
import { count, duration, plural } from "../lib/format";
import { Hits, PAGE } from "../lib/hits";
import * as keys from "../lib/keys";
import { everything, linesOf, wanted, withCondition } from "../lib/languages";
import { prefs, remember, setPref } from "../lib/prefs";
import { markedWords } from "../lib/query";
import { LEVELS, Row } from "../lib/record";
import { hashOf, pushHash, replaceHash, Route, View } from "../lib/route";
import { hashOfState, makesTable, State, stateOf } from "../lib/search_state";
import { formatRfc3339, parseRelative, Range, resolveRange, toMs, parseRfc3339 } from "../lib/time";
import { Chart } from "../parts/chart";
import { Detail, idOf, linkTo } from "../parts/detail";
import { emptyStore } from "../parts/empty_store";
import { exportMenu } from "../parts/export";
import { facetPanel } from "../parts/facets";
import { pickFields } from "../parts/field_picker";
import { hitRow, markPattern } from "../parts/hit_row";
import { ask, copy, menu, toast } from "../parts/popup";
import { QueryBox } from "../parts/query_box";
import { resultTable } from "../parts/result_table";
import { savedMenu, SavedView, saveView } from "../parts/saved_views";
import { SeriesChart } from "../parts/series";
import { TimePicker } from "../parts/time_picker";
import { VirtualList } from "../parts/virtual_list";

const ROW_HEIGHT = 24;

export class SearchView implements View {
  readonly element: HTMLElement;
  readonly title = "Search";
  private state: State;
  private hits: Hits | null = null;
  private range: Range = { from: null, to: null };
  private overview: OverviewAnswer | null = null;
  private readonly seenValues = new Map<string, Set<string>>(); // of the facets, whatever was asked for
  private table: AbortController | null = null;
  private series: SeriesChart | null = null;
  private pattern: RegExp | null = null;
  private readonly box: QueryBox;
  private readonly picker: TimePicker;
  private readonly chart: Chart;
  private readonly list: VirtualList;
  private readonly detail: Detail;
  private readonly facets = h("aside.facets", { "aria-label": "Facets" });
  private readonly status = h("div.status-text", { role: "status" });
  private readonly progress = h<HTMLProgressElement>("progress", {
    max: 1,
    "aria-label": "Progress of the search",
  });
  private readonly results = h("div.results");
  private readonly runButton: HTMLButtonElement;
  private readonly wrapButton: HTMLButtonElement;

  constructor(route: Route) {
    this.state = stateOf(route.params);
    this.box = new QueryBox({
      onRun: (query, lang) => this.ask({ q: query, lang, at: "" }),
      range: () => this.rangeParams(),
    });
    this.picker = new TimePicker((from, to) => this.ask({ from, to, at: "" }));
    this.chart = new Chart({
      height: 72,
      kind: "bars",
      label: "Lines over time",
      utc: () => prefs.utc,
      onBrush: (from, to) => this.ask({ from: formatRfc3339(from), to: formatRfc3339(to), at: "" }),
    });
    this.detail = new Detail({
      filter: (name, value, exclude) => this.filter(name, value, exclude),
      addColumn: (name) => this.setColumns([...this.state.cols.filter((each) => each !== name), name]),
      close: () => this.closeDetail(),
    });
    this.list = new VirtualList({
      label: "Hits, newest first",
      rowHeight: ROW_HEIGHT,
      uniform: !this.state.wrap,
      render: (index) => this.renderRow(index),
      onRange: (first, last) => this.hits?.want(first, last),
      onSelect: (index) => this.open(index),
    });
    this.runButton = h<HTMLButtonElement>("button.primary.run", {
      type: "button",
      onclick: () => this.runOrCancel(),
    });
    this.wrapButton = iconButton("wrap", "Wrap long lines (w)", () => this.toggleWrap());
    this.element = this.layout();
    this.bindKeys();
    this.nameLooks(route);
    this.show();
  }

  dispose(): void {
    this.hits?.cancel();
    this.table?.abort();
    this.list.dispose();
    this.chart.dispose();
    this.series?.dispose();
  }

  update(route: Route): void {
    this.state = stateOf(route.params);
    this.nameLooks(route);
    this.show();
  }

  refresh(): void {
    this.run();
  }

  // ---- what it looks like ----

  private layout(): HTMLElement {
    const facetsButton = iconButton("list", "Facets (f)", () => this.toggleFacets());
    const tools = h(
      "div.toolbar",
      { role: "toolbar", "aria-label": "Hits" },
      facetsButton,
      this.status,
      this.progress,
      h("span.grow"),
      h<HTMLButtonElement>(
        "button",
        {
          type: "button",
          "aria-haspopup": "dialog",
          title: "Columns (c)",
          onclick: (event: MouseEvent) => void this.pickColumns(event.currentTarget as HTMLElement),
        },
        icon("columns"),
        h("span.wide", {}, "Columns"),
      ),
      this.wrapButton,
      iconButton(
        "star",
        "Saved searches (s)",
        (event) => void this.savedMenu(event.currentTarget as HTMLElement),
      ),
      iconButton("download", "Export", (event) =>
        exportMenu(
          event.currentTarget as HTMLElement,
          { query: this.state.q, lang: this.state.lang, ...this.rangeParams() },
          this.state.cols,
        ),
      ),
      iconButton("link", "Copy a link to this search", () => void copy(this.shareLink(), "Link")),
    );
    return h(
      "div.view.search-view",
      {},
      h(
        "div.search-bar",
        {},
        this.box.element,
        h("div.search-actions", {}, this.picker.element, this.runButton),
      ),
      this.chart.element,
      tools,
      h("div.search-body", {}, this.facets, this.results, this.detail.element),
    );
  }

  private show(): void {
    const { state } = this;
    const draft = prefs.draft.hash === location.hash ? prefs.draft.text : "";
    this.box.set(draft || state.q, state.lang, draft !== "");
    this.picker.set(state.from, state.to);
    this.pattern = state.lang === "search" ? markPattern(markedWords(state.q)) : null;
    this.element.classList.toggle("no-facets", !state.panel);
    this.showWrap();
    this.run();
  }

  // Habits that are not the usual ones belong into the address: it is copied from there.
  private nameLooks({ params }: Route): void {
    const { wrap, panel } = this.state;
    if ((wrap && !params.has("wrap")) || (!panel && !params.has("panel")))
      replaceHash(hashOfState(this.state));
  }

  private rangeParams(): { from?: string; to?: string } {
    const range = resolveRange(this.state.from, this.state.to);
    return {
      from: range.from === null ? undefined : formatRfc3339(range.from),
      to: range.to === null ? undefined : formatRfc3339(range.to),
    };
  }

  // An address that shows the same tomorrow: with the times that relative ones mean now.
  private shareLink(): string {
    const fixed =
      parseRelative(this.state.from) === null
        ? this.state
        : {
            ...this.state,
            from: formatRfc3339(this.range.from ?? 0n),
            to: formatRfc3339(this.range.to ?? 0n),
          };
    return location.href.split("#")[0] + hashOfState(fixed, true);
  }

  // ---- asking ----

  private ask(change: Partial<State>): void {
    const next = { ...this.state, ...change };
    // Another query has another table.
    this.state = next.q === this.state.q && next.lang === this.state.lang ? next : { ...next, sort: "" };
    if (this.state.q !== everything(this.state.lang)) remember(this.state.q, this.state.lang);
    pushHash(hashOfState(this.state));
    this.closeDetail(false);
    setPref("draft", { text: "", hash: "" });
    this.show();
  }

  private runOrCancel(): void {
    if (this.runButton.classList.contains("is-running")) {
      this.hits?.cancel();
      this.table?.abort();
      this.running(false);
      this.status.textContent += " · cancelled";
    } else {
      this.box.run();
    }
  }

  private running(now: boolean): void {
    replace(this.runButton, icon(now ? "stop" : "search"), now ? "Cancel" : "Search");
    this.runButton.classList.toggle("is-running", now);
    this.progress.hidden = !now;
  }

  private run(): void {
    this.hits?.cancel();
    this.table?.abort();
    this.element.classList.remove("is-empty-store");
    this.overview = null;
    this.list.setCount(0);
    this.list.clearSelection();
    const { q, lang, from, to } = this.state;
    this.range = resolveRange(from, to || (from === "all" || from === "" ? "" : "now"));
    this.box.showError("");
    this.box.forget();
    this.running(true);
    this.progress.removeAttribute("value");
    this.status.textContent = "Searching …";
    const isTable = makesTable(q, lang);
    this.showAs(isTable);
    const isMetric = isTable && lang === "logql";
    this.element.classList.toggle("is-metric", isMetric);
    if (isMetric) {
      this.hits = null;
      return void this.runMetric();
    }
    const hits = new Hits(
      { query: q, lang, range: this.range, facets: this.state.facets, rows: !isTable },
      {
        onRows: (first, count) => {
          if (this.hits === hits) this.onRows(first, count);
        },
        onTable: () => {
          if (this.hits !== hits) return;
          this.showAs(true);
          void this.runTable();
        },
        onOverview: (answer) => {
          if (this.hits === hits) this.onOverview(answer);
        },
        onEnd: () => {
          if (this.hits === hits) this.onEnd();
        },
        onError: (error) => {
          if (this.hits === hits) this.onError(error);
        },
      },
    );
    this.hits = hits;
    hits.start();
    if (isTable) void this.runTable();
    else void this.openAddressed();
  }

  private onRows(first: number, count: number): void {
    this.list.setCount(this.hits?.total ?? 0);
    this.list.redrawRows(first, count);
    this.showCount();
  }

  private onOverview(answer: OverviewAnswer): void {
    this.overview = answer;
    const { hits } = this;
    if (!hits) return;
    this.progress.value = answer.progress;
    if (this.list.element.isConnected && this.list.length !== hits.total) this.list.setCount(hits.total);
    this.chart.set({
      fromMs: toMs(parseRfc3339(answer.from) ?? 0n),
      stepMs: answer.bucket_ns / 1e6,
      series: [...LEVELS]
        .reverse()
        .filter((level) => answer.levels[level])
        .map((level) => ({ name: level, level, values: answer.levels[level] })),
    });
    this.showCount();
    this.showFacets();
  }

  private showCount(): void {
    const { hits, overview: answer } = this;
    if (!hits || !answer) return;
    if (!answer.done)
      this.status.textContent = `${count(answer.lines)} hits so far · ${Math.round(100 * answer.progress)} %`;
    else if (!hits.counted && hits.most === Infinity && hits.total > 0)
      this.status.textContent = `More than ${plural(hits.total - PAGE, "hit")}`;
    else if (hits.most < answer.lines)
      this.status.textContent = `${plural(hits.most, "hit")} of ${count(answer.lines)} lines that the chart counts`;
    else this.status.textContent = `${plural(answer.lines, "hit")} · ${duration(answer.elapsed_ms)}`;
  }

  // With the values that the query excludes: no hit has them any more, but that is what the second click is for.
  private facetsWithExcluded(): Facet[] {
    const { lang, q } = this.state;
    return (this.overview?.facets ?? []).map((facet) => {
      const seen = this.seenValues.get(facet.field) ?? new Set();
      this.seenValues.set(facet.field, seen);
      facet.values.forEach(({ value }) => seen.add(value));
      const here = new Set(facet.values.map(({ value }) => value));
      const excluded = [...seen].filter(
        (value) => !here.has(value) && wanted(lang, q, facet.field, value) === "exclude",
      );
      return { ...facet, values: [...facet.values, ...excluded.map((value) => ({ value, lines: 0 }))] };
    });
  }

  private showFacets(): void {
    facetPanel(this.facets, this.facetsWithExcluded(), this.overview?.lines ?? 0, {
      stateOf: (name, value) => wanted(this.state.lang, this.state.q, name, value),
      filter: (name, value, exclude) => this.filter(name, value, exclude),
      removable: () => true,
      remove: (name) => this.setFacets(this.state.facets.filter((each) => each !== name)),
      add: (from) =>
        void pickFields(from, "Facets", this.state.facets, this.rangeParams(), (chosen) =>
          this.setFacets(chosen, true),
        ),
    });
  }

  private showAs(table: boolean): void {
    this.results.classList.toggle("is-table", table);
    replace(this.results, table ? h("p.dim.pad", {}, "Counting …") : this.list.element);
  }

  private onEnd(): void {
    this.running(false);
    if (this.results.classList.contains("is-table") || this.hits?.total !== 0) return;
    void this.explainNothing();
  }

  private onError(error: unknown): void {
    this.hits?.cancel();
    this.running(false);
    if (error instanceof Unreachable) {
      this.status.textContent = "The server cannot be reached. What you typed is kept.";
    } else if (error instanceof Problem && error.status === 400) {
      this.status.textContent = "The query was not understood.";
      this.box.showError(error.message);
    } else {
      this.status.textContent = messageOfError(error);
    }
  }

  // Nothing was found: because there is nothing, or because of the question?
  private async explainNothing(): Promise<void> {
    const health = await getJson<{ store: { rows: number } }>("/api/v1/logs/health").catch(() => null);
    if (this.hits?.total !== 0 || this.hits.isRunning) return;
    this.element.classList.toggle("is-empty-store", health?.store.rows === 0);
    if (health && health.store.rows === 0)
      return replace(
        this.results,
        emptyStore(() => this.run()),
      );
    const wider =
      this.state.from === "all"
        ? null
        : h(
            "button",
            { type: "button", onclick: () => this.ask({ from: "all", to: "" }) },
            "Search all time",
          );
    const broader =
      this.state.q === everything(this.state.lang)
        ? null
        : h(
            "button",
            { type: "button", onclick: () => this.ask({ q: everything(this.state.lang) }) },
            "Clear the query",
          );
    replace(
      this.results,
      h(
        "div.nothing",
        {},
        icon("search"),
        h("h2", {}, "No line fits"),
        h("p", {}, "None in this time has what the query asks for."),
        h("div.nothing-actions", {}, wider, broader),
      ),
    );
  }

  private askTable(signal: AbortSignal): Promise<TableAnswer> {
    const { q: query, lang } = this.state;
    return getJson("/api/v1/search", { query, lang, ...this.rangeParams(), format: "json" }, signal);
  }

  // A metric query counts no hits: its series over time, and their values now.
  private async runMetric(): Promise<void> {
    this.table = new AbortController();
    const { signal } = this.table;
    this.series?.dispose();
    this.series = new SeriesChart((from, to) =>
      this.ask({ from: formatRfc3339(from), to: formatRfc3339(to), at: "" }),
    );
    try {
      const [answer] = await Promise.all([
        this.askTable(signal),
        this.series.load(this.state.q, this.range, signal),
      ]);
      if (signal.aborted) return;
      replace(this.results, this.series.element, resultTable(answer, this.sorting()));
      this.status.textContent = plural(answer.rows.length, "series", "series");
      this.running(false);
    } catch (error) {
      if (signal.aborted) return;
      replace(this.results);
      this.onError(error);
    }
  }

  private async runTable(): Promise<void> {
    this.table = new AbortController();
    const { signal } = this.table;
    try {
      const answer = await this.askTable(signal);
      const lines = (column: string, value: string): string | null =>
        linesOf(this.state.lang, this.state.q, column, value);
      const canAsk = answer.columns.some((column) => lines(column, "") !== null);
      const onValue = (column: string, value: string): void => {
        const q = lines(column, value);
        if (q !== null) this.ask({ q });
      };
      replace(this.results, resultTable(answer, { ...this.sorting(), ...(canAsk ? { onValue } : {}) }));
    } catch (error) {
      if (!signal.aborted) {
        replace(this.results);
        this.onError(error);
      }
    }
  }

  private sorting(): { sort: string; onSort: (sort: string) => void } {
    return {
      sort: this.state.sort,
      onSort: (sort) => {
        this.state.sort = sort;
        replaceHash(hashOfState(this.state));
      },
    };
  }

  // ---- rows ----

  private renderRow(index: number): HTMLElement {
    return hitRow(this.hits?.row(index), {
      columns: this.state.cols,
      wrap: this.state.wrap,
      pattern: this.pattern,
    });
  }

  private open(index: number): void {
    const row = this.hits?.row(index);
    if (row) this.openRow(row);
  }

  private openRow(row: Row): void {
    void this.detail.show(row.source);
    this.element.classList.add("has-detail");
    this.state.at = `${row.source.timestamp}~${row.source.sequence ?? 0}`;
    replaceHash(hashOfState(this.state));
  }

  // The record that the address names.
  private async openAddressed(): Promise<void> {
    const [timestamp, sequence] = this.state.at.split("~");
    if (!timestamp) return;
    try {
      const answer = await getJson<{ records: Row["source"][] }>("/api/v1/context", {
        timestamp,
        sequence,
        before: "0",
        after: "0",
      });
      void this.detail.show(answer.records[0]);
      this.element.classList.add("has-detail");
    } catch (error) {
      if (!(error instanceof Unreachable)) toast(messageOfError(error), "bad");
    }
  }

  private closeDetail(address = true): void {
    this.detail.hide();
    this.element.classList.remove("has-detail");
    if (this.state.at === "") return;
    this.state.at = "";
    if (address) replaceHash(hashOfState(this.state));
    this.list.element.focus({ preventScroll: true });
  }

  // ---- changes ----

  private filter(name: string, value: string, exclude: boolean): void {
    const q = withCondition(this.state.lang, this.state.q, name, value, exclude);
    if (q === null) return toast("Add the condition by hand: this language has no one place for it");
    this.ask({ q });
  }

  private setColumns(cols: string[]): void {
    this.state.cols = cols;
    replaceHash(hashOfState(this.state));
    this.list.redraw();
  }

  private setFacets(facets: string[], keepPopup = false): void {
    this.state.facets = facets;
    replaceHash(hashOfState(this.state));
    if (keepPopup) clearTimeout(this.facetTimer);
    this.facetTimer = window.setTimeout(() => this.run(), keepPopup ? 400 : 0);
  }
  private facetTimer = 0;

  private async pickColumns(from: HTMLElement): Promise<void> {
    await pickFields(from, "Columns", this.state.cols, this.rangeParams(), (chosen) =>
      this.setColumns(chosen),
    );
  }

  private toggleWrap(): void {
    this.state.wrap = !this.state.wrap;
    setPref("wrap", this.state.wrap);
    replaceHash(hashOfState(this.state));
    this.showWrap();
  }

  private showWrap(): void {
    this.wrapButton.setAttribute("aria-pressed", String(this.state.wrap));
    this.list.setOptions({ uniform: !this.state.wrap });
  }

  private toggleFacets(): void {
    this.state.panel = !this.state.panel;
    setPref("facets", this.state.panel);
    replaceHash(hashOfState(this.state));
    this.element.classList.toggle("no-facets", !this.state.panel);
  }

  private async savedMenu(from: HTMLElement): Promise<void> {
    const current = (): SavedView => ({
      q: this.state.q,
      lang: this.state.lang,
      from: this.state.from,
      to: this.state.to,
      cols: this.state.cols,
      facets: this.state.facets,
    });
    await savedMenu(
      from,
      (view) => this.ask({ ...view, at: "" }),
      () => ask("Save this search", "Name", "", "Save", (name) => void saveView(name, current())),
    );
  }

  private history(from: HTMLElement): void {
    if (prefs.history.length === 0) return toast("Nothing was asked yet");
    menu(
      from,
      prefs.history.slice(0, 20).map(({ query, lang }) => ({
        label: query,
        detail: lang === "search" ? "" : lang,
        run: () => this.ask({ q: query, lang }),
      })),
      "Asked before",
    );
  }

  private selected(): Row | undefined {
    return this.hits?.row(this.list.selection);
  }

  private bindKeys(): void {
    keys.add("/", "go to the query", () => this.box.focus());
    keys.add("j, ArrowDown", "next record", () => this.list.move(1));
    keys.add("k, ArrowUp", "record before", () => this.list.move(-1));
    keys.add("Enter, o", "open the record", () => this.open(this.list.selection));
    keys.add("Escape", "close the record", () => this.closeDetail());
    keys.add("t", "time range", () => this.picker.open());
    keys.add("r", "ask again", () => this.run());
    keys.add("w", "wrap long lines", () => this.toggleWrap());
    keys.add("f", "facets", () => this.toggleFacets());
    keys.add(
      "c",
      "columns",
      () => void this.pickColumns(this.element.querySelector<HTMLElement>('[title="Columns (c)"]')!),
    );
    keys.add(
      "s",
      "saved searches",
      () => void this.savedMenu(this.element.querySelector<HTMLElement>('[title="Saved searches (s)"]')!),
    );
    keys.add("h", "what was asked before", () => this.history(this.box.element));
    keys.add("y", "copy a link to the record", () => {
      const row = this.selected();
      if (row) void copy(linkTo(row.source), "Link");
    });
    keys.add("i", "trail of the record's request", () => {
      const id = this.selected() && idOf(this.selected()!.source);
      if (id) location.hash = hashOf("trail", {}, id);
    });
  }
}
