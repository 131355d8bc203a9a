// A record as the API gives it, and what a person looks for in it first, whatever its writer called that.
import { Ns, parseRfc3339 } from "./time";

export interface ApiRecord {
  timestamp: string;
  sequence?: number;
  stream: Record<string, string>;
  attributes?: Record<string, string>;
  record: unknown; // an object, or a string when the line is text (or was cut)
  line_bytes?: number; // of the whole line, when it was cut
}

// Else it is a row of a table, which has the columns that its query names.
export function isRecord(value: object): value is ApiRecord {
  return "timestamp" in value && "stream" in value && "record" in value;
}

export interface Row {
  time: Ns;
  level: string;
  message: string;
  source: ApiRecord;
}

// As src/record/well_known.cc has them; the commonest first.
const LEVEL_PATHS = [
  "level",
  "log.level",
  "severity",
  "severity_text",
  "severityText",
  "levelname",
  "lvl",
  "loglevel",
  "log_level",
  "level_name",
  "@l",
  "PRIORITY",
  "s",
  "priority",
];
const MESSAGE_PATHS = [
  "message",
  "msg",
  "body",
  "Body",
  "log",
  "MESSAGE",
  "short_message",
  "event.original",
  "text",
  "@m",
  "@mt",
  "event",
];
const SERVICE_PATHS = [
  "service",
  "service.name",
  "service_name",
  "resource.service.name",
  "app",
  "application",
  "logger",
  "component",
  "program",
  "SYSLOG_IDENTIFIER",
  "host",
];
const TIME_PATHS = ["timestamp", "@timestamp", "time", "ts"];

export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "none"] as const;

// The value under a dotted path: {"a":{"b":1}} and {"a.b":1} both have "a.b".
export function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const object = value as Record<string, unknown>;
  if (Object.prototype.hasOwnProperty.call(object, path)) return object[path];
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.prototype.hasOwnProperty.call(object, head)) continue;
    const found = valueAt(object[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

// As a query finds it: the line's field, else the attribute, else the stream's label.
export function fieldOf(record: ApiRecord, name: string): unknown {
  return valueAt(record.record, name) ?? record.attributes?.[name] ?? record.stream[name];
}

export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function first(record: unknown, paths: string[]): unknown {
  for (const path of paths) {
    const value = valueAt(record, path);
    if (value !== undefined && value !== null && typeof value !== "object") return value;
  }
  return undefined;
}

const LEVEL_NAMES: Record<string, string> = {
  trace: "TRACE",
  debug: "DEBUG",
  dbg: "DEBUG",
  d: "DEBUG",
  info: "INFO",
  information: "INFO",
  inf: "INFO",
  i: "INFO",
  notice: "INFO",
  warn: "WARNING",
  warning: "WARNING",
  wrn: "WARNING",
  w: "WARNING",
  error: "ERROR",
  err: "ERROR",
  e: "ERROR",
  critical: "CRITICAL",
  crit: "CRITICAL",
  fatal: "CRITICAL",
  f: "CRITICAL",
  panic: "CRITICAL",
  alert: "CRITICAL",
  emergency: "CRITICAL",
  emerg: "CRITICAL",
  c: "CRITICAL",
};

export function levelOf(record: ApiRecord): string {
  const value = first(record.record, LEVEL_PATHS) ?? record.stream["level"];
  return LEVEL_NAMES[String(value ?? "").toLowerCase()] ?? "none";
}

export function messageOf(record: ApiRecord): string {
  if (typeof record.record === "string") return record.record;
  return textOf(first(record.record, MESSAGE_PATHS));
}

export function serviceOf(record: ApiRecord): string {
  return textOf(
    first(record.record, SERVICE_PATHS) ??
      record.stream["service_name"] ??
      record.stream["service"] ??
      record.stream["app"] ??
      record.stream["job"],
  );
}

export function rowOf(source: ApiRecord): Row {
  return {
    time: parseRfc3339(source.timestamp) ?? 0n,
    level: levelOf(source),
    message: messageOf(source),
    source,
  };
}

// Said by the row already, or by no row: who wrote it and where tells nothing about what happened.
const SHOWN_ALREADY = new Set([
  ...LEVEL_PATHS,
  ...MESSAGE_PATHS,
  ...TIME_PATHS,
  ...SERVICE_PATHS,
  "environment",
  "version",
  "hostname",
  "process",
  "thread",
  "source",
]);
const IDS = /(^|_)(trace|span|parent)_?id$/i;

// What else the line says, shortly: "status_code=200 duration_ms=12.5". What was done comes before for whom: the context
// that every line of a request shares is last.
export function restOf(record: ApiRecord, limit: number): [string, string][] {
  const rest: [string, string][] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    const entries = Object.entries(value).filter(
      ([name]) => !(depth === 0 && SHOWN_ALREADY.has(name)) && !IDS.test(name),
    );
    const last = depth === 0 ? entries.filter(([name]) => name === "context" || name === "labels") : [];
    for (const [name, inner] of [...entries.filter((entry) => !last.includes(entry)), ...last]) {
      if (rest.length >= limit) return;
      if (typeof inner === "object") {
        if (depth < 2) visit(inner, depth + 1);
      } else if (inner !== "") {
        rest.push([name, String(inner).slice(0, 80)]);
      }
    }
  };
  visit(record.record, 0);
  return rest;
}
