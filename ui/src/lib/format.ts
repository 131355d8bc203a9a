// Figures as people read them.

export function count(n: number): string {
  return Math.round(n).toLocaleString("en-US");
}

// 1234567 → "1.23M": where there is little room.
export function short(n: number): string {
  const units: [number, string][] = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ];
  for (const [size, unit] of units) {
    if (Math.abs(n) >= size) return trim(n / size) + unit;
  }
  return Number.isInteger(n) ? String(n) : trim(n);
}

function trim(n: number): string {
  const digits = Math.abs(n) >= 100 ? 0 : Math.abs(n) >= 10 ? 1 : 2;
  return String(Number(n.toFixed(digits)));
}

export function bytes(n: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (n >= 1024 && unit + 1 < units.length) {
    n /= 1024;
    ++unit;
  }
  return `${trim(n)} ${units[unit]}`;
}

export function duration(ms: number): string {
  if (ms < 0) return "-" + duration(-ms);
  if (ms === 0) return "0";
  if (ms < 1) return `${trim(ms * 1000)} µs`;
  if (ms < 1000) return `${trim(ms)} ms`;
  if (ms < 60_000) return `${trim(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return "0 %";
  const value = (100 * part) / whole;
  return `${value > 0 && value < 0.1 ? "<0.1" : value < 10 ? trim(value) : Math.round(value)} %`;
}

export type Unit = "" | "ms" | "bytes" | "percent";

export function withUnit(n: number, unit: Unit): string {
  switch (unit) {
    case "ms":
      return duration(n);
    case "bytes":
      return bytes(n);
    case "percent":
      return `${trim(n)} %`;
    default:
      return short(n);
  }
}

export function plural(n: number, one: string, many = one + "s"): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
