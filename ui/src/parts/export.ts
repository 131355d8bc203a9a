// All hits of a search as a file. The browser writes it as it comes: a million lines pass through no memory of the page.
import { h } from "../lib/dom";
import { url } from "../lib/api";
import { menu } from "./popup";

export function exportMenu(
  from: HTMLElement,
  question: { query: string; lang: string; from?: string; to?: string },
): void {
  const start = (format: string, extension: string): void => {
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
      { label: "CSV", detail: "for a spreadsheet", icon: "download", run: () => start("csv", "csv") },
      { label: "Lines", detail: "as they were stored", icon: "download", run: () => start("raw", "log") },
    ],
    "Export all hits",
  );
}
