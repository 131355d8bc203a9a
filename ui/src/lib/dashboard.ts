// What a dashboard is: panels, each an ordinary query and the way to draw its answer.

export type PanelKind = "timeseries" | "table" | "toplist" | "stat";

export interface Panel {
  title: string;
  kind: PanelKind;
  query: string; // $interval stands for a round time that suits the range and the width
  unit?: "" | "ms" | "bytes" | "percent";
  width: 1 | 2 | 3; // of three columns
}

export interface Dashboard {
  about?: string;
  panels: Panel[];
}

const KINDS: PanelKind[] = ["timeseries", "table", "toplist", "stat"];

// A dashboard from somebody's file: what it must be, or what is wrong with it.
export function readDashboard(value: unknown): Dashboard {
  const panels = (value as { panels?: unknown } | null)?.panels;
  if (!Array.isArray(panels)) throw new Error("a dashboard is an object with a list of panels");
  if (panels.length > 60) throw new Error("more than 60 panels");
  return {
    about: typeof (value as Dashboard).about === "string" ? (value as Dashboard).about!.slice(0, 500) : "",
    panels: panels.map((each: Partial<Panel>, i) => {
      if (typeof each?.query !== "string") throw new Error(`panel ${i + 1} has no query`);
      if (!KINDS.includes(each.kind as PanelKind))
        throw new Error(`panel ${i + 1}: its kind must be one of ${KINDS.join(", ")}`);
      const width = each.width === 2 || each.width === 3 ? each.width : 1;
      const unit = (["ms", "bytes", "percent"] as const).find((name) => name === each.unit) ?? "";
      return {
        title: String(each.title ?? "").slice(0, 120),
        kind: each.kind!,
        query: each.query.slice(0, 4000),
        unit,
        width,
      };
    }),
  };
}

const series = (title: string, query: string, unit: Panel["unit"] = "", width: 1 | 2 | 3 = 1): Panel => ({
  title,
  kind: "timeseries",
  query,
  unit,
  width,
});
const table = (title: string, query: string, unit: Panel["unit"] = "", width: 1 | 2 | 3 = 1): Panel => ({
  title,
  kind: "table",
  query,
  unit,
  width,
});
const top = (title: string, query: string, unit: Panel["unit"] = "", width: 1 | 2 | 3 = 1): Panel => ({
  title,
  kind: "toplist",
  query,
  unit,
  width,
});
const stat = (title: string, query: string, unit: Panel["unit"] = ""): Panel => ({
  title,
  kind: "stat",
  query,
  unit,
  width: 1,
});

const HTTP = "logger:performance.http";
const DATABASE = "(logger:database OR logger:performance.database)";
const JOBS = "logger:job*";

