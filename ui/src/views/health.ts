// Health: how the server is, in words, and what to do where something is wrong.
import { h, icon, replace } from "../lib/dom";
import { getJson, getText, HealthAnswer, isAbort, messageOfError, request } from "../lib/api";
import { bytes, count, duration, percent, plural, short } from "../lib/format";
import * as keys from "../lib/keys";
import { View } from "../lib/route";
import { parseRfc3339, toMs } from "../lib/time";
import { sparkline } from "../parts/chart";
import { toast } from "../parts/popup";
import { Retention, retentionTroubles } from "../parts/retention";
import { Senders } from "../parts/senders";

type Metrics = Map<string, number>;

const EVERY_MS = 2000;

// What is odd about lines that came in, and what mends it at their sender.
const ODDITIES: Record<string, string> = {
  time_missing: "had no time: they carry the time of their arrival. Name their field with ?time_field=",
  time_unreadable: "had a time that could not be read. RFC 3339 or Unix time is understood",
  time_future: "lie more than a day ahead. The sender's clock, or its time zone, is wrong",
  malformed_json: "begin like JSON and are none: cut off, or broken by their writer. They are kept as text",
  clipped: "were longer than 2 MiB and were cut",
  invalid_utf8: "were not UTF-8; their bytes are kept as they came",
  with_nul: "hold NUL bytes",
  repeated_keys: "have the same key twice; both are kept, the first is searched",
  huge_numbers: "have numbers beyond 64 bits; they are kept as written and compared as doubles",
  deep_nesting: "are nested deeper than 32 levels; below that they are searched as text",
  labels_refused: "had labels that could not be used",
};

function parseMetrics(text: string): Metrics {
  const metrics: Metrics = new Map();
  for (const line of text.split("\n")) {
    const match = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/.exec(line);
    if (match) metrics.set(match[1], Number(match[2]));
  }
  return metrics;
}

export class HealthView implements View {
  readonly element: HTMLElement;
  readonly title = "Health";
  private readonly body = h("div.health-body", {}, h("p.dim.pad", {}, "Asking …"));
  private readonly timer: number;
  private readonly abort = new AbortController();
  private readonly rates: number[] = [];
  private lastRows = -1;
  private lastAt = 0;
  private readonly senders = new Senders();
  private readonly retention = new Retention();

  constructor() {
    this.element = h(
      "div.view.health-view.scrolls",
      { tabindex: -1 },
      h(
        "header.view-head",
        {},
        h("h1", {}, "Health"),
        h("span.grow"),
        h("button", { type: "button", onclick: () => void this.test() }, icon("ok"), "Test the way in"),
      ),
      this.body,
    );
    this.timer = window.setInterval(() => void this.load(), EVERY_MS);
    keys.add("r", "ask again", () => void this.load());
    void this.load();
  }

  dispose(): void {
    clearInterval(this.timer);
    this.abort.abort();
  }

  refresh(): void {
    void this.load();
  }

  private async load(): Promise<void> {
    void this.senders.load(this.abort.signal);
    try {
      const [health, text] = await Promise.all([
        getJson<HealthAnswer>("/api/v1/logs/health", {}, this.abort.signal),
        getText("/metrics", {}, this.abort.signal),
      ]);
      this.show(health, parseMetrics(text));
    } catch (error) {
      if (!isAbort(error)) replace(this.body, h("p.error.pad", {}, messageOfError(error)));
    }
  }

  private async test(): Promise<void> {
    try {
      const response = await request("/api/v1/logs/test", {}, { method: "POST" });
      const answer = (await response.json()) as {
        request_id: string;
        written: number;
        searchable: number;
        took_ms: number;
      };
      toast(
        `${plural(answer.written, "line")} written, ${answer.searchable} found again, in ${duration(answer.took_ms)}`,
        answer.written === answer.searchable ? "ok" : "bad",
      );
    } catch (error) {
      toast(messageOfError(error), "bad");
    }
  }

  private rate(metrics: Metrics): number {
    const rows = metrics.get("taffrail_commit_rows_total") ?? 0;
    const at = performance.now();
    const rate =
      this.lastRows < 0 || rows < this.lastRows
        ? 0
        : ((rows - this.lastRows) * 1000) / Math.max(1, at - this.lastAt);
    if (this.lastRows >= 0) this.rates.push(rate);
    if (this.rates.length > 90) this.rates.shift();
    this.lastRows = rows;
    this.lastAt = at;
    return rate;
  }

