// At which time does hit number 734 512 stand? The fine histogram of a search tells, nearly: a page of the list is then
// asked for by time, and skips only the few hits before it in its interval. An interval that holds too many is asked
// about again, alone, when somebody scrolls into it.
import type { OverviewAnswer } from "./api";
import { Ns, parseRfc3339 } from "./time";

export interface Segment {
  from: Ns;
  to: Ns; // exclusive
  lines: number;
  rank: number; // of its newest hit
}

// Skipping costs the server a look at each skipped hit.
export const MANY_LINES = 4000;

// Newest first, as the list shows them; intervals without hits are left out.
export function segmentsOf(answer: OverviewAnswer): Segment[] {
  const from = parseRfc3339(answer.from) ?? 0n;
  const end = parseRfc3339(answer.to) ?? 0n;
  const step = BigInt(Math.max(1, answer.bucket_ns));
  const levels = Object.values(answer.levels);
  const buckets = levels[0]?.length ?? 0;
  const segments: Segment[] = [];
  let rank = 0;
  for (let i = buckets - 1; i >= 0; --i) {
    const lines = levels.reduce((sum, counts) => sum + counts[i], 0);
    if (lines === 0) continue;
    const begin = from + BigInt(i) * step;
    const stop = begin + step < end ? begin + step : end;
    segments.push({ from: begin, to: stop, lines, rank });
    rank += lines;
  }
  return segments;
}

export function findSegment(segments: Segment[], rank: number): Segment | undefined {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle].rank <= rank) low = middle;
    else high = middle - 1;
  }
  return segments[low];
}

// The segment in finer pieces, in its place.
export function refine(segments: Segment[], segment: Segment, answer: OverviewAnswer): Segment[] {
  const at = segments.indexOf(segment);
  const finer = segmentsOf(answer).map((each) => ({ ...each, rank: each.rank + segment.rank }));
  const found = finer.reduce((sum, each) => sum + each.lines, 0);
  if (at < 0 || found !== segment.lines) return segments; // late lines came in between: as it was
  return [...segments.slice(0, at), ...finer, ...segments.slice(at + 1)];
}
