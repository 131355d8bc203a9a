// The hits of one search: pages of records, loaded where the list is looked at, and the counts of all of them.
import { eachJson, getJson, isAbort, OverviewAnswer } from "./api";
import { countsHits } from "./languages";
import { findSegment, MANY_LINES, refine, Segment, segmentsOf } from "./rank_index";
import { ApiRecord, isRecord, Row, rowOf } from "./record";
import { formatRfc3339, Range } from "./time";

export const PAGE = 200;
const MAX_PAGES = 60; // kept; older ones are loaded again when somebody returns
const MAX_RECORD_BYTES = 16_384; // a row shows less; the whole record comes when it is opened
const FINE_BUCKETS = 1000;
const AHEAD = 100; // rows that are loaded before somebody scrolls to them
const SETTLE_MS = 60;
const HEAD_START_MS = 150;

export interface Question {
  query: string;
  lang: string;
  range: Range;
  facets: string[];
  rows: boolean; // false: only the counts
}

class NoRecord extends Error {}

export interface HitsEvents {
  onRows: (first: number, count: number) => void;
  onTable: () => void; // the query has no records as its answer, but rows of its own
  onOverview: (answer: OverviewAnswer) => void;
  onEnd: () => void; // first page and counts are there
  onError: (error: unknown) => void;
}

export class Hits {
  total = 0;
  exact = false; // total is what there is, not what was found so far
  most = Infinity; // a page that was not full was the last, whatever the counts of lines say
  readonly counted: boolean; // the counts of lines are those of the hits
  firstRowMs = 0;
  private readonly pages = new Map<number, Row[] | "loading">();
  private readonly abort = new AbortController();
  private readonly begin = performance.now();
  private segments: Segment[] = [];
  private running = 2;
  private wanted = 0; // the first row that was looked at last
  private waiting = 0;

  constructor(
    private readonly question: Question,
    private readonly events: HitsEvents,
  ) {
    // Stages after the conditions ("| limit 50") leave some of the counted lines out.
    this.counted = countsHits(question.lang, question.query);
  }

  get isRunning(): boolean {
    return this.running > 0 && !this.abort.signal.aborted;
  }

  // The counts wait for the first lines, for a moment: both would share the server's cores, and it is the lines that
  // somebody waits for.
  start(): void {
    if (!this.question.rows) {
      --this.running;
      void this.loadOverview();
      return;
    }
    const rows = this.loadPage(0, true);
    const moment = new Promise((resolve) => setTimeout(resolve, HEAD_START_MS));
    void Promise.race([rows, moment]).then(() => {
      if (!this.abort.signal.aborted) void this.loadOverview();
    });
  }

  cancel(): void {
    clearTimeout(this.waiting);
    this.abort.abort();
    this.running = 0;
  }

  row(index: number): Row | undefined {
    const page = this.pages.get(Math.floor(index / PAGE));
    return page && page !== "loading" ? page[index % PAGE] : undefined;
  }

  // These rows are looked at. Where somebody drags the bar past thousands of pages, only the one is loaded at which
  // they stop.
  want(first: number, last: number): void {
    if (!this.question.rows) return;
    clearTimeout(this.waiting);
    const far = Math.abs(first - this.wanted) > 3 * PAGE;
    this.wanted = first;
    if (far) this.waiting = window.setTimeout(() => this.load(first, last), SETTLE_MS);
    else this.load(first - AHEAD, last + AHEAD);
  }

  private load(first: number, last: number): void {
    for (let page = Math.max(0, Math.floor(first / PAGE)); page <= Math.floor(last / PAGE); ++page) {
      if (!this.pages.has(page) && page * PAGE < this.total) void this.loadPage(page, false);
    }
  }

  private base(): Record<string, string | number | undefined> {
    const { query, lang, range } = this.question;
    return {
      query,
      lang,
      from: range.from === null ? undefined : formatRfc3339(range.from),
      to: range.to === null ? undefined : formatRfc3339(range.to),
    };
  }

  private finished(): void {
    if (--this.running === 0) this.events.onEnd();
  }

