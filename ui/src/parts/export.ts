// All hits of a search as a file. The browser writes it as it comes: a million lines pass through no memory of the page.
import { h } from "../lib/dom";
import { url } from "../lib/api";
import { splitStages } from "../lib/query";
import { menu } from "./popup";

interface Question {
  query: string;
  lang: string;
  from?: string;
  to?: string;
}

// The question that gives the columns of the list as a table; null where its language has no such stage.
function withColumns(question: Question, columns: string[]): Question | null {
  if (question.lang !== "search" || splitStages(question.query).stages || columns.length === 0) return null;
  const names = ["timestamp", "level", ...columns.filter((name) => name !== "timestamp" && name !== "level")];
  const quoted = names.map((name) =>
    /^[\w@.-]+$/.test(name) ? name : `"${name.replace(/[\\"]/g, "\\$&")}"`,
  );
  return { ...question, query: `${question.query} | fields ${quoted.join(", ")}` };
}

export function exportMenu(from: HTMLElement, asked: Question, columns: string[]): void {
  const table = withColumns(asked, columns);
  const start = (format: string, extension: string, question = asked): void => {
    const name = `taffrail-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}.${extension}`;
    h<HTMLAnchorElement>("a", {
      href: url("/api/v1/search", { ...question, format, limit: 0 }),
      download: name,
    }).click();
  };
  menu(
    from,
    [
      {
        label: "NDJSON",
        detail: "with time and stream",
        icon: "download",
        run: () => start("ndjson", "ndjson"),
      },
      ...(table
        ? [
            {
              label: "CSV of the columns",
              detail: "for a spreadsheet",
              icon: "download",
              run: () => start("csv", "csv", table),
            },
          ]
        : []),
      {
        label: "CSV",
        detail: table ? "time and whole line" : "for a spreadsheet",
        icon: "download",
        run: () => start("csv", "csv"),
      },
      { label: "Lines", detail: "as they were stored", icon: "download", run: () => start("raw", "log") },
    ],
    "Export all hits",
  );
}