// Over the standard events (docs/events.md) in the layout `nested`.
export const READY_MADE: Record<string, Dashboard> = {
  Requests: {
    about: "HTTP requests: how many, how fast, which are slow",
    panels: [
      stat("Requests", `${HTTP} | count`),
      stat("95th percentile", `${HTTP} | stats p95(metadata.duration_ms) as p95`, "ms"),
      stat("Server errors", `${HTTP} metadata.status_code:>=500 | count`),
      series("Requests by tier", `${HTTP} | count by metadata.performance_tier, time($interval)`, "", 2),
      top("By status", `${HTTP} | count by metadata.status_code | sort -count`),
      series(
        "Duration: median, 95th, 99th",
        `${HTTP} | stats p50(metadata.duration_ms) as p50, p95(metadata.duration_ms) as p95, p99(metadata.duration_ms) as p99 by time($interval)`,
        "ms",
        2,
      ),
      top(
        "Slowest routes (95th percentile)",
        `${HTTP} | stats p95(metadata.duration_ms) as p95 by metadata.route | sort -p95 | limit 10`,
        "ms",
      ),
      table(
        "Routes",
        `${HTTP} | stats count() as requests, avg(metadata.duration_ms) as mean_ms, p95(metadata.duration_ms) as p95_ms, max(metadata.duration_ms) as max_ms by metadata.method, metadata.route | sort -requests | limit 30`,
        "",
        3,
      ),
    ],
  },
  Errors: {
    about: "What went wrong: by kind, by endpoint, by service",
    panels: [
      stat("Errors", "level:>=ERROR | count"),
      stat("Warnings", "level:WARNING | count"),
      stat("Failed requests", `${HTTP} metadata.status_code:>=400 | count`),
      series("Errors and warnings", "level:>=WARNING | count by level, time($interval)", "", 2),
      top("By service", "level:>=WARNING | count by service | sort -count"),
      top("By type", "level:>=ERROR exception.type:* | count by exception.type | sort -count | limit 12"),
      top(
        "By endpoint",
        `${HTTP} metadata.status_code:>=400 | count by metadata.route | sort -count | limit 12`,
      ),
      top("By logger", "level:>=WARNING | count by logger | sort -count | limit 12"),
      table(
        "By message",
        "level:>=WARNING | count by level, service, message | sort -count | limit 30",
        "",
        3,
      ),
    ],
  },
  Database: {
    about: "Queries: how many, how long, on which tables",
    panels: [
      stat("Queries", `${DATABASE} | count`),
      stat("95th percentile", `${DATABASE} | stats p95(metadata.duration_ms) as p95`, "ms"),
      stat("Slower than 100 ms", `${DATABASE} metadata.duration_ms:>=100 | count`),
      series("Queries by type", `${DATABASE} | count by metadata.query_type, time($interval)`, "", 2),
      top(
        "Time by table",
        `${DATABASE} | stats sum(metadata.duration_ms) as total by metadata.table | sort -total | limit 12`,
        "ms",
      ),
      series(
        "Duration: median, 95th",
        `${DATABASE} | stats p50(metadata.duration_ms) as p50, p95(metadata.duration_ms) as p95 by time($interval)`,
        "ms",
        2,
      ),
      top(
        "Slowest tables (95th percentile)",
        `${DATABASE} | stats p95(metadata.duration_ms) as p95 by metadata.table | sort -p95 | limit 12`,
        "ms",
      ),
      table(
        "Tables",
        `${DATABASE} | stats count() as queries, avg(metadata.duration_ms) as mean_ms, max(metadata.duration_ms) as max_ms by metadata.table, metadata.query_type | sort -queries | limit 30`,
        "",
        3,
      ),
    ],
  },
  Jobs: {
    about: "Background work: begun, done, failed, tried again",
    panels: [
      stat("Finished", `${JOBS} "Job succeeded" | count`),
      stat("Failed", `${JOBS} "Job failed" | count`),
      stat("95th percentile", `${JOBS} | stats p95(metadata.duration_ms) as p95`, "ms"),
      series("Jobs by what happened", `${JOBS} | count by message, time($interval)`, "", 2),
      top("By task", `${JOBS} metadata.task_name:* | count by metadata.task_name | sort -count | limit 12`),
      series(
        "Duration: median, 95th",
        `${JOBS} | stats p50(metadata.duration_ms) as p50, p95(metadata.duration_ms) as p95 by time($interval)`,
        "ms",
        2,
      ),
      top("Attempts", `${JOBS} metadata.attempt:* | count by metadata.attempt | sort -count`),
      table(
        "Tasks",
        `${JOBS} metadata.duration_ms:* | stats count() as runs, avg(metadata.duration_ms) as mean_ms, max(metadata.duration_ms) as max_ms by metadata.task_name, metadata.queue | sort -runs`,
        "",
        3,
      ),
    ],
  },
  "Security and OAuth": {
    about: "Logins, tokens, permissions, and who was refused",
    panels: [
      stat("Logins", "metadata.event:(login_succeeded OR authentication_succeeded) | count"),
      stat("Failed logins", "metadata.event:(login_failed OR authentication_failed) | count"),
      stat("Suspicious", "metadata.event:suspicious_activity | count"),
      series("Security events", "logger:security* | count by metadata.event, time($interval)", "", 2),
      top(
        "Addresses of failed logins",
        "metadata.event:(login_failed OR authentication_failed) | count by metadata.ip_address | sort -count | limit 12",
      ),
      series("OAuth", "logger:security.oauth | count by metadata.event, time($interval)", "", 2),
      top(
        "Denied to",
        "metadata.event:permission_denied | count by context.user_id | sort -count | limit 12",
      ),
      table(
        "Audit by actor and outcome",
        "logger:audit* | count by metadata.actor, metadata.outcome | sort -count | limit 30",
        "",
        3,
      ),
    ],
  },
  System: {
    about: "What is logged, by whom, and what the processes use",
    panels: [
      stat("Lines", "* | count"),
      stat("Services", "service:* | stats count_distinct(service) as services"),
      stat(
        "Resident memory",
        "metadata.rss_start_bytes:* | stats max(metadata.rss_start_bytes) as rss",
        "bytes",
      ),
      series("Lines by level", "* | count by level, time($interval)", "", 2),
      top("Lines by service", "service:* | count by service | sort -count | limit 12"),
      series(
        "Memory by service",
        "metadata.rss_start_bytes:* | stats max(metadata.rss_start_bytes) as rss by service, time($interval)",
        "bytes",
        2,
      ),
      top("Lines by logger", "logger:* | count by logger | sort -count | limit 12"),
      table("Services by level", "* | count by service, level | sort -count | limit 30", "", 3),
    ],
  },
};
