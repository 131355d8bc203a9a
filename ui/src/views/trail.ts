// Trail: everything about one id, across services, as a waterfall. What states a duration is a bar that ends when the
// line was written; every other line is a mark; where nothing happened for long, that is said.
import { h, icon, replace, svg } from "../lib/dom";
import { getJson, messageOfError, Problem, TrailAnswer, Unreachable } from "../lib/api";
import { duration, plural } from "../lib/format";
import * as keys from "../lib/keys";
import { prefs } from "../lib/prefs";
import { condition } from "../lib/query";
import { hashOf, Route, View } from "../lib/route";
import { formatFull, parseRfc3339 } from "../lib/time";
import { Detail } from "../parts/detail";
import { copy } from "../parts/popup";
import { VirtualList } from "../parts/virtual_list";

type Event = TrailAnswer["events"][number];
type Item = { kind: "line"; event: Event } | { kind: "gap"; from: number; ms: number };

const ROW_HEIGHT = 24;
// A pause that stands out: a tenth of the whole, and long enough to matter to anyone.
const GAP_PART = 0.1;
const GAP_MS = 20;

const isError = (level: string): boolean => level === "ERROR" || level === "CRITICAL";

export class TrailView implements View {
  readonly element: HTMLElement;
  readonly title = "Trail";
  private id: string;
  private readonly input: HTMLInputElement;
  private readonly body = h("div.trail-body");
  private readonly detail: Detail;
  private list: VirtualList | null = null;
  private items: Item[] = [];
  private lanesOf = new Map<string, number>(); // services in the order, and so in the colours, of their lanes
  private begin = 0; // ms of the first bar's left edge: a duration may reach back before the first line
  private length = 1;
  private abort = new AbortController();

  constructor(route: Route) {
    this.id = route.id;
    this.input = h<HTMLInputElement>("input.text.trail-input", {
      type: "search",
      value: this.id,
      "aria-label": "Id",
      placeholder: "The id of a request, trace or job",
      spellcheck: "false",
    });
    this.detail = new Detail({
      close: () => this.closeDetail(),
      filter: (name, value, exclude) => {
        location.hash = hashOf("search", { q: (exclude ? "-" : "") + condition(name, value), from: "-24h" });
      },
    });
    this.element = h(
      "div.view.trail-view",
      {},
      h(
        "form.search-bar",
        {
          role: "search",
          onsubmit: (event: SubmitEvent) => {
            event.preventDefault();
            const id = this.input.value.trim();
            if (id) location.hash = hashOf("trail", {}, id);
          },
        },
        this.input,
        h("button.primary", { type: "submit" }, icon("trail"), "Follow"),
      ),
      h("div.search-body", {}, h("div.results", {}, this.body), this.detail.element),
    );
    keys.add("/", "go to the id", () => {
      this.input.focus();
      this.input.select();
    });
    keys.add("j, ArrowDown", "next line", () => this.list?.move(1));
    keys.add("k, ArrowUp", "line before", () => this.list?.move(-1));
    keys.add("e", "next error", () => this.nextError());
    keys.add("Escape", "close the record", () => this.closeDetail());
    void this.load();
  }

  update(route: Route): void {
    this.id = route.id;
    this.input.value = route.id;
    this.closeDetail();
    void this.load();
  }

  refresh(): void {
    void this.load();
  }

  dispose(): void {
    this.abort.abort();
    this.list?.dispose();
  }

