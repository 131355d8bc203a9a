#include "cmd/trail_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/time_text.h"
#include "cmd/human.h"
#include "cmd/printable.h"
#include "expr/field_reader.h"
#include "net/problem.h"
#include "server/record_fields.h"
#include "server/record_json.h"

namespace taffrail::cmd {
namespace {

constexpr double kMsNs = 1e6;

struct Extent {
  explicit Extent(const std::vector<TrailLine>& lines) {
    for (const TrailLine& line : lines) {
      begin_ns = std::min(begin_ns, line.begin_ns());
      end_ns = std::max(end_ns, line.timestamp_ns);
    }
  }
  int64_t duration_ns() const { return end_ns - begin_ns; }

  int64_t begin_ns = INT64_MAX;
  int64_t end_ns = INT64_MIN;
};

struct ServiceShare {
  std::string service;
  uint64_t lines = 0;
  uint64_t errors = 0;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
};

std::vector<ServiceShare> SharesOf(const std::vector<TrailLine>& lines) {  // in order of appearance
  std::vector<ServiceShare> shares;
  for (const TrailLine& line : lines) {
    auto share = std::find_if(shares.begin(), shares.end(),
                              [&](const auto& each) { return each.service == line.service; });
    if (share == shares.end()) {
      shares.push_back({.service = line.service, .first_ns = line.timestamp_ns});
      share = shares.end() - 1;
    }
    ++share->lines;
    share->last_ns = line.timestamp_ns;
    if (line.level == "ERROR" || line.level == "CRITICAL") ++share->errors;
  }
  return shares;
}

// From one time to another on the whole request's time. At least one column, so that nothing is invisible.
std::string Bar(int64_t begin_ns, int64_t end_ns, const Extent& extent, size_t columns,
                const std::string& piece) {
  const double scale =
      static_cast<double>(columns) / std::max(1.0, static_cast<double>(extent.duration_ns()));
  const auto at = [&](int64_t time_ns) {
    const auto column = static_cast<size_t>(static_cast<double>(time_ns - extent.begin_ns) * scale);
    return std::min(column, columns - 1);
  };
  const size_t first = at(begin_ns);
  const size_t last = at(end_ns);
  std::string bar(first, ' ');
  for (size_t i = first; i <= last; ++i) bar += piece;
  return bar;
}

std::vector<server::TrailStep> StepsOf(const std::vector<TrailLine>& lines) {
  std::vector<server::TrailStep> steps;
  for (const TrailLine& line : lines) {
    steps.push_back({.time_ns = line.timestamp_ns,
                     .work_ns = line.work_ns(),
                     .service = line.service,
                     .is_error = line.level == "ERROR" || line.level == "CRITICAL",
                     .span_id = line.span_id,
                     .parent_span_id = line.parent_span_id});
  }
  return steps;
}

std::string Padded(const std::string& text, size_t columns) {
  const std::string fitted = FitWidth(text, columns);
  return fitted + std::string(columns - DisplayWidth(fitted), ' ');
}

size_t WidestOf(const std::vector<TrailLine>& lines, std::string TrailLine::*member, size_t most) {
  size_t widest = 0;
  for (const TrailLine& line : lines) widest = std::max(widest, DisplayWidth(Printable(line.*member)));
  return std::min(widest, most);
}

std::string ServiceName(const std::string& service) { return service.empty() ? "-" : Printable(service); }

// A bar for each hop, where the time went, and the pauses.
void AppendHops(const server::TrailShape& shape, const Extent& extent, const Painter& painter, size_t width,
                const char* piece, std::string& out) {
  constexpr size_t kNameMost = 30;
  size_t names = 0;
  for (const server::TrailHop& hop : shape.hops)
    names = std::max(names, std::min(kNameMost, hop.depth * 2 + DisplayWidth(ServiceName(hop.service))));
  constexpr size_t kFixed = 26;
  constexpr size_t kNotes = 32;
  const size_t columns =
      std::max<size_t>(10, width > kFixed + names + kNotes ? width - kFixed - names - kNotes : 0);
  for (const server::TrailHop& hop : shape.hops) {
    out += fmt::format("{:>7.1f} ms  ", static_cast<double>(hop.begin_ns - extent.begin_ns) / kMsNs);
    const std::string name = std::string(std::min<size_t>(hop.depth, 8) * 2, ' ') + ServiceName(hop.service);
    painter.Append(Style::kService, Padded(name, names), out);
    out += fmt::format("  {:>9}  ", HumanDuration(hop.end_ns - hop.begin_ns));
    const std::string bar = Bar(hop.begin_ns, hop.end_ns, extent, columns, piece);
    painter.Append(hop.errors > 0 ? Style::kError : Style::kGood, bar, out);
    out += std::string(columns - std::min(columns, DisplayWidth(bar)) + 2, ' ');
    out += HumanDuration(hop.self_ns) + " of its own";
    if (hop.errors > 0) {
      painter.Append(Style::kError, fmt::format(", {} error{}", hop.errors, hop.errors == 1 ? "" : "s"), out);
    }
    out += '\n';
  }
  if (shape.left_out > 0) out += fmt::format("            and lines of more spans: {}\n", shape.left_out);
  out += "\nwhere time went ";
  const double whole = std::max(1.0, static_cast<double>(extent.duration_ns()));
  const auto share = [&](const std::string& name, int64_t time_ns) {
    out += fmt::format("  {} {} ({:.0f} %)", name, HumanDuration(time_ns),
                       100 * static_cast<double>(time_ns) / whole);
  };
  for (const server::TrailTime& each : shape.time) share(ServiceName(each.service), each.self_ns);
  if (shape.idle_ns > 0) share("between them", shape.idle_ns);
  out += '\n';
  for (const server::TrailPause& pause : shape.pauses) {
    out += fmt::format("silent            {} from {:.1f} ms on, after {}, before {}\n",
                       HumanDuration(pause.end_ns - pause.begin_ns),
                       static_cast<double>(pause.begin_ns - extent.begin_ns) / kMsNs,
                       ServiceName(pause.after), ServiceName(pause.before));
  }
  out += '\n';
}

}  // namespace

void AppendTrailLines(const record::RecordBatch& batch, std::vector<TrailLine>& lines) {
  const server::ServiceReader service(batch);
  const server::DurationReader duration(batch);
  const server::KeyReader span(batch, server::kSpanKeys);
  const server::KeyReader parent(batch, server::kParentKeys);
  const expr::FieldReader level(batch, {expr::FieldRef::Source::kLevel, {}});
  const expr::FieldReader message(batch, {expr::FieldRef::Source::kMessage, {}});
  server::RowReader reader(batch);
  for (size_t row = 0; row < batch.rows(); ++row) {
    const query::exec::LogRow whole = reader.Read(row);
    TrailLine line;
    line.timestamp_ns = whole.timestamp_ns;
    line.service = service.Read(reader.cursor());
    line.level = expr::ToText(level.Read(reader.cursor()));
    line.message = expr::ToText(message.Read(reader.cursor()));
    line.duration_ms = duration.ReadMs(reader.cursor());
    line.span_id = span.Read(reader.cursor());
    line.parent_span_id = parent.Read(reader.cursor());
    server::AppendRecordJson(whole, line.entry);
    lines.push_back(std::move(line));
  }
}

std::string RenderTrail(std::string_view id, const std::vector<TrailLine>& lines, const Painter& painter,
                        size_t width, bool utf8) {
  const Extent extent(lines);
  const char* const work = utf8 ? "█" : "#";
  const char* const mark = utf8 ? "▏" : "|";
  const size_t services = SharesOf(lines).size();
  std::string out = fmt::format(
      "{}   {} line{}   {} service{}   {}   {}\n\n", painter(Style::kBold, Printable(id)), lines.size(),
      lines.size() == 1 ? "" : "s", services, services == 1 ? "" : "s", HumanDuration(extent.duration_ns()),
      painter(Style::kDim, base::FormatRfc3339(extent.begin_ns, 3)));
  AppendHops(server::ShapeOf(StepsOf(lines)), extent, painter, width, work, out);
  constexpr size_t kOffsetColumns = 12;
  constexpr size_t kDurationColumns = 9;
  constexpr size_t kMessageMin = 20;
  const size_t service_columns = WidestOf(lines, &TrailLine::service, 20);
  const size_t level_columns = WidestOf(lines, &TrailLine::level, 8);
  const size_t fixed = kOffsetColumns + service_columns + level_columns + kDurationColumns + 8;
  const size_t left = width > fixed + kMessageMin ? width - fixed : kMessageMin;
  const size_t bar_columns = left / 3;
  const size_t message_columns = std::min(left - bar_columns, WidestOf(lines, &TrailLine::message, left));
  for (const TrailLine& line : lines) {
    const double offset_ms = static_cast<double>(line.timestamp_ns - extent.begin_ns) / kMsNs;
    out += fmt::format("{:>{}.1f} ms  ", offset_ms, kOffsetColumns - 5);
    painter.Append(Style::kService, Padded(Printable(line.service), service_columns), out);
    out += "  ";
    painter.Append(StyleOfLevel(line.level), Padded(Printable(line.level), level_columns), out);
    out += "  " + Padded(Printable(line.message), message_columns) + "  ";
    const std::string duration = line.duration_ms ? HumanDuration(line.work_ns()) : std::string();
    const size_t used = std::min(DisplayWidth(duration), kDurationColumns);
    out += std::string(kDurationColumns - used, ' ');
    painter.Append(Style::kDim, duration, out);
    out += "  ";
    painter.Append(
        StyleOfLevel(line.level),
        Bar(line.begin_ns(), line.timestamp_ns, extent, bar_columns, line.duration_ms ? work : mark), out);
    out += '\n';
  }
  return out;
}

std::string TrailJson(std::string_view id, const std::vector<TrailLine>& lines) {
  const int64_t first_ns = lines.front().timestamp_ns;
  const int64_t last_ns = lines.back().timestamp_ns;
  const auto offset_ms = [first_ns](int64_t time_ns) {
    return static_cast<double>(time_ns - first_ns) / kMsNs;
  };
  std::string json = fmt::format(
      R"({{"id":{},"lines":{},"truncated":false,"from":"{}","to":"{}","duration_ms":{},)", net::JsonQuote(id),
      lines.size(), base::FormatRfc3339(first_ns), base::FormatRfc3339(last_ns), offset_ms(last_ns));
  json += "\"services\":[";
  for (const ServiceShare& share : SharesOf(lines)) {
    if (json.back() != '[') json += ',';
    fmt::format_to(std::back_inserter(json),
                   R"({{"service":{},"lines":{},"errors":{},"first_offset_ms":{},"last_offset_ms":{}}})",
                   net::JsonQuote(share.service), share.lines, share.errors, offset_ms(share.first_ns),
                   offset_ms(share.last_ns));
  }
  json += ']';
  server::AppendShapeJson(server::ShapeOf(StepsOf(lines)), first_ns, json);
  json += ",\"events\":[";
  for (const TrailLine& line : lines) {
    if (json.back() != '[') json += ",\n";
    fmt::format_to(std::back_inserter(json), R"({{"offset_ms":{},"service":{},"level":{},"message":{},)",
                   offset_ms(line.timestamp_ns), net::JsonQuote(line.service), net::JsonQuote(line.level),
                   net::JsonQuote(line.message));
    if (line.duration_ms) {
      fmt::format_to(std::back_inserter(json), R"("duration_ms":{},)", *line.duration_ms);
    }
    if (!line.span_id.empty()) json += "\"span_id\":" + net::JsonQuote(line.span_id) + ",";
    if (!line.parent_span_id.empty()) {
      json += "\"parent_span_id\":" + net::JsonQuote(line.parent_span_id) + ",";
    }
    json += "\"entry\":" + line.entry + "}";
  }
  return json + "]}\n";
}

}  // namespace taffrail::cmd
