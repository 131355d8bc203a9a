// Points in time, to the nanosecond: Unix time as a bigint, as the API's RFC 3339 text, and as people read and write it.

export type Ns = bigint;

export const MS: Ns = 1_000_000n;
export const SECOND: Ns = 1_000_000_000n;
export const MINUTE: Ns = 60n * SECOND;
export const HOUR: Ns = 60n * MINUTE;
export const DAY: Ns = 24n * HOUR;

export function now(): Ns {
  return BigInt(Date.now()) * MS;
}

// "2025-10-30T14:23:45.123456789Z", as the API writes it. Null for anything that is no such text.
export function parseRfc3339(text: string): Ns | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (!match) return null;
  const ms = Date.parse(match[1] + (match[3] ?? "Z"));
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * MS + BigInt((match[2] ?? "").padEnd(9, "0"));
}

export function formatRfc3339(time: Ns): string {
  let seconds = time / SECOND;
  let rest = time % SECOND;
  if (rest < 0n) {
    rest += SECOND;
    seconds -= 1n;
  }
  return (
    new Date(Number(seconds) * 1000).toISOString().slice(0, 19) + "." + rest.toString().padStart(9, "0") + "Z"
  );
}

export function toMs(time: Ns): number {
  return Number(time / MS);
}

const two = (n: number): string => String(n).padStart(2, "0");
const three = (n: number): string => String(n).padStart(3, "0");

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

function partsOf(ms: number, utc: boolean): Parts {
  const d = new Date(ms);
  return utc
    ? {
        year: d.getUTCFullYear(),
        month: d.getUTCMonth(),
        day: d.getUTCDate(),
        hour: d.getUTCHours(),
        minute: d.getUTCMinutes(),
        second: d.getUTCSeconds(),
        ms: d.getUTCMilliseconds(),
      }
    : {
        year: d.getFullYear(),
        month: d.getMonth(),
        day: d.getDate(),
        hour: d.getHours(),
        minute: d.getMinutes(),
        second: d.getSeconds(),
        ms: d.getMilliseconds(),
      };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// "Nov 26 06:22:11.123": of a line in a list.
export function formatStamp(time: Ns, utc: boolean): string {
  const p = partsOf(toMs(time), utc);
  return `${MONTHS[p.month]} ${two(p.day)} ${two(p.hour)}:${two(p.minute)}:${two(p.second)}.${three(p.ms)}`;
}

// "2026-11-26 06:22:11.123456789": in full.
export function formatFull(time: Ns, utc: boolean): string {
  const p = partsOf(toMs(time), utc);
  const fraction = (((time % SECOND) + SECOND) % SECOND).toString().padStart(9, "0");
  const zone = utc ? " UTC" : "";
  return `${p.year}-${two(p.month + 1)}-${two(p.day)} ${two(p.hour)}:${two(p.minute)}:${two(p.second)}.${fraction}${zone}`;
}

// "2026-11-26T06:22:11": what an input of type datetime-local holds, and what inputLocal reads.
export function toInput(time: Ns, utc: boolean): string {
  const p = partsOf(toMs(time), utc);
  return `${p.year}-${two(p.month + 1)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

export function fromInput(text: string, utc: boolean): Ns | null {
  const ms = Date.parse(utc ? text + "Z" : text);
  return Number.isNaN(ms) ? null : BigInt(ms) * MS;
}

// The label of an axis whose ticks are `step` apart: no more digits than tell them apart.
export function formatTick(ms: number, stepMs: number, utc: boolean): string {
  const p = partsOf(ms, utc);
  if (stepMs >= 86_400_000) return `${MONTHS[p.month]} ${p.day}`;
  const clock = `${two(p.hour)}:${two(p.minute)}`;
  if (stepMs >= 60_000) return p.hour === 0 && p.minute === 0 ? `${MONTHS[p.month]} ${p.day}` : clock;
  if (stepMs >= 1000) return `${clock}:${two(p.second)}`;
  return `${two(p.minute)}:${two(p.second)}.${three(p.ms)}`;
}

const STEPS_MS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1e3,
  2e3,
  5e3,
  10e3,
  15e3,
  30e3,
  60e3,
  120e3,
  300e3,
  600e3,
  900e3,
  1800e3,
  3600e3,
  7200e3,
  3 * 3600e3,
  6 * 3600e3,
  12 * 3600e3,
  86400e3,
  2 * 86400e3,
  7 * 86400e3,
  14 * 86400e3,
  30 * 86400e3,
  90 * 86400e3,
  365 * 86400e3,
];

// The smallest round step that cuts the length into at most `most` pieces.
export function roundStepMs(lengthMs: number, most: number): number {
  return STEPS_MS.find((step) => lengthMs / step <= most) ?? STEPS_MS[STEPS_MS.length - 1];
}

// The step as the search language writes it: time(5m).
export function stepText(stepMs: number): string {
  const units: [number, string][] = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "m"],
    [1000, "s"],
  ];
  for (const [size, unit] of units) {
    if (stepMs >= size && stepMs % size === 0) return `${stepMs / size}${unit}`;
  }
  return `${Math.max(1, Math.round(stepMs))}ms`;
}

// "-15m", "-1h30m", "-7d": how far back, or null.
export function parseRelative(text: string): Ns | null {
  const match = /^(?:now)?-((?:\d+(?:ms|[smhdw]))+)$/.exec(text.trim());
  if (!match) return null;
  const units: Record<string, Ns> = { ms: MS, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7n * DAY };
  let sum = 0n;
  for (const [, count, unit] of match[1].matchAll(/(\d+)(ms|[smhdw])/g)) sum += BigInt(count) * units[unit];
  return sum;
}

export interface Range {
  from: Ns | null;
  to: Ns | null;
} // null: without bound

// What "from" and "to" of an address mean at this moment.
export function resolveRange(from: string, to: string): Range {
  const at = now();
  const resolve = (text: string): Ns | null => {
    if (text === "" || text === "all") return null;
    if (text === "now") return at;
    const back = parseRelative(text);
    return back !== null ? at - back : parseRfc3339(text);
  };
  return { from: resolve(from), to: resolve(to) };
}

export const PRESETS: [string, string][] = [
  ["-5m", "Last 5 minutes"],
  ["-15m", "Last 15 minutes"],
  ["-1h", "Last hour"],
  ["-4h", "Last 4 hours"],
  ["-24h", "Last 24 hours"],
  ["-7d", "Last 7 days"],
  ["-30d", "Last 30 days"],
  ["all", "All time"],
];

export function rangeLabel(from: string, to: string, utc: boolean): string {
  if (to === "") {
    const preset = PRESETS.find(([value]) => value === from);
    if (preset) return preset[1];
    if (parseRelative(from) !== null) return `Last ${from.replace(/^(now)?-/, "")}`;
  }
  const { from: begin, to: end } = resolveRange(from, to);
  const text = (time: Ns | null, open: string): string => (time === null ? open : formatStamp(time, utc));
  return `${text(begin, "the beginning")} – ${text(end, "now")}`;
}