  private async load(): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    if (!this.id) {
      replace(
        this.body,
        h(
          "div.nothing",
          {},
          icon("trail"),
          h("h2", {}, "Follow one request"),
          h(
            "p",
            {},
            "Paste the id of a request, a trace, a job or a user: every line that has it is shown in order, across all services.",
          ),
          h("p.dim", {}, "In any record, a click on a value and then “Trail of this id” leads here as well."),
        ),
      );
      return;
    }
    replace(this.body, h("p.dim.pad", {}, "Looking …"));
    try {
      const answer = await getJson<TrailAnswer>(`/api/v1/trail/${encodeURIComponent(this.id)}`, {}, signal);
      this.showTrail(answer);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Unreachable) return replace(this.body, h("p.error.pad", {}, error.message));
      const missing = error instanceof Problem && error.status === 404;
      replace(
        this.body,
        h(
          "div.nothing",
          {},
          icon("search"),
          h("h2", {}, missing ? "No line has this id" : "That did not work"),
          h(
            "p",
            {},
            missing ? "No value in any record is this id or has it as a word." : messageOfError(error),
          ),
        ),
      );
    }
  }

  private showTrail(answer: TrailAnswer): void {
    const starts = answer.events.map((event) => event.offset_ms - (event.duration_ms ?? 0));
    this.begin = Math.min(0, ...starts.slice(0, 10_000));
    this.length = Math.max(0.001, answer.duration_ms - this.begin);
    this.items = withGaps(answer.events, this.length);
    this.list?.dispose();
    this.list = new VirtualList({
      label: "Lines in order",
      rowHeight: ROW_HEIGHT,
      uniform: true,
      render: (index) => this.renderItem(this.items[index]),
      onSelect: (index) => this.open(index),
    });
    this.list.setCount(this.items.length);
    this.lanesOf = new Map(answer.services.map(({ service }, lane) => [service, lane]));
    const errors = answer.services.reduce((sum, each) => sum + each.errors, 0);
    const from = parseRfc3339(answer.from);
    replace(
      this.body,
      h(
        "div.trail-head",
        {},
        h(
          "div.trail-facts",
          {},
          h("span", {}, h("b", {}, duration(this.length)), " in all"),
          h("span", {}, h("b", {}, plural(answer.lines, "line"))),
          h("span", {}, h("b", {}, plural(answer.services.length, "service"))),
          h(
            `span${errors > 0 ? ".bad" : ".good"}`,
            {},
            icon(errors > 0 ? "warning" : "ok"),
            errors > 0 ? plural(errors, "error") : "no error",
          ),
          from === null ? null : h("span.dim", {}, formatFull(from, prefs.utc)),
          h("span.grow"),
          h(
            "button",
            { type: "button", onclick: () => void copy(location.href, "Link") },
            icon("link"),
            "Link",
          ),
          h(
            "a.button",
            { href: hashOf("search", { q: `"${this.id.replace(/[\\"]/g, "\\$&")}"`, from: "all" }) },
            icon("search"),
            "Search",
          ),
        ),
        answer.truncated ? h("p.warning", {}, "There are more lines than are shown.") : null,
        this.lanes(answer),
      ),
      this.list.element,
    );
  }

  // One lane a service: from its first line to its last, errors marked.
  private lanes(answer: TrailAnswer): HTMLElement {
    const x = (ms: number): number => (1000 * (ms - this.begin)) / this.length;
    return h(
      "div.lanes",
      {},
      answer.services.map((service, s) => {
        const events = answer.events.filter((event) => event.service === service.service);
        const from = Math.min(
          ...events.slice(0, 10_000).map((event) => event.offset_ms - (event.duration_ms ?? 0)),
        );
        return h(
          "div.lane",
          {},
          h(
            "span.lane-name",
            { title: service.service },
            h(`span.swatch.back-series-${s % 8}`),
            service.service || "(no service)",
          ),
          svg(
            "svg.lane-plot",
            {
              viewBox: "0 0 1000 14",
              preserveAspectRatio: "none",
              role: "img",
              "aria-label": `${service.service}: ${plural(service.lines, "line")}, ${plural(service.errors, "error")}`,
            },
            svg("rect.lane-back", { x: 0, y: 6, width: 1000, height: 2 }),
            svg(`rect.fill-series-${s % 8}.soft`, {
              x: x(from),
              y: 2,
              width: Math.max(3, x(service.last_offset_ms) - x(from)),
              height: 10,
            }),
            svg(`path.stroke-series-${s % 8}.tick`, {
              d: events
                .slice(0, 2000)
                .map((event) => `M${x(event.offset_ms).toFixed(1)} 2v10`)
                .join(""),
            }),
            svg("path.stroke-ERROR.tick", {
              d: events
                .filter((event) => isError(event.level))
                .slice(0, 2000)
                .map((event) => `M${x(event.offset_ms).toFixed(1)} 0v14`)
                .join(""),
            }),
          ),
          h("span.lane-count", {}, plural(service.lines, "line")),
        );
      }),
    );
  }

  private renderItem(item: Item): HTMLElement {
    if (item.kind === "gap") {
      return h(
        "div.hit.trail-gap",
        {},
        h("span.trail-offset", {}, `+${duration(item.from - this.begin)}`),
        h("span.trail-service"),
        this.bar(item.from, item.from + item.ms, "gap"),
        h("span.cell-message", {}, `${duration(item.ms)} without a line`),
      );
    }
    const { event } = item;
    const start = event.offset_ms - (event.duration_ms ?? 0);
    const kind = isError(event.level) ? "error" : event.level === "WARNING" ? "warning" : "plain";
    return h(
      `div.hit.trail-line${isError(event.level) ? ".is-error" : ""}`,
      {},
      h("span.trail-offset", {}, `+${duration(event.offset_ms - this.begin)}`),
      h("span.trail-service", {}, event.service),
      this.bar(
        start,
        event.offset_ms,
        event.duration_ms === undefined ? `${kind} mark` : kind,
        kind === "plain" ? `.back-series-${(this.lanesOf.get(event.service) ?? 0) % 8}` : "",
      ),
      h(
        "span.cell-message",
        {},
        isError(event.level) ? h("span.level.level-ERROR", {}, event.level) : null,
        event.message.slice(0, 500),
        event.duration_ms === undefined
          ? null
          : h("span.pair", {}, h("span.pair-value", {}, duration(event.duration_ms))),
      ),
    );
  }

  private bar(from: number, to: number, kind: string, colour = ""): HTMLElement {
    const left = (100 * (from - this.begin)) / this.length;
    const width = (100 * (to - from)) / this.length;
    return h(
      "span.water",
      {},
      h(`span.water-bar.${kind.split(" ").join(".")}${colour}`, {
        style: {
          left: `${Math.max(0, Math.min(99.6, left))}%`,
          width: `${Math.max(0, Math.min(100 - left, width))}%`,
        },
      }),
    );
  }

  private open(index: number): void {
    const item = this.items[index];
    if (item?.kind !== "line") return;
    void this.detail.show(item.event.entry);
    this.element.classList.add("has-detail");
  }

  private nextError(): void {
    const from = this.list?.selection ?? -1;
    const found = this.items.findIndex(
      (item, i) => i > from && item.kind === "line" && isError(item.event.level),
    );
    if (found >= 0) this.list?.select(found);
  }

  private closeDetail(): void {
    this.detail.hide();
    this.element.classList.remove("has-detail");
  }
}

// The lines, and between two of them what is missing. A bar that spans the pause explains it: that is no gap.
export function withGaps(events: Event[], length: number): Item[] {
  const items: Item[] = [];
  const least = Math.max(GAP_MS, length * GAP_PART);
  const spans = events
    .filter((event) => event.duration_ms !== undefined)
    .map((event) => [event.offset_ms - event.duration_ms!, event.offset_ms]);
  events.forEach((event, i) => {
    const before = events[i - 1];
    if (before) {
      const ms = event.offset_ms - before.offset_ms;
      // Whole requests span everything that happens in them; only what is shorter than half of all explains.
      const explained = spans.some(
        ([from, to]) => from <= before.offset_ms && to >= event.offset_ms && to - from < length / 2,
      );
      if (ms >= least && !explained) items.push({ kind: "gap", from: before.offset_ms, ms });
    }
    items.push({ kind: "line", event });
  });
  return items;
}
