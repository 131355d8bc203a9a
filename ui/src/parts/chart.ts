// Charts, drawn as SVG so that colours follow the theme's style sheet and a test can look at them.
import { h, replace, svg } from "../lib/dom";
import { count, short, Unit, withUnit } from "../lib/format";
import { formatStamp, formatTick, MS, Ns, roundStepMs } from "../lib/time";

export interface Series {
  name: string;
  values: number[];
  level?: string;
}

export interface ChartData {
  fromMs: number;
  stepMs: number; // of one value
  series: Series[];
}

interface Options {
  height: number;
  kind: "bars" | "lines";
  unit?: Unit;
  label: string;
  utc: () => boolean;
  onBrush?: (from: Ns, to: Ns) => void;
}

const AXIS = 18; // px below for the times
const LEFT = 0;

export class Chart {
  readonly element: HTMLElement;
  private readonly plot = svg("svg.chart-plot", { role: "img" });
  private readonly tip = h("div.chart-tip", { hidden: true });
  private data: ChartData = { fromMs: 0, stepMs: 1, series: [] };
  private width = 0;
  private brushFrom = -1;
  private readonly brush = svg("rect.chart-brush", { y: 0, height: 0, width: 0 });
  private readonly observer: ResizeObserver;

  constructor(private readonly options: Options) {
    this.element = h(`div.chart${options.onBrush ? ".can-brush" : ""}`, {}, this.plot, this.tip);
    this.element.style.height = `${options.height + AXIS}px`;
    this.observer = new ResizeObserver(() => {
      if (this.element.clientWidth !== this.width) this.draw();
    });
    this.observer.observe(this.element);
    this.listen();
  }

  dispose(): void {
    this.observer.disconnect();
  }

  set(data: ChartData): void {
    this.data = data;
    this.draw();
  }

  private get length(): number {
    return this.data.series[0]?.values.length ?? 0;
  }

  private draw(): void {
    this.width = this.element.clientWidth;
    if (this.width === 0) return;
    const { height, kind, label } = this.options;
    this.plot.setAttribute("viewBox", `0 0 ${this.width} ${height + AXIS}`);
    this.plot.setAttribute("width", String(this.width));
    this.plot.setAttribute("height", String(height + AXIS));
    const total = this.data.series.reduce((sum, each) => sum + each.values.reduce((a, b) => a + b, 0), 0);
    this.plot.setAttribute("aria-label", `${label}: ${short(total)} in ${this.length} intervals`);
    this.brush.setAttribute("height", String(height));
    const most = kind === "bars" ? this.drawBars() : this.drawLines();
    const grid =
      most > 0 ? [svg("text.chart-scale", { x: 4, y: 11 }, withUnit(most, this.options.unit ?? ""))] : [];
    for (const each of [...this.axis(), ...grid, this.brush]) this.plot.appendChild(each);
  }

  private drawBars(): number {
    const { height } = this.options;
    const n = this.length;
    const slots = Math.max(1, Math.min(n, Math.floor(this.width / 4)));
    const sums = this.data.series.map((each) => merge(each.values, slots));
    const totals = Array.from({ length: slots }, (_, i) => sums.reduce((sum, each) => sum + each[i], 0));
    const most = Math.max(0, ...totals);
    const width = this.width / slots;
    const base = new Array<number>(slots).fill(height);
    this.plot.textContent = "";
    this.data.series.forEach((each, s) => {
      // One path a series: a few elements however many bars.
      let d = "";
      for (let i = 0; i < slots; ++i) {
        if (sums[s][i] === 0) continue;
        const size = Math.max(1, (sums[s][i] / most) * (height - 6));
        const x = i * width;
        const gap = width > 6 ? 1.5 : 0.5;
        d += `M${x.toFixed(1)} ${base[i].toFixed(1)}v${(-size).toFixed(1)}h${(width - gap).toFixed(1)}v${size.toFixed(1)}z`;
        base[i] -= size;
      }
      this.plot.appendChild(svg("path", { d, class: `fill-${each.level ?? `series-${s % 8}`}` }));
    });
    return most;
  }

  private drawLines(): number {
    const { height } = this.options;
    const most = Math.max(0, ...this.data.series.flatMap((each) => each.values));
    const n = this.length;
    this.plot.textContent = "";
    this.data.series.forEach((each, s) => {
      const points = each.values.map((value, i) => {
        const x = n < 2 ? this.width / 2 : LEFT + ((i + 0.5) / n) * (this.width - LEFT);
        const y = height - (most > 0 ? (value / most) * (height - 8) : 0);
        return `${x.toFixed(1)} ${y.toFixed(1)}`;
      });
      const name = each.level ?? `series-${s % 8}`;
      if (points.length === 0) return;
      if (this.data.series.length === 1) {
        const first = points[0].split(" ")[0];
        const last = points[points.length - 1].split(" ")[0];
        this.plot.appendChild(
          svg("path", {
            d: `M${first} ${height}L${points.join("L")}L${last} ${height}z`,
            class: `area fill-${name}`,
          }),
        );
      }
      this.plot.appendChild(svg("path", { d: "M" + points.join("L"), class: `line stroke-${name}` }));
    });
    return most;
  }

