// Who sends: each service of the last hour, when its last line came, and what its own log says that it had to drop.
import { h, icon, replace } from "../lib/dom";
import { getJson, isAbort, messageOfError, TableAnswer } from "../lib/api";
import { duration, plural, short } from "../lib/format";
import { hashOf } from "../lib/route";
import { condition } from "../lib/query";
import { parseRfc3339, toMs } from "../lib/time";

const SILENT_MS = 10 * 60_000; // a service at rest says something sooner: its resource usage, or a probe's request
const EVERY_MS = 20_000; // an hour is counted anew: not with every refresh of what is around it
const SHOWN = 30;
// What the library writes when its queue was full (docs/logging.md).
const DROPPED = 'logger:taffrail.log message:"Log lines dropped"';

export class Senders {
  readonly element = h(
    "section.panel-box.senders",
    {},
    h("h2", {}, "Who sends"),
    h("p.dim", {}, "Counting …"),
  );
  private askedAt = -Infinity;

  async load(signal: AbortSignal): Promise<void> {
    if (performance.now() - this.askedAt < EVERY_MS) return;
    this.askedAt = performance.now();
    const table = async (query: string): Promise<unknown[][]> =>
      (await getJson<TableAnswer>("/api/v1/search", { query, from: "-1h", format: "json" }, signal)).rows;
    try {
      const [services, drops] = await Promise.all([
        table("* | stats count() as lines, max(timestamp) as last by service | sort -lines"),
        table(`${DROPPED} | count by service`),
      ]);
      this.show(services, new Map(drops.map(([service, times]) => [String(service ?? ""), Number(times)])));
    } catch (error) {
      if (!isAbort(error)) this.fill(h("p.error", {}, messageOfError(error)));
    }
  }

  private show(services: unknown[][], drops: Map<string, number>): void {
    if (services.length === 0)
      return this.fill(
        h("p.dim", {}, "No line in the last hour: no sender runs, or none reaches this server."),
      );
    const more = services.length - SHOWN;
    this.fill(
      h(
        "ul.checks",
        {},
        services.slice(0, SHOWN).map(([service, lines, last]) => {
          const name = String(service ?? "");
          return this.row(name, Number(lines), String(last), drops.get(name) ?? 0);
        }),
      ),
      more > 0 ? h("p.dim", {}, `${plural(more, "more service")} with fewer lines.`) : null,
    );
  }

  private row(name: string, lines: number, last: string, drops: number): HTMLElement {
    const at = parseRfc3339(last);
    const age = at === null ? 0 : Math.max(0, Date.now() - toMs(at));
    const silent = age > SILENT_MS;
    const words =
      `${short(lines)} ${lines === 1 ? "line" : "lines"} in the last hour, the newest ${age < 2000 ? "just now" : `${duration(age)} ago`}.` +
      (silent ? " If it still runs, look at its sink's spool, and whether it reaches this server." : "") +
      (drops > 0
        ? ` It had to drop lines (${plural(drops, "report")}): give its queue more room, or its disk less to do.`
        : "");
    return h(
      `li.${silent || drops > 0 ? "care" : "good"}`,
      {},
      icon(silent || drops > 0 ? "warning" : "ok"),
      name === ""
        ? h("b", {}, "without a service")
        : h("a", { href: hashOf("search", { q: condition("service", name) }) }, h("b", {}, name)),
      h("span", {}, words),
    );
  }

  private fill(...content: (HTMLElement | null)[]): void {
    replace(this.element, h("h2", {}, "Who sends"), content);
  }
}
