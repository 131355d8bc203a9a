// Live: lines as they come in, at most so many a second as a person can see.
import { h, icon, iconButton, replace } from "../lib/dom";
import { eachEvent, isAbort, messageOfError, Problem } from "../lib/api";
import { count, plural, short } from "../lib/format";
import * as keys from "../lib/keys";
import { everything, withCondition } from "../lib/languages";
import { prefs, setPref } from "../lib/prefs";
import { markedWords } from "../lib/query";
import { ApiRecord, Row, rowOf } from "../lib/record";
import { hashOf, replaceHash, Route, View } from "../lib/route";
import { Detail } from "../parts/detail";
import { sparkline } from "../parts/chart";
import { hitRow, markPattern } from "../parts/hit_row";
import { toast } from "../parts/popup";
import { QueryBox } from "../parts/query_box";
import { VirtualList } from "../parts/virtual_list";

const KEPT = 5000; // lines: what somebody scrolls back through; the rest is found by a search
const DRAW_EVERY_MS = 50; // half of what "live" promises; the other half is the way here

export class LiveView implements View {
  readonly element: HTMLElement;
  readonly title = "Live";
  private query: string;
  private lang: string;
  private rows: Row[] = []; // newest first
  private fresh: Row[] = []; // since the last drawing, oldest first
  private missed = 0;
  private seen = 0;
  private paused = false;
  private abort = new AbortController();
  private readonly perSecond: number[] = new Array<number>(60).fill(0);
  private readonly timer: number;
  private readonly second: number;
  private readonly box: QueryBox;
  private readonly list: VirtualList;
  private readonly detail: Detail;
  private readonly status = h("span.status-text", { role: "status" });
  private readonly rate = h("span.live-rate");
  private readonly waiting = h(
    "div.nothing",
    {},
    icon("live"),
    h("h2", {}, "Waiting for the next line"),
    h(
      "p",
      {},
      "Lines that fit appear here within a moment of their arrival. Older ones are found by a search.",
    ),
  );
  private readonly lost = h("span.live-missed", { hidden: true });
  private readonly pauseButton: HTMLButtonElement;
  private pattern: RegExp | null = null;

  constructor(route: Route) {
    this.lang = route.params.get("lang") ?? "search";
    this.query = route.params.get("q") ?? everything(this.lang);
    this.box = new QueryBox({
      onRun: (query, lang) => this.ask(query, lang),
      range: () => ({ from: "-1h" }),
    });
    this.box.set(this.query, this.lang);
    this.detail = new Detail({
      close: () => this.closeDetail(),
      filter: (name, value, exclude) => {
        const query = withCondition(this.lang, this.query, name, value, exclude);
        if (query === null) return toast("Add the condition by hand: this language has no one place for it");
        this.box.set(query, this.lang);
        this.ask(query, this.lang);
      },
    });
    this.list = new VirtualList({
      label: "Lines, newest first",
      rowHeight: 24,
      uniform: !prefs.wrap,
      render: (index) =>
        hitRow(this.rows[index], {
          columns: ["service", "message"],
          wrap: prefs.wrap,
          pattern: this.pattern,
        }),
      onSelect: (index) => this.open(index),
    });
    this.pauseButton = h<HTMLButtonElement>("button.primary", {
      type: "button",
      onclick: () => this.setPaused(!this.paused),
    });
    this.element = h(
      "div.view.live-view",
      {},
      h("div.search-bar", {}, this.box.element, h("div.search-actions", {}, this.pauseButton)),
      h(
        "div.toolbar",
        { role: "toolbar", "aria-label": "Live" },
        h("span.live-dot"),
        this.status,
        this.rate,
        this.lost,
        h("span.grow"),
        iconButton("wrap", "Wrap long lines (w)", () => this.toggleWrap()),
        iconButton("trash", "Clear (x)", () => this.clear()),
        h(
          "a.button",
          {
            href: hashOf("search", {}),
            title: "Search the same",
            onclick: (event: MouseEvent) => {
              (event.currentTarget as HTMLAnchorElement).href = hashOf("search", {
                q: this.query === everything(this.lang) ? "" : this.query,
                lang: this.lang === "search" ? "" : this.lang,
              });
            },
          },
          icon("search"),
          h("span.wide", {}, "Search"),
        ),
      ),
      h("div.search-body", {}, h("div.results", {}, this.waiting, this.list.element), this.detail.element),
    );
    this.timer = window.setInterval(() => this.draw(), DRAW_EVERY_MS);
    this.second = window.setInterval(() => this.drawRate(), 1000);
    this.bindKeys();
    this.setPaused(false);
    this.drawRate();
    void this.follow();
  }

