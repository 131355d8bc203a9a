// The rows of a query that counts or computes: sortable, each value a way to search for it.
import { h, icon, replace } from "../lib/dom";
import { TableAnswer } from "../lib/api";
import { plural, Unit, withUnit } from "../lib/format";
import { prefs } from "../lib/prefs";
import { textOf } from "../lib/record";
import { formatFull, parseRfc3339 } from "../lib/time";

interface Options {
  onValue?: (column: string, value: string) => void;
  unit?: Unit;
  unitsByName?: boolean; // of columns whose names end in one, as `mean_ms`
  limit?: number;
  sort?: string; // "down:COLUMN" or "up:COLUMN"
  onSort?: (sort: string) => void;
}

export function cellText(value: unknown, unit: Unit = ""): string {
  if (typeof value === "number")
    return unit
      ? withUnit(value, unit)
      : Number.isInteger(value)
        ? String(value)
        : String(Number(value.toPrecision(6)));
  const text = textOf(value);
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? parseRfc3339(text) : null;
  return time === null ? text : formatFull(time, prefs.utc).replace(/\.0+( UTC)?$/, "$1");
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return textOf(a).localeCompare(textOf(b), "en", { numeric: true });
}

function unitOf(column: string, { unitsByName }: Options): Unit {
  if (!unitsByName) return "";
  return /_ms$/.test(column) ? "ms" : /_bytes$/.test(column) ? "bytes" : "";
}

// The series of a metric query carry their labels as an object: a column for each label reads, and sorts, better.
function labelsAsColumns(answer: TableAnswer): TableAnswer {
  if (answer.columns.join() !== "labels,time,value") return answer;
  const labelsOf = (row: unknown[]): Record<string, unknown> => (row[0] ?? {}) as Record<string, unknown>;
  const names = [...new Set(answer.rows.flatMap((row) => Object.keys(labelsOf(row))))].sort();
  return {
    columns: [...names, "time", "value"],
    rows: answer.rows.map((row) => [...names.map((name) => labelsOf(row)[name] ?? null), row[1], row[2]]),
  };
}

export function resultTable(table: TableAnswer, options: Options = {}): HTMLElement {
  const answer = labelsAsColumns(table);
  const element = h("div.table-scroll", { tabindex: 0, role: "region", "aria-label": "Rows of the answer" });
  const limit = options.limit ?? 1000;
  const [direction, ...name] = (options.sort ?? "").split(":"); // a column's name may have colons too
  let sorted = answer.columns.indexOf(name.join(":"));
  let down = direction !== "up";
  const isNumber = answer.columns.map((_, c) => answer.rows.some((row) => typeof row[c] === "number"));
  const draw = (): void => {
    const rows =
      sorted < 0
        ? answer.rows
        : [...answer.rows].sort((a, b) => (down ? -1 : 1) * compare(a[sorted], b[sorted]));
    replace(
      element,
      h(
        "table",
        {},
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            answer.columns.map((column, c) =>
              h(
                `th${isNumber[c] ? ".number" : ""}`,
                {
                  scope: "col",
                  "aria-sort": c === sorted ? (down ? "descending" : "ascending") : "none",
                },
                h(
                  "button",
                  {
                    type: "button",
                    onclick: () => {
                      down = c === sorted ? !down : true;
                      sorted = c;
                      draw();
                      options.onSort?.(`${down ? "down" : "up"}:${column}`);
                    },
                  },
                  column,
                  c === sorted ? icon(down ? "down" : "up") : null,
                ),
              ),
            ),
          ),
        ),
        h(
          "tbody",
          {},
          rows.slice(0, limit).map((row) =>
            h(
              "tr",
              {},
              row.map((value, c) =>
                h(
                  `td${isNumber[c] ? ".number" : ""}`,
                  {},
                  options.onValue && typeof value === "string" && !/^\d{4}-\d\d-\d\dT/.test(value)
                    ? h(
                        "button.link-like",
                        {
                          type: "button",
                          title: "Search for it",
                          onclick: () => options.onValue!(answer.columns[c], value),
                        },
                        cellText(value),
                      )
                    : value === null
                      ? h("span.dim", {}, "–")
                      : cellText(
                          value,
                          isNumber[c] ? options.unit || unitOf(answer.columns[c], options) : "",
                        ),
                ),
              ),
            ),
          ),
        ),
      ),
      rows.length > limit
        ? h("p.dim.pad", {}, `${plural(rows.length - limit, "more row")}; narrow the query or add a limit`)
        : null,
      rows.length === 0 ? h("p.dim.pad", {}, "No row.") : null,
    );
  };
  draw();
  return element;
}
