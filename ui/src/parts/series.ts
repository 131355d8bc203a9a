// A metric query over the time that is looked at: a line for each of its series.
import { h } from "../lib/dom";
import { getJson } from "../lib/api";
import { short } from "../lib/format";
import { prefs } from "../lib/prefs";
import { LEVELS } from "../lib/record";
import { formatRfc3339, MS, now, Ns, Range, roundStepMs, stepText, toMs } from "../lib/time";
import { Chart, Series } from "./chart";

const POINTS = 240; // more are not told apart on a screen
const SHOWN = 8; // as many colours as there are
const ALL_TIME_MS = 30 * 86_400_000; // how far back "all time" goes: each step is computed

interface Matrix {
  data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
}

export class SeriesChart {
  readonly element = h("section.series", { "aria-label": "The query over time" });
  private readonly chart: Chart;

  constructor(onBrush: (from: Ns, to: Ns) => void) {
    this.chart = new Chart({ height: 190, kind: "lines", label: "Series", utc: () => prefs.utc, onBrush });
  }

  dispose(): void {
    this.chart.dispose();
  }

  async load(query: string, range: Range, signal: AbortSignal): Promise<void> {
    const endMs = Math.ceil(toMs(range.to ?? now()));
    const lengthMs = range.from === null ? ALL_TIME_MS : endMs - toMs(range.from);
    const step = roundStepMs(lengthMs, POINTS);
    const steps = Math.max(0, Math.floor(lengthMs / step));
    const fromMs = endMs - steps * step; // the last point is the end: what the table shows
    const answer = await getJson<Matrix>(
      "/loki/api/v1/query_range",
      { query, start: timeOf(fromMs), end: timeOf(endMs), step: stepText(step) },
      signal,
    );
    const all = answer.data.result.map(({ metric, values }) =>
      seriesOf(metric, values, fromMs, step, steps + 1),
    );
    const sum = ({ values }: Series): number => values.reduce((a, b) => a + b, 0);
    this.draw(fromMs, step, all.sort((a, b) => sum(b) - sum(a)).slice(0, SHOWN), all.length);
  }

  private draw(fromMs: number, stepMs: number, series: Series[], count: number): void {
    this.element.append(
      this.chart.element,
      h(
        "ul.legend",
        {},
        series.map(({ name, level, values }, s) =>
          h(
            "li",
            {},
            h(`span.swatch.back-${level ?? `series-${s % SHOWN}`}`),
            h("span.legend-name", { title: name }, name),
            h("span.dim", {}, short(values[values.length - 1])),
          ),
        ),
        count > series.length ? h("li.dim", {}, `and ${count - series.length} more, in the table`) : null,
      ),
    );
    this.chart.set({ fromMs, stepMs, series });
  }
}

const timeOf = (ms: number): string => formatRfc3339(BigInt(ms) * MS);

function seriesOf(
  metric: Record<string, string>,
  points: [number, string][],
  fromMs: number,
  stepMs: number,
  length: number,
): Series {
  const labels = Object.entries(metric);
  const name =
    labels.map(([label, value]) => (labels.length > 1 ? `${label}=${value}` : value)).join(" ") || "value";
  const values = new Array<number>(length).fill(0);
  for (const [seconds, value] of points) {
    const at = Math.round((seconds * 1000 - fromMs) / stepMs);
    if (at >= 0 && at < length && Number.isFinite(Number(value))) values[at] = Number(value);
  }
  return { name, values, level: (LEVELS as readonly string[]).includes(name) ? name : undefined };
}