  dispose(): void {
    this.abort.abort();
    clearInterval(this.timer);
    clearInterval(this.second);
    this.list.dispose();
  }

  refresh(): void {
    void this.follow();
  }

  private ask(query: string, lang: string): void {
    this.query = query;
    this.lang = lang;
    replaceHash(
      hashOf("live", { q: query === everything(lang) ? "" : query, lang: lang === "search" ? "" : lang }),
    );
    this.clear();
    void this.follow();
  }

  private async follow(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.box.showError("");
    this.pattern = this.lang === "search" ? markPattern(markedWords(this.query)) : null;
    this.status.textContent = "Connecting …";
    this.element.classList.remove("is-connected");
    try {
      await eachEvent(
        "/api/v1/tail",
        { query: this.query, lang: this.lang },
        signal,
        () => {
          this.element.classList.add("is-connected");
          this.showStatus();
        },
        ({ event, data }) => this.onEvent(event, data),
      );
      if (!signal.aborted) throw new Error("The server ended the stream");
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      this.element.classList.remove("is-connected");
      this.status.textContent = messageOfError(error);
      if (error instanceof Problem && error.status === 400) return this.box.showError(error.message);
      setTimeout(() => {
        if (!signal.aborted) void this.follow();
      }, 2000);
    }
  }

  private onEvent(event: string, data: string): void {
    if (event === "dropped") {
      this.missed += (JSON.parse(data) as { dropped: number }).dropped;
      this.showMissed();
      return;
    }
    this.fresh.push(rowOf(JSON.parse(data) as ApiRecord));
    ++this.perSecond[this.perSecond.length - 1];
    ++this.seen;
    if (this.fresh.length > KEPT) {
      this.fresh.shift();
      ++this.missed;
    }
  }

  private draw(): void {
    if (this.paused || this.fresh.length === 0) {
      if (this.paused) {
        this.showStatus();
        this.showMissed();
      }
      return;
    }
    const grown = this.fresh.length;
    this.rows = [...this.fresh.reverse(), ...this.rows].slice(0, KEPT);
    this.fresh = [];
    this.list.setCount(this.rows.length, grown);
    this.showStatus();
    this.showMissed();
  }

  private drawRate(): void {
    const last = this.perSecond.slice(-6, -1);
    const rate = last.reduce((a, b) => a + b, 0) / Math.max(1, last.length);
    replace(
      this.rate,
      sparkline(this.perSecond, "Lines a second in the last minute"),
      h("b", {}, short(Math.round(rate))),
      " lines/s",
    );
    this.perSecond.push(0);
    this.perSecond.shift();
  }

  private showStatus(): void {
    this.waiting.hidden = this.rows.length > 0;
    this.list.element.hidden = this.rows.length === 0;
    if (!this.element.classList.contains("is-connected")) return;
    this.status.textContent = this.paused
      ? `Paused · ${plural(this.fresh.length, "new line")}`
      : `Following · ${plural(this.seen, "line")}`;
  }

  private showMissed(): void {
    this.lost.hidden = this.missed === 0;
    this.lost.textContent = `${count(this.missed)} missed`;
    this.lost.title = "More came than could be shown; a search finds them all";
  }

  private setPaused(paused: boolean): void {
    this.paused = paused;
    replace(this.pauseButton, icon(paused ? "play" : "pause"), paused ? "Go on" : "Pause");
    this.element.classList.toggle("is-paused", paused);
    this.showStatus();
    this.draw();
  }

  private clear(): void {
    this.rows = [];
    this.fresh = [];
    this.missed = 0;
    this.seen = 0;
    this.list.clearSelection();
    this.list.setCount(0);
    this.showMissed();
    this.showStatus();
  }

  private open(index: number): void {
    const row = this.rows[index];
    if (!row) return;
    void this.detail.show(row.source);
    this.element.classList.add("has-detail");
  }

  private closeDetail(): void {
    this.detail.hide();
    this.element.classList.remove("has-detail");
  }

  private toggleWrap(): void {
    setPref("wrap", !prefs.wrap);
    this.list.setOptions({ uniform: !prefs.wrap });
  }

  private bindKeys(): void {
    keys.add("/", "go to the filter", () => this.box.focus());
    keys.add("p", "pause, go on", () => this.setPaused(!this.paused));
    keys.add("j, ArrowDown", "next line", () => this.list.move(1));
    keys.add("k, ArrowUp", "line before", () => this.list.move(-1));
    keys.add("Escape", "close the record", () => this.closeDetail());
    keys.add("w", "wrap long lines", () => this.toggleWrap());
    keys.add("x", "clear", () => this.clear());
  }
}
