// The server's API. One place knows how to reach it, what its errors say, and whether it is there.
import type { ApiRecord } from "./record";

export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

// The server cannot be reached, or hung up in the middle of an answer.
export class Unreachable extends Error {}

export type Params = Record<string, string | number | boolean | undefined>;

type Listener = (reachable: boolean) => void;
const listeners = new Set<Listener>();
let reachable = true;

export function onReachable(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function setReachable(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  for (const listener of [...listeners]) listener(now);
  if (!now) void probe(500);
}

// Asks again and again, less and less often, until the server answers.
async function probe(delayMs: number): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      if ((await fetch("/healthz", { cache: "no-store" })).ok) return setReachable(true);
    } catch {
      delayMs = Math.min(delayMs * 1.5, 5000);
    }
  }
}

// The server keeps tenants apart, and a request named none (docs/tenants.md).
const NO_TENANT = "no org id";
let noTenant: () => void = () => undefined;

export function onNoTenant(listener: () => void): void {
  noTenant = listener;
}

export function url(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === false) continue;
    if (value === "" && name !== "query") continue; // an empty query asks for everything in some languages
    query.set(name, value === true ? "1" : String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export async function request(path: string, params: Params = {}, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url(path, params), { cache: "no-store", ...init });
  } catch (error) {
    if (isAbort(error)) throw error;
    setReachable(false);
    throw new Unreachable("the server cannot be reached");
  }
  setReachable(true);
  if (response.ok) return response;
  let detail = response.statusText;
  try {
    const problem = (await response.json()) as { detail?: string; title?: string };
    detail = problem.detail ?? problem.title ?? detail;
  } catch (error) {
    if (isAbort(error)) throw error;
    // Else it is an answer of something between us and the server.
  }
  if (response.status === 401 && detail === NO_TENANT) noTenant();
  throw new Problem(detail, response.status);
}

export async function getJson<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return (await (await request(path, params, { signal })).json()) as T;
}

export async function getText(path: string, params: Params = {}, signal?: AbortSignal): Promise<string> {
  return (await request(path, params, { signal })).text();
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

export function messageOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// Calls back with each line of a streamed answer, as it comes.
export async function eachLine(response: Response, onLine: (line: string) => void): Promise<void> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (isAbort(error)) throw error;
      throw new Unreachable("the answer broke off");
    });
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
  if (rest) onLine(rest);
}

function parseLine<T>(line: string): T {
  const value = JSON.parse(line) as T & { error?: { detail?: string; title?: string; status: number } };
  if (value.error?.status)
    throw new Problem(value.error.detail ?? value.error.title ?? "", value.error.status);
  return value;
}

export async function eachJson<T>(
  path: string,
  params: Params,
  signal: AbortSignal,
  onValue: (value: T) => void,
): Promise<void> {
  await eachLine(await request(path, params, { signal }), (line) => {
    if (line) onValue(parseLine<T>(line));
  });
}

export interface ServerEvent {
  event: string;
  data: string;
}

// Server-sent events, read by fetch: unlike EventSource it tells why a request was refused.
export async function eachEvent(
  path: string,
  params: Params,
  signal: AbortSignal,
  onOpen: () => void,
  onEvent: (event: ServerEvent) => void,
): Promise<void> {
  const response = await request(path, params, { signal });
  onOpen();
  let event = "";
  let data: string[] = [];
  await eachLine(response, (line) => {
    if (line === "") {
      if (data.length > 0) onEvent({ event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
    } else if (line.startsWith("data:")) {
      data.push(line.slice(line[5] === " " ? 6 : 5));
    } else if (line.startsWith("event:")) {
      event = line.slice(6).trim();
    }
  });
}

let described: Promise<string> | null = null;

// Whether this server has a route: what is asked of it without one would be an error in the console.
export async function hasRoute(path: string): Promise<boolean> {
  described ??= getText("/openapi.yaml");
  try {
    return (await described).includes(`\n  ${path}:\n`);
  } catch {
    described = null;
    return false;
  }
}

// ---- answers ----

export interface Facet {
  field: string;
  values: { value: string; lines: number }[];
  distinct: number;
  others: number;
  missing: number;
}

export interface OverviewAnswer {
  done: boolean;
  progress: number;
  elapsed_ms: number;
  from: string;
  to: string;
  lines: number;
  bucket_ns: number;
  levels: Record<string, number[]>;
  facets: Facet[];
}

export interface FieldsAnswer {
  lines: number;
  truncated: boolean;
  fields: { name: string; types: string[]; origin: string; lines: number }[];
}

export interface TableAnswer {
  columns: string[];
  rows: unknown[][];
}

export interface TrailAnswer {
  id: string;
  lines: number;
  truncated: boolean;
  from: string;
  to: string;
  duration_ms: number;
  services: {
    service: string;
    lines: number;
    errors: number;
    first_offset_ms: number;
    last_offset_ms: number;
  }[];
  events: {
    offset_ms: number;
    service: string;
    level: string;
    message: string;
    duration_ms?: number;
    entry: ApiRecord;
  }[];
}

export interface AuditAnswer {
  lines: number;
  by_event: { value: string; lines: number }[];
  by_outcome: { value: string; lines: number }[];
  by_user: { value: string; lines: number }[];
  records: ApiRecord[];
}

export interface HealthAnswer {
  status: "ok" | "degraded";
  uptime_s: number;
  checks: { name: string; ok: boolean; detail: string }[];
  disk: { total_bytes: number; available_bytes: number };
  write: { last_latency_ms: number; last_success: string | null };
  store: { rows: number; disk_bytes: number; wal_bytes: number; parts: number };
  tails: number;
  retention: {
    max_age_days: number;
    max_size_bytes: number;
    min_free_bytes: number;
    oldest: string | null;
    size_bytes: number;
    growth_bytes_per_day: number | null;
    days_until_full: number | null;
    last_run: string | null;
    last_drop: {
      at: string;
      before: string;
      reason: "age" | "size" | "disk";
      rows: number;
      disk_bytes: number;
    } | null;
    clock_doubted: boolean;
    problem: string | null;
  };
}

// ---- what is kept on the server ----

export interface Saved<T> {
  name: string;
  updated: string;
  value: T;
}

const savedPath = (kind: string, name: string): string =>
  `/api/v1/saved/${kind}/${encodeURIComponent(name).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16))}`;

export async function listSaved<T>(kind: "views" | "dashboards"): Promise<Saved<T>[]> {
  return (await getJson<{ items: Saved<T>[] }>(`/api/v1/saved/${kind}`)).items;
}

export async function save(kind: "views" | "dashboards", name: string, value: unknown): Promise<void> {
  await request(
    savedPath(kind, name),
    {},
    {
      method: "PUT",
      body: JSON.stringify(value),
      headers: { "Content-Type": "application/json" },
    },
  );
}

export async function unsave(kind: "views" | "dashboards", name: string): Promise<void> {
  await request(savedPath(kind, name), {}, { method: "DELETE" });
}

// ---- errors of this program itself ----

let reported = 0;

export function reportError(message: string, stack: string, source: string): void {
  if (++reported > 10) return; // the first ones tell; the rest follow from them
  const body = new URLSearchParams({
    message,
    stack,
    source,
    page: location.pathname + location.hash.split("?")[0],
  });
  fetch("/api/v1/client-errors", { method: "POST", body, keepalive: true }).catch(() => undefined);
}
