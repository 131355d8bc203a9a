// A list of any length of which only what is seen exists.
//
// Rows may differ in height, and there may be more of them than a browser can make an element tall (Chromium stops at
// 33 million pixels, Firefox at 18). So the scroll bar is not the truth. The truth is the anchor: row `first` has its
// upper edge `offset` pixels below the view's. Small scrolls move the anchor by as many pixels; a long one (the bar was
// dragged, or Home and End) puts it where the bar points. Between the two the bar is brought into line when the
// scrolling has come to rest.
import { h } from "../lib/dom";

export interface ListOptions {
  label: string;
  rowHeight: number; // of most rows: where the bar points is counted with it
  uniform: boolean; // every row has exactly that height, and need not be measured
  render: (index: number) => HTMLElement;
  onRange?: (first: number, last: number) => void; // these rows are seen
  onSelect?: (index: number) => void;
}

const MAX_HEIGHT = 8_000_000;
const OVERSCAN = 6; // rows beyond the edges, so that a quick turn of the wheel shows no gap

export class VirtualList {
  readonly element: HTMLElement;
  private readonly spacer: HTMLElement;
  private readonly layer: HTMLElement;
  private rows = new Map<number, { element: HTMLElement; height: number }>();
  private count = 0;
  private first = 0;
  private offset = 0;
  private lastTop = 0;
  private settling = 0;
  private scheduled = false;
  private selected = -1;
  private viewHeight = 0;
  private readonly observer: ResizeObserver;

  constructor(private options: ListOptions) {
    this.spacer = h("div.list-spacer");
    this.layer = h("div.list-layer");
    this.element = h(
      "div.list",
      { tabindex: 0, role: "listbox", "aria-label": options.label },
      this.layer,
      this.spacer,
    );
    this.element.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.element.addEventListener("click", (event) => {
      const row = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
      if (row && getSelection()?.isCollapsed !== false) this.select(Number(row.dataset["row"]));
    });
    this.observer = new ResizeObserver(() => {
      this.viewHeight = this.element.clientHeight;
      this.schedule();
    });
    this.observer.observe(this.element);
  }

  dispose(): void {
    this.observer.disconnect();
    clearTimeout(this.settling);
  }

  get length(): number {
    return this.count;
  }
  get selection(): number {
    return this.selected;
  }

  setOptions(change: Partial<ListOptions>): void {
    this.options = { ...this.options, ...change };
    this.redraw();
  }

  // `grown`: so many rows came in above the first; what is seen stays where it is.
  setCount(count: number, grown = 0): void {
    const atTop = this.first === 0 && this.offset >= 0;
    this.count = count;
    if (grown !== 0) {
      this.dropRows();
      if (this.selected >= 0) this.selected += grown;
      if (!atTop) this.first = Math.max(0, this.first + grown);
    }
    if (this.first >= count) {
      this.first = Math.max(0, count - 1);
      this.offset = 0;
    }
    this.sizeSpacer();
    this.schedule();
  }

  // The rows' contents have changed.
  redraw(): void {
    this.dropRows();
    this.sizeSpacer();
    this.schedule();
  }

  // Some rows' contents have come: only those are made anew, in the middle of a scroll too.
  redrawRows(first: number, count: number): void {
    for (const [index, row] of this.rows) {
      if (index < first || index >= first + count) continue;
      row.element.remove();
      this.rows.delete(index);
    }
    this.schedule();
  }

  scrollTo(index: number): void {
    this.first = Math.max(0, Math.min(index, this.count - 1));
    this.offset = 0;
    this.settle();
    this.schedule();
  }

  select(index: number, notify = true): void {
    if (index < 0 || index >= this.count) return;
    this.rows.get(this.selected)?.element.setAttribute("aria-selected", "false");
    this.selected = index;
    this.rows.get(index)?.element.setAttribute("aria-selected", "true");
    this.element.setAttribute("aria-activedescendant", `row-${index}`);
    this.reveal(index);
    if (notify) this.options.onSelect?.(index);
  }

  clearSelection(): void {
    this.rows.get(this.selected)?.element.setAttribute("aria-selected", "false");
    this.selected = -1;
    this.element.removeAttribute("aria-activedescendant");
  }

  // Moves the selection by rows; without one the first row that is seen is taken.
  move(step: number): void {
    const from = this.selected < 0 ? this.first - (step > 0 ? 1 : -1) : this.selected;
    this.select(Math.max(0, Math.min(this.count - 1, from + step)));
  }

  private reveal(index: number): void {
    const row = this.rows.get(index);
    const view = this.element.getBoundingClientRect();
    const at = row?.element.getBoundingClientRect();
    if (at && at.top >= view.top && at.bottom <= view.bottom) return;
    if (at && at.top < view.bottom && at.bottom > view.bottom) {
      this.moveBy(at.bottom - view.bottom);
    } else if (index === this.lastSeen() + 1) {
      this.moveBy(this.options.rowHeight);
    } else {
      this.first = index;
      this.offset = 0;
    }
    this.settle();
    this.schedule();
  }

  private lastSeen(): number {
    return this.first + Math.floor((this.viewHeight - this.offset) / this.options.rowHeight) - 1;
  }