  private show(health: HealthAnswer, metrics: Metrics): void {
    const rate = this.rate(metrics);
    const wrong = [
      ...health.checks.filter((check) => !check.ok).map((check) => `${check.name}: ${check.detail}`),
      ...retentionTroubles(health.retention),
    ];
    this.retention.show(health.retention, health.store.rows);
    const used = health.disk.total_bytes - health.disk.available_bytes;
    const last = health.write.last_success === null ? null : parseRfc3339(health.write.last_success);
    const raw = metrics.get("taffrail_store_raw_bytes") ?? 0;
    const full = used / Math.max(1, health.disk.total_bytes);
    const card = (
      title: string,
      value: string,
      words: string,
      extra: HTMLElement | null = null,
      state = "",
    ): HTMLElement =>
      h(
        `section.card${state ? "." + state : ""}`,
        {},
        h("h2", {}, title),
        h("div.card-value", {}, value),
        h("p", {}, words),
        extra,
      );
    replace(
      this.body,
      h(
        `div.verdict.${wrong.length === 0 ? "good" : "bad"}`,
        {},
        icon(wrong.length === 0 ? "ok" : "warning"),
        h(
          "div",
          {},
          h(
            "b",
            {},
            wrong.length === 0 ? "All is well" : plural(wrong.length, "thing needs care", "things need care"),
          ),
          h(
            "p",
            {},
            wrong.length === 0
              ? `Lines are taken in and found. Up for ${duration(health.uptime_s * 1000)}.`
              : wrong.join(" · "),
          ),
        ),
      ),
      h(
        "div.cards",
        {},
        card(
          "Ingest",
          `${short(Math.round(rate))} ${Math.round(rate) === 1 ? "line" : "lines"}/s`,
          last === null
            ? "Nothing was written since the start."
            : `The last write was ${ago(toMs(last))} and took ${duration(health.write.last_latency_ms)}.` +
                acknowledgements(metrics),
          h("div", {}, sparkline(this.rates, "Lines a second", 240, 34)),
        ),
        card(
          "Store",
          `${short(health.store.rows)} lines`,
          `${bytes(raw)} of lines in ${bytes(health.store.disk_bytes)} on disk` +
            (raw > 0 && health.store.disk_bytes > 0
              ? `: ${(raw / health.store.disk_bytes).toFixed(1)} to 1`
              : "") +
            `, in ${plural(health.store.parts, "part")}.`,
        ),
        card(
          "Disk",
          `${bytes(health.disk.available_bytes)} free`,
          `${percent(used, health.disk.total_bytes)} of ${bytes(health.disk.total_bytes)} is in use. ` +
            (full > 0.85
              ? "Make room, or move the data."
              : full > 0.75
                ? "Plan for more room."
                : "There is room."),
          h("progress", { max: 1, value: full, "aria-label": "Disk in use" }),
          full > 0.85 ? "bad" : full > 0.75 ? "care" : "",
        ),
        card(
          "Queries",
          `${count(metrics.get("taffrail_queries_total") ?? 0)} asked`,
          `${count(metrics.get("taffrail_queries_failed_total") ?? 0)} failed, ${count(metrics.get("taffrail_queries_cancelled_total") ?? 0)} were cancelled. ` +
            `${plural(health.tails, "live tail is", "live tails are")} open.`,
        ),
      ),
      h(
        "div.health-lists",
        {},
        this.checks(health),
        this.senders.element,
        this.oddities(metrics),
        this.retention.element,
      ),
    );
  }

  private checks(health: HealthAnswer): HTMLElement {
    return h(
      "section.panel-box",
      {},
      h("h2", {}, "Checks"),
      h(
        "ul.checks",
        {},
        health.checks.map((check) =>
          h(
            `li.${check.ok ? "good" : "bad"}`,
            {},
            icon(check.ok ? "ok" : "warning"),
            h("b", {}, check.name),
            h("span", {}, check.detail),
          ),
        ),
      ),
    );
  }

  private oddities(metrics: Metrics): HTMLElement {
    const found = Object.entries(ODDITIES)
      .map(([name, words]) => ({
        words,
        lines: metrics.get(`taffrail_ingest_odd_lines_total{oddity="${name}"}`) ?? 0,
      }))
      .filter(({ lines }) => lines > 0);
    const refused = [...metrics].filter(
      ([name, value]) => name.startsWith("taffrail_ingest_refused_total{") && value > 0,
    );
    return h(
      "section.panel-box",
      {},
      h("h2", {}, "What came in since the start"),
      found.length + refused.length === 0
        ? h("p.dim", {}, "Nothing odd: every line had a time, was whole, and was taken.")
        : null,
      h(
        "ul.checks",
        {},
        found.map(({ lines, words }) =>
          h("li.care", {}, icon("warning"), h("b", {}, count(lines)), h("span", {}, `lines ${words}.`)),
        ),
        refused.map(([name, value]) =>
          h(
            "li.bad",
            {},
            icon("warning"),
            h("b", {}, count(value)),
            h("span", {}, `uploads were refused: ${/reason="([^"]*)"/.exec(name)?.[1].replace(/_/g, " ")}.`),
          ),
        ),
      ),
    );
  }
}

// How long senders wait until their lines are durable: the bound of the histogram below which 99 of 100 writes are.
function acknowledgements(metrics: Metrics): string {
  const all = metrics.get("taffrail_commit_seconds_count") ?? 0;
  const bounds = [...metrics]
    .map(([name, below]) => ({
      seconds: /^taffrail_commit_seconds_bucket\{le="([^"]+)"\}$/.exec(name)?.[1],
      below,
    }))
    .filter(({ seconds, below }) => seconds !== undefined && seconds !== "+Inf" && below >= 0.99 * all)
    .map(({ seconds }) => Number(seconds));
  if (all < 20) return "";
  if (bounds.length === 0)
    return " More than 1 of 100 wait for seconds: the disk is slow, or the machine busy.";
  return ` 99 of 100 are acknowledged within ${duration(1000 * Math.min(...bounds))}.`;
}

function ago(ms: number): string {
  const seconds = (Date.now() - ms) / 1000;
  if (seconds < 2) return "just now";
  return `${duration(seconds * 1000)} ago`;
}
