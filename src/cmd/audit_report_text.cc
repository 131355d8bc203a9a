// A report as HTML that prints well, as CSV, and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "cmd/audit_rows.h"
#include "cmd/table.h"
#include "net/problem.h"

namespace taffrail::cmd {
namespace {

constexpr char kStyle[] =
    "body{font:14px/1.4 "
    "system-ui,sans-serif;margin:2em;color:#111}h1{font-size:1.4em}h2{font-size:1.1em;margin-"
    "top:1.6em}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.2em "
    ".6em;border-bottom:1px "
    "solid "
    "#ccc;vertical-align:top;overflow-wrap:anywhere}td.n{text-align:right}.bad{color:#a00}.good{color:#060}"
    "@media print{body{margin:0;font-size:10px}tr{break-inside:avoid}thead{display:table-header-group}}";

// Records are hostile: whatever they hold is text here, in elements and in attributes.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        // A control character is no HTML.
        if (static_cast<uint8_t>(c) < ' ' && c != '\t' && c != '\n') {
          out += "\xef\xbf\xbd";
        } else {
          out += c;
        }
    }
  }
  return out;
}

std::string TimeOf(const AuditRow& row) {
  return row.time_ns == 0 ? "" : base::FormatRfc3339(row.time_ns, 3);
}

std::vector<std::string> CellsOf(const AuditRow& row) {
  return {fmt::format("{}", row.index),
          TimeOf(row),
          row.user,
          row.provider,
          row.event,
          row.resource,
          row.address,
          row.outcome};
}

const std::vector<std::string>& Header() {
  static const std::vector<std::string> header = {"record", "time",     "user",    "provider",
                                                  "event",  "resource", "address", "outcome"};
  return header;
}

using Counts = std::map<std::string, uint64_t>;

Counts CountBy(const AuditReport& report, std::string (*key)(const AuditRow&)) {
  Counts counts;
  for (const AuditRow& row : report.rows) ++counts[key(row)];
  return counts;
}

struct Grouping {
  const char* name;
  std::string (*key)(const AuditRow&);
};
constexpr Grouping kGroupings[] = {
    {"user", [](const AuditRow& row) { return row.user; }},
    {"provider", [](const AuditRow& row) { return row.provider; }},
    {"event", [](const AuditRow& row) { return row.event; }},
    {"day", [](const AuditRow& row) { return TimeOf(row).substr(0, 10); }},
};

std::string TableHtml(const std::vector<const AuditRow*>& rows) {
  std::string html = "<table><thead><tr>";
  for (const std::string& name : Header()) html += fmt::format("<th>{}</th>", name);
  html += "</tr></thead><tbody>\n";
  for (const AuditRow* row : rows) {
    html += "<tr>";
    for (const std::string& cell : CellsOf(*row)) html += fmt::format("<td>{}</td>", Escaped(cell));
    html += "</tr>\n";
  }
  return html + "</tbody></table>\n";
}

std::string SectionHtml(std::string_view title, const AuditReport& report, bool (*wanted)(const AuditRow&)) {
  std::vector<const AuditRow*> rows;
  for (const AuditRow& row : report.rows) {
    if (wanted(row)) rows.push_back(&row);
  }
  if (rows.empty()) return fmt::format("<h2>{}</h2>\n<p>None.</p>\n", title);
  return fmt::format("<h2>{} ({})</h2>\n{}", title, rows.size(), TableHtml(rows));
}

}  // namespace

std::string ReportHtml(const AuditReport& report) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Audit report: {0}</title>\n"
      "<style>{1}</style></head><body>\n<h1>Audit report: {0}</h1>\n"
      "<p>{2} of {3} records; {4}. Made {5}.</p>\n<p class=\"{6}\">{7}</p>\n",
      Escaped(report.origin), kStyle, report.rows.size(), report.size, Escaped(report.period), report.made_at,
      report.verified ? "good" : "bad", Escaped(report.verdict));
  for (const Grouping& grouping : kGroupings) {
    html +=
        fmt::format("<h2>By {0}</h2>\n<table><thead><tr><th>{0}</th><th>records</th></tr></thead><tbody>\n",
                    grouping.name);
    for (const auto& [value, count] : CountBy(report, grouping.key)) {
      html += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td></tr>\n",
                          value.empty() ? "–" : Escaped(value), count);
    }
    html += "</tbody></table>\n";
  }
  html += SectionHtml("Failed logins", report, IsFailedLogin);
  html += SectionHtml("Permission changes", report, IsPermissionChange);
  html += SectionHtml("All records", report, [](const AuditRow&) { return true; });
  return html + "</body></html>\n";
}

std::string ReportCsv(const AuditReport& report) {
  std::string csv;
  AppendCsvRow(Header(), csv);
  for (const AuditRow& row : report.rows) {
    std::vector<std::string> cells = CellsOf(row);
    for (std::string& cell : cells) {
      // What a spreadsheet would run as a formula is text.
      if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos)
        cell = '\'' + cell;
    }
    AppendCsvRow(cells, csv);
  }
  return csv;
}

std::string ReportJson(const AuditReport& report) {
  std::string json = fmt::format(
      R"({{"origin":{},"size":{},"verified":{},"verdict":{},"made_at":{},"period":{},"records":{})",
      net::JsonQuote(report.origin), report.size, report.verified, net::JsonQuote(report.verdict),
      net::JsonQuote(report.made_at), net::JsonQuote(report.period), report.rows.size());
  for (const Grouping& grouping : kGroupings) {
    json += fmt::format(",\"by_{}\":{{", grouping.name);
    bool first = true;
    for (const auto& [value, count] : CountBy(report, grouping.key)) {
      json += fmt::format("{}{}:{}", first ? "" : ",", net::JsonQuote(value), count);
      first = false;
    }
    json += '}';
  }
  const auto list = [&](const char* name, bool (*wanted)(const AuditRow&)) {
    json += fmt::format(",\"{}\":[", name);
    bool first = true;
    for (const AuditRow& row : report.rows) {
      if (!wanted(row)) continue;
      json += first ? "{" : ",{";
      first = false;
      const std::vector<std::string> cells = CellsOf(row);
      for (size_t i = 0; i < cells.size(); ++i) {
        json += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", Header()[i],
                            i == 0 ? cells[i] : net::JsonQuote(cells[i]));
      }
      json += '}';
    }
    json += ']';
  };
  list("failed_logins", IsFailedLogin);
  list("permission_changes", IsPermissionChange);
  list("all", [](const AuditRow&) { return true; });
  return json + "}\n";
}

}  // namespace taffrail::cmd