  private axis(): SVGElement[] {
    const { height, utc } = this.options;
    const length = this.data.stepMs * this.length;
    const elements = [svg("line.chart-axis", { x1: 0, x2: this.width, y1: height + 0.5, y2: height + 0.5 })];
    if (!(length > 0)) return elements;
    const step = roundStepMs(length, Math.max(1, this.width / 90));
    const zone = utc() || step < 3_600_000 ? 0 : new Date(this.data.fromMs).getTimezoneOffset() * 60_000;
    for (
      let at = Math.ceil((this.data.fromMs - zone) / step) * step + zone;
      at < this.data.fromMs + length;
      at += step
    ) {
      const x = ((at - this.data.fromMs) / length) * this.width;
      elements.push(svg("line.chart-axis", { x1: x, x2: x, y1: height, y2: height + 4 }));
      if (x > 26 && x < this.width - 26) {
        elements.push(svg("text.chart-tick", { x, y: height + 15 }, formatTick(at, step, utc())));
      }
    }
    return elements;
  }

  private timeAt(x: number): Ns {
    const part = Math.max(0, Math.min(1, x / Math.max(1, this.width)));
    const us = Math.round((this.data.fromMs + part * this.data.stepMs * this.length) * 1000);
    return BigInt(us) * (MS / 1000n);
  }

  private listen(): void {
    const { onBrush } = this.options;
    const xOf = (event: PointerEvent): number => event.clientX - this.element.getBoundingClientRect().left;
    this.element.addEventListener("pointermove", (event) => {
      this.showTip(xOf(event));
      if (this.brushFrom >= 0) this.showBrush(xOf(event));
    });
    this.element.addEventListener("pointerleave", () => {
      this.tip.hidden = true;
    });
    if (!onBrush) return;
    this.element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.length === 0) return;
      this.brushFrom = xOf(event);
      this.element.setPointerCapture(event.pointerId);
    });
    this.element.addEventListener("pointerup", (event) => {
      const [a, b] = [this.brushFrom, xOf(event)].sort((p, q) => p - q);
      const begun = this.brushFrom >= 0;
      this.brushFrom = -1;
      this.brush.setAttribute("width", "0");
      if (begun && b - a > 4) onBrush(this.timeAt(a), this.timeAt(b));
    });
    this.element.addEventListener("pointercancel", () => {
      this.brushFrom = -1;
      this.brush.setAttribute("width", "0");
    });
  }

  private showBrush(x: number): void {
    const [a, b] = [this.brushFrom, Math.max(0, Math.min(this.width, x))].sort((p, q) => p - q);
    this.brush.setAttribute("x", String(a));
    this.brush.setAttribute("width", String(b - a));
  }

  private showTip(x: number): void {
    const n = this.length;
    if (n === 0 || this.width === 0) return;
    const slots = this.options.kind === "bars" ? Math.max(1, Math.min(n, Math.floor(this.width / 4))) : n;
    const slot = Math.max(0, Math.min(slots - 1, Math.floor((x / this.width) * slots)));
    const lines = this.data.series
      .map((each, s) => ({ each, s, value: merge(each.values, slots)[slot] }))
      .filter(({ value }) => value > 0);
    const at = this.data.fromMs + (slot / slots) * this.data.stepMs * n;
    const text = (value: number): string =>
      this.options.unit ? withUnit(value, this.options.unit) : count(value);
    replace(
      this.tip,
      h("div.chart-tip-time", {}, formatStamp(BigInt(Math.round(at)) * MS, this.options.utc())),
      lines.length === 0 ? h("div.dim", {}, "nothing") : null,
      lines
        .slice(0, 12)
        .map(({ each, s, value }) =>
          h(
            "div.chart-tip-row",
            {},
            h(`span.swatch.back-${each.level ?? `series-${s % 8}`}`),
            h("span.grow", {}, each.name),
            h("b", {}, text(value)),
          ),
        ),
    );
    this.tip.hidden = false;
    const left = x + 14 + this.tip.offsetWidth > this.width ? x - 14 - this.tip.offsetWidth : x + 14;
    this.tip.style.transform = `translateX(${Math.round(Math.max(0, left))}px)`;
  }
}

// The values in `slots` pieces, each the sum of those that fall into it.
export function merge(values: number[], slots: number): number[] {
  if (slots >= values.length) return values;
  const sums = new Array<number>(slots).fill(0);
  values.forEach((value, i) => {
    sums[Math.floor((i * slots) / values.length)] += value;
  });
  return sums;
}

export function sparkline(values: number[], label: string, width = 120, height = 22): SVGElement {
  const most = Math.max(1e-9, ...values);
  const points = values.map(
    (value, i) =>
      `${(((i + 0.5) / values.length) * width).toFixed(1)} ${(height - 1 - (value / most) * (height - 3)).toFixed(1)}`,
  );
  return svg(
    "svg.sparkline",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
    points.length > 0 ? svg("path.line.stroke-series-0", { d: "M" + points.join("L") }) : null,
  );
}