  private contentHeight(): number {
    return this.count * this.options.rowHeight;
  }

  private sizeSpacer(): void {
    this.spacer.style.height = `${Math.max(1, Math.min(MAX_HEIGHT, this.contentHeight()))}px`;
  }

  private heightOf(index: number): number {
    return this.rows.get(index)?.height ?? this.options.rowHeight;
  }

  private onScroll(): void {
    const top = this.element.scrollTop;
    const delta = top - this.lastTop;
    this.lastTop = top;
    if (delta === 0) return;
    if (Math.abs(delta) > 3 * this.viewHeight || top <= 0) {
      this.jumpToBar();
    } else {
      this.moveBy(delta);
    }
    this.schedule();
    clearTimeout(this.settling);
    this.settling = window.setTimeout(() => this.settle(), 150);
  }

  private jumpToBar(): void {
    const most = Math.max(1, this.element.scrollHeight - this.viewHeight);
    const rows = Math.max(0, this.count - this.viewHeight / this.options.rowHeight);
    const at = (Math.max(0, Math.min(most, this.element.scrollTop)) / most) * rows;
    this.first = Math.floor(at);
    this.offset = -(at - this.first) * this.options.rowHeight;
  }

  private moveBy(delta: number): void {
    this.offset -= delta;
    while (this.offset > 0 && this.first > 0) this.offset -= this.heightOf(--this.first);
    while (this.first + 1 < this.count && -this.offset >= this.heightOf(this.first)) {
      this.offset += this.heightOf(this.first++);
    }
    if (this.first === 0) this.offset = Math.min(this.offset, 0);
  }

  // Puts the bar where the anchor is.
  private settle(): void {
    const most = Math.max(0, this.element.scrollHeight - this.viewHeight);
    const rows = Math.max(1, this.count - this.viewHeight / this.options.rowHeight);
    const at = this.first - this.offset / this.options.rowHeight;
    this.lastTop = Math.round(Math.max(0, Math.min(most, (at / rows) * most)));
    this.element.scrollTop = this.lastTop;
    this.lastTop = this.element.scrollTop;
    this.place();
  }

  private dropRows(): void {
    for (const { element } of this.rows.values()) element.remove();
    this.rows.clear();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.draw();
    });
  }

  private draw(): void {
    if (this.viewHeight === 0) this.viewHeight = this.element.clientHeight;
    const { rowHeight, uniform, onRange } = this.options;
    const begin = Math.max(0, this.first - OVERSCAN);
    let end = Math.min(
      this.count,
      this.first + Math.ceil((this.viewHeight - this.offset) / rowHeight) + OVERSCAN,
    );
    if (uniform || this.count === 0) {
      this.fill(begin, end);
    } else {
      // Taller rows than expected need fewer, smaller ones more.
      this.fill(begin, Math.min(end, this.first + 12));
      let bottom = this.offset;
      let index = this.first;
      while (index < this.count && bottom < this.viewHeight + OVERSCAN * rowHeight) {
        if (!this.rows.has(index)) this.fill(begin, Math.min(this.count, index + 12));
        bottom += this.heightOf(index++);
      }
      end = index;
      this.fill(begin, end);
    }
    this.holdBottom(end);
    this.place();
    if (end > begin) onRange?.(this.first, end - 1);
  }

  // The last row does not leave the lower edge.
  private holdBottom(end: number): void {
    if (end < this.count) return;
    let bottom = this.offset;
    for (let index = this.first; index < this.count; ++index) bottom += this.heightOf(index);
    const gap = this.viewHeight - bottom;
    if (gap <= 0) return;
    this.offset += gap;
    while (this.offset > 0 && this.first > 0) this.offset -= this.heightOf(--this.first);
    if (this.first === 0) this.offset = Math.min(this.offset, 0);
    this.fill(Math.max(0, this.first - OVERSCAN), this.count);
  }

  private fill(begin: number, end: number): void {
    for (const [index, row] of this.rows) {
      if (index >= begin && index < end) continue;
      row.element.remove();
      this.rows.delete(index);
    }
    const fresh: [number, HTMLElement][] = [];
    for (let index = begin; index < end; ++index) {
      if (this.rows.has(index)) continue;
      const element = this.options.render(index);
      element.dataset["row"] = String(index);
      element.id = `row-${index}`;
      element.setAttribute("role", "option");
      element.setAttribute("aria-selected", String(index === this.selected));
      element.setAttribute("aria-posinset", String(index + 1));
      element.setAttribute("aria-setsize", String(this.count));
      fresh.push([index, element]);
      this.layer.appendChild(element);
    }
    for (const [index, element] of fresh) {
      const height = this.options.uniform
        ? this.options.rowHeight
        : element.offsetHeight || this.options.rowHeight;
      this.rows.set(index, { element, height });
    }
  }

  private place(): void {
    let y = this.offset;
    for (let index = this.first - 1; this.rows.has(index); --index) y -= this.heightOf(index);
    const sorted = [...this.rows.keys()].sort((a, b) => a - b);
    for (const index of sorted) {
      const { element, height } = this.rows.get(index)!;
      element.style.transform = `translateY(${Math.round(y)}px)`;
      y += height;
    }
  }
}
