// Patterns: what kinds of lines there are, how many, and which are new or growing. The server's own patterns where it
// has them; else the newest lines are grouped here.
import { h, icon, replace } from "../lib/dom";
import { eachJson, getJson, hasRoute, isAbort, messageOfError, Problem } from "../lib/api";
import { count, plural } from "../lib/format";
import * as keys from "../lib/keys";
import { everything, withPhrases } from "../lib/languages";
import { ApiRecord, rowOf } from "../lib/record";
import { hashOf, replaceHash, Route, View } from "../lib/route";
import { prefs } from "../lib/prefs";
import { phrasesOf, Templates, trendOf } from "../lib/templates";
import { formatRfc3339, formatStamp, Ns, now, HOUR, resolveRange, toMs } from "../lib/time";
import { sparkline } from "../parts/chart";
import { QueryBox } from "../parts/query_box";
import { TimePicker } from "../parts/time_picker";

const SAMPLE = 10_000; // lines grouped in the browser: some MB, under a second
const INTERVALS = 30;

interface Found {
  words: string[];
  counts: number[];
  lines: number;
  errors: number;
  example: string;
}

export class PatternsView implements View {
  readonly element: HTMLElement;
  readonly title = "Patterns";
  private state: { q: string; lang: string; from: string; to: string };
  private abort = new AbortController();
  private readonly box: QueryBox;
  private readonly picker: TimePicker;
  private readonly status = h("span.status-text", { role: "status" });
  private readonly list = h("div.pattern-list.scrolls", {
    tabindex: 0,
    role: "region",
    "aria-label": "Patterns",
  });

  constructor(route: Route) {
    const text = (name: string, fallback: string): string => route.params.get(name) ?? fallback;
    this.state = {
      q: text("q", everything(text("lang", "search"))),
      lang: text("lang", "search"),
      from: text("from", "-1h"),
      to: text("to", ""),
    };
    this.box = new QueryBox({
      onRun: (q, lang) => this.ask({ q, lang }),
      range: () => ({ from: this.state.from === "all" ? "" : this.state.from }),
    });
    this.picker = new TimePicker((from, to) => this.ask({ from, to }));
    this.box.set(this.state.q, this.state.lang);
    this.element = h(
      "div.view.patterns-view",
      {},
      h(
        "div.search-bar",
        {},
        this.box.element,
        h(
          "div.search-actions",
          {},
          this.picker.element,
          h("button.primary", { type: "button", onclick: () => this.box.run() }, icon("patterns"), "Group"),
        ),
      ),
      h("div.toolbar", {}, this.status),
      this.list,
    );
    keys.add("/", "go to the query", () => this.box.focus());
    keys.add("t", "time range", () => this.picker.open());
    keys.add("r", "ask again", () => void this.load());
    void this.load();
  }

  dispose(): void {
    this.abort.abort();
  }
  refresh(): void {
    void this.load();
  }

  private ask(change: Partial<PatternsView["state"]>): void {
    this.state = { ...this.state, ...change };
    const { q, lang, from, to } = this.state;
    replaceHash(
      hashOf("patterns", {
        q: q === everything(lang) ? "" : q,
        lang: lang === "search" ? "" : lang,
        from: from === "-1h" ? "" : from,
        to,
      }),
    );
    void this.load();
  }

  private async load(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const { lang, from, to } = this.state;
    this.picker.set(from, to);
    this.box.showError("");
    this.status.textContent = "Grouping …";
    const range = resolveRange(from, to || "now");
    try {
      const end = range.to ?? now();
      const answer = lang === "logql" ? await this.fromServer(range.from ?? end - HOUR, end, signal) : null;
      if (answer) return this.show(answer, "");
      const { found, lines, begin } = await this.fromSample(range.from, end, signal);
      const since = formatStamp(BigInt(Math.floor(begin)) * 1_000_000n, prefs.utc);
      const note = lines < SAMPLE ? "" : ` · of the newest ${count(lines)} lines, since ${since}`;
      this.show(found, note);
    } catch (error) {
      if (isAbort(error)) return;
      this.status.textContent = "";
      replace(this.list);
      if (error instanceof Problem && error.status === 400) this.box.showError(error.message);
      else this.status.textContent = messageOfError(error);
    }
  }

