// What is kept how long, in words: the limits, the oldest line, when the disk is full, what was dropped, what to do.
import { h, icon, replace } from "../lib/dom";
import { getText, HealthAnswer } from "../lib/api";
import { bytes, duration, plural } from "../lib/format";
import { member, parseJson } from "../lib/json";
import { parseRfc3339, toMs } from "../lib/time";

const DAY_MS = 86_400_000;
const SOON_DAYS = 14; // to order a disk, or to agree on what may go
const REASONS = {
  age: "they were older than the limit",
  size: "the store was larger than the limit",
  disk: "the disk was nearly full",
};
const ADVICE =
  "set retention.max_age_days or retention.max_size_mb in taffrail.yaml, or give it a larger disk";

export type RetentionAnswer = HealthAnswer["retention"];
type State = "good" | "care" | "bad";

// What of it belongs at the top of the page: with what to do.
export function retentionTroubles(retention: RetentionAnswer): string[] {
  const troubles: string[] = [];
  if (retention.problem !== null)
    troubles.push(`retention: old lines cannot be dropped: ${retention.problem}`);
  if (retention.clock_doubted)
    troubles.push("retention: the clock went ahead by more than a day. Is it right? See below");
  if (retention.days_until_full !== null && retention.days_until_full < 3)
    troubles.push(`disk: full in ${days(retention.days_until_full)}: ${ADVICE}`);
  return troubles;
}

export class Retention {
  readonly element = h("section.panel-box.retention", {}, h("h2", {}, "What is kept"));
  private oldestInMemory: string | null | undefined; // undefined: not asked yet

  show(retention: RetentionAnswer, rows: number): void {
    const oldest = retention.oldest ?? (rows > 0 ? this.askOldest(() => this.show(retention, rows)) : null);
    replace(
      this.element,
      h("h2", {}, "What is kept"),
      h(
        "ul.checks",
        {},
        row("good", "Kept", limits(retention)),
        row("good", "Oldest", oldestWords(oldest, rows)),
        growth(retention),
        retention.last_drop === null ? null : row("good", "Dropped", dropWords(retention.last_drop)),
        retention.clock_doubted
          ? row(
              "bad",
              "Clock",
              "It went ahead by more than a day. Until it has been so for a day, nothing is dropped for its age. " +
                "If it is wrong, set it right now (timedatectl): lines that were dropped do not come back.",
            )
          : null,
        retention.problem === null
          ? null
          : row("bad", "Failed", `Old lines cannot be dropped: ${retention.problem}.`),
      ),
    );
  }

  // The figures know the parts on disk alone; of a young store, all is still in memory. Asked for once.
  private askOldest(then: () => void): string | null {
    if (this.oldestInMemory === undefined) {
      this.oldestInMemory = null;
      void getText("/api/v1/search", { query: "*", limit: "1" }).then(
        (text) => {
          const time = text === "" ? undefined : member(parseJson(text.split("\n")[0]), "timestamp");
          if (time?.kind === "string") this.oldestInMemory = time.text;
          then();
        },
        () => undefined,
      );
    }
    return this.oldestInMemory;
  }
}

function row(state: State, name: string, words: string): HTMLElement {
  return h(
    `li.${state}`,
    {},
    icon(state === "good" ? "ok" : "warning"),
    h("b", {}, name),
    h("span", {}, words),
  );
}

function days(n: number): string {
  return n < 1 ? "less than a day" : n > 3650 ? "more than ten years" : plural(Math.round(n), "day");
}

function limits({ max_age_days, max_size_bytes, min_free_bytes }: RetentionAnswer): string {
  const rules = [
    max_age_days > 0 ? `lines for ${plural(max_age_days, "day")}` : "",
    max_size_bytes > 0 ? `at most ${bytes(max_size_bytes)} on disk` : "",
  ].filter((rule) => rule !== "");
  const guard =
    min_free_bytes > 0
      ? ` The oldest days go when the disk has less than ${bytes(min_free_bytes)} free.`
      : "";
  if (rules.length === 0 && guard === "")
    return "Everything, for ever: no limit is set (retention in taffrail.yaml).";
  return `${rules.length === 0 ? "Everything" : capital(rules.join(", and "))}; whole days go, the oldest first.${guard}`;
}

function oldestWords(oldest: string | null, rows: number): string {
  const at = oldest === null ? null : parseRfc3339(oldest);
  if (at === null) return rows === 0 ? "There is no line yet." : "Of the last minutes; nothing is older.";
  const age = Date.now() - toMs(at);
  return `${oldest!.slice(0, 10)}, ${age < 0 ? "which is still to come: a sender's clock is ahead" : `${ageWords(age)} ago`}.`;
}

function ageWords(ms: number): string {
  return ms < DAY_MS ? duration(ms) : plural(Math.floor(ms / DAY_MS), "day");
}

function growth(retention: RetentionAnswer): HTMLElement {
  const { growth_bytes_per_day: pace, days_until_full: left, max_size_bytes } = retention;
  if (pace === null) return row("good", "Growth", "The store is too young to say how fast it grows.");
  const byLimit =
    max_size_bytes > 0 && pace > 0 ? ` The limit holds about ${days(max_size_bytes / pace)}.` : "";
  const words = `About ${bytes(pace)} a day.${byLimit}`;
  if (left === null) return row("good", "Growth", `${words} The disk does not fill at this pace.`);
  const full = `${words} At this pace the disk is full in ${days(left)}`;
  return left < SOON_DAYS ? row("care", "Growth", `${full}: ${ADVICE}.`) : row("good", "Growth", `${full}.`);
}

function dropWords(drop: NonNullable<RetentionAnswer["last_drop"]>): string {
  const at = parseRfc3339(drop.at);
  const when = at === null ? "" : ` ${duration(Math.max(0, Date.now() - toMs(at)))} ago`;
  const what = `${plural(drop.rows, "line")} of before ${drop.before} (${bytes(drop.disk_bytes)})`;
  return `${what}${when}, because ${REASONS[drop.reason]}.`;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