  private async loadOverview(): Promise<void> {
    const { facets } = this.question;
    try {
      await eachJson<OverviewAnswer>(
        "/api/v1/overview",
        { ...this.base(), buckets: FINE_BUCKETS, facets: facets.join(","), facet_limit: 12, progress: true },
        this.abort.signal,
        (answer) => {
          if (this.counted) this.total = Math.min(this.most, Math.max(answer.lines, this.total));
          if (answer.done) {
            if (this.counted) this.total = Math.min(this.most, answer.lines);
            this.exact = true;
            this.segments = segmentsOf(answer);
          }
          this.events.onOverview(answer);
        },
      );
    } catch (error) {
      if (!isAbort(error) && !this.abort.signal.aborted) this.events.onError(error);
      return;
    }
    this.finished();
  }

  private async loadPage(page: number, isFirst: boolean): Promise<void> {
    this.pages.set(page, "loading");
    const rows: Row[] = [];
    const first = page * PAGE;
    let shown = 0;
    const show = (): void => {
      if (rows.length === shown) return;
      this.pages.set(page, rows);
      if (isFirst && this.firstRowMs === 0) this.firstRowMs = performance.now() - this.begin;
      this.total = Math.max(this.total, first + rows.length);
      this.events.onRows(first + shown, rows.length - shown);
      shown = rows.length;
    };
    try {
      const place = await this.placeOf(first);
      await eachJson<ApiRecord>(
        "/api/v1/search",
        { ...this.base(), ...place, limit: PAGE, direction: "backward", max_record_bytes: MAX_RECORD_BYTES },
        this.abort.signal,
        (record) => {
          if (!isRecord(record)) throw new NoRecord();
          rows.push(rowOf(record));
          if (rows.length === 30) show(); // a screen full, before the rest is parsed
        },
      );
      show();
      if (rows.length === 0) this.pages.set(page, rows);
      if (rows.length < PAGE) this.endAt(first + rows.length);
      else if (!this.counted) this.goOn(first + rows.length);
    } catch (error) {
      this.pages.delete(page);
      if (error instanceof NoRecord) {
        this.finished();
        return this.events.onTable();
      }
      if (!isAbort(error) && !this.abort.signal.aborted) this.events.onError(error);
      return;
    }
    this.forgetFar(page);
    if (isFirst) this.finished();
  }

  // There may be more than the list has: it is made longer by a page, which is loaded when somebody scrolls there.
  private goOn(count: number): void {
    this.total = Math.min(this.most, Math.max(this.total, count + PAGE));
    this.events.onRows(0, 0);
  }

  private endAt(count: number): void {
    this.most = Math.min(this.most, count);
    if (this.total <= this.most) return;
    this.total = this.most;
    this.events.onRows(0, 0);
  }

  // Where a page begins: a time to search back from, and how many hits to skip from there.
  private async placeOf(rank: number): Promise<Record<string, string | number>> {
    if (rank === 0) return {};
    if (!this.counted) return { offset: rank };
    let segment = findSegment(this.segments, rank);
    if (!segment || rank >= segment.rank + segment.lines) return { offset: rank };
    for (
      let tries = 0;
      tries < 4 && rank - segment.rank > MANY_LINES && segment.to - segment.from > 1000n;
      ++tries
    ) {
      const answer: OverviewAnswer = await getJson<OverviewAnswer>(
        "/api/v1/overview",
        {
          ...this.base(),
          from: formatRfc3339(segment.from),
          to: formatRfc3339(segment.to),
          buckets: FINE_BUCKETS,
        },
        this.abort.signal,
      );
      this.segments = refine(this.segments, segment, answer);
      const finer = findSegment(this.segments, rank);
      if (!finer || finer === segment) break;
      segment = finer;
    }
    return { to: formatRfc3339(segment.to), offset: rank - segment.rank };
  }

  private forgetFar(page: number): void {
    if (this.pages.size <= MAX_PAGES) return;
    const far = [...this.pages.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page));
    for (const each of far.slice(0, this.pages.size - MAX_PAGES)) if (each !== 0) this.pages.delete(each);
  }
}