  // Loki's route, where the server has it: [{pattern, samples: [[seconds, count], …]}].
  private async fromServer(from: Ns, to: Ns, signal: AbortSignal): Promise<Found[] | null> {
    if (!(await hasRoute("/loki/api/v1/patterns"))) return null;
    try {
      const step = Math.max(1, Math.round((toMs(to) - toMs(from)) / 1000 / INTERVALS));
      const answer = await getJson<{ data: { pattern: string; samples: [number, number][] }[] }>(
        "/loki/api/v1/patterns",
        {
          query: this.state.q,
          start: formatRfc3339(from),
          end: formatRfc3339(to),
          step: `${step}s`,
        },
        signal,
      );
      return answer.data.map(({ pattern, samples }) => {
        const counts = new Array<number>(INTERVALS).fill(0);
        for (const [at, n] of samples) {
          counts[Math.max(0, Math.min(INTERVALS - 1, Math.floor((at * 1000 - toMs(from)) / 1000 / step)))] +=
            n;
        }
        const words = pattern.replace(/<_>/g, "<*>").split(" ");
        return { words, counts, lines: counts.reduce((a, b) => a + b, 0), errors: 0, example: pattern };
      });
    } catch (error) {
      if (error instanceof Problem && (error.status === 404 || error.status === 405)) return null;
      throw error;
    }
  }

  private async fromSample(
    from: Ns | null,
    to: Ns,
    signal: AbortSignal,
  ): Promise<{ found: Found[]; lines: number; begin: number }> {
    const rows: { text: string; at: number; isError: boolean }[] = [];
    await eachJson<ApiRecord>(
      "/api/v1/search",
      {
        query: this.state.q,
        lang: this.state.lang,
        limit: SAMPLE,
        direction: "backward",
        max_record_bytes: 16_384,
        from: from === null ? undefined : formatRfc3339(from),
        to: formatRfc3339(to),
      },
      signal,
      (record) => {
        const row = rowOf(record);
        rows.push({
          text: row.message,
          at: toMs(row.time),
          isError: row.level === "ERROR" || row.level === "CRITICAL",
        });
        if (rows.length % 2000 === 0) this.status.textContent = `Grouping … ${count(rows.length)} lines`;
      },
    );
    const end = toMs(to);
    const oldest = rows.length > 0 ? rows[rows.length - 1].at : end;
    const begin = rows.length >= SAMPLE || from === null ? oldest : toMs(from);
    const templates = new Templates(INTERVALS);
    for (const { text, at, isError } of rows.reverse()) {
      templates.add(text, Math.floor(((at - begin) / Math.max(1, end - begin)) * INTERVALS), isError);
    }
    return { found: templates.all(), lines: rows.length, begin };
  }

  private show(found: Found[], note: string): void {
    const total = found.reduce((sum, each) => sum + each.lines, 0);
    this.status.textContent = `${plural(found.length, "pattern")} in ${plural(total, "line")}${note}`;
    const order = { new: 0, growing: 1, "": 2, fading: 3 };
    const all = found.reduce<number[]>((sums, each) => each.counts.map((n, i) => n + (sums[i] ?? 0)), []);
    const sorted = found
      .map((each) => ({ ...each, trend: trendOf(each.counts, all) }))
      .sort((a, b) => order[a.trend] - order[b.trend] || b.lines - a.lines);
    replace(
      this.list,
      sorted.length === 0
        ? h(
            "div.nothing",
            {},
            icon("patterns"),
            h("h2", {}, "No line to group"),
            h("p", {}, "None in this time has what the query asks for."),
          )
        : h(
            "ul.patterns",
            {},
            sorted.slice(0, 300).map((each) => this.row(each, each.trend, total)),
          ),
    );
  }

  private row(found: Found, trend: string, total: number): HTMLElement {
    const { q, lang } = withPhrases(this.state.lang, this.state.q, phrasesOf(found.words));
    const link = hashOf("search", {
      q,
      lang: lang === "search" ? "" : lang,
      from: this.state.from === "-1h" ? "" : this.state.from,
      to: this.state.to,
    });
    const bar = h("span.facet-bar");
    bar.style.width = `${Math.max(0.5, (100 * found.lines) / Math.max(1, total))}%`;
    return h(
      "li",
      {},
      bar,
      h(
        "a.pattern",
        { href: link, title: found.example.slice(0, 400) },
        h("span.pattern-count", {}, count(found.lines)),
        sparkline(found.counts, `${found.lines} lines over time`, 90, 20),
        h(
          "span.pattern-text",
          {},
          found.words.map((word) => [
            word === "<*>" || word.includes("<*>") ? h("span.wild", {}, word.replace("<*>", "•")) : word,
            " ",
          ]),
        ),
        trend ? h(`span.badge.trend-${trend}`, {}, trend) : null,
        found.errors > 0 ? h("span.badge.bad", {}, plural(found.errors, "error")) : null,
      ),
    );
  }
}
