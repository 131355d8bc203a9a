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

// The line's work on the whole request's time. At least one column, so that nothing is invisible.
std::string Bar(const TrailLine& line, const Extent& extent, size_t columns) {
  const double scale =
      static_cast<double>(columns) / std::max(1.0, static_cast<double>(extent.duration_ns()));
  const auto at = [&](int64_t time_ns) {
    const auto column = static_cast<size_t>(static_cast<double>(time_ns - extent.begin_ns) * scale);
    return std::min(column, columns - 1);
  };
  const size_t first = at(line.begin_ns());
  const size_t last = at(line.timestamp_ns);
  std::string bar(first, ' ');
  for (size_t i = first; i <= last; ++i) bar += line.duration_ms ? "█" : "▏";
  return bar;
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

}  // namespace

void AppendTrailLines(const record::RecordBatch& batch, std::vector<TrailLine>& lines) {
  const server::ServiceReader service(batch);
  const server::DurationReader duration(batch);
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
    server::AppendRecordJson(whole, line.entry);
    lines.push_back(std::move(line));
  }
}

std::string RenderTrail(std::string_view id, const std::vector<TrailLine>& lines, const Painter& painter,
                        size_t width) {
  const Extent extent(lines);
  const size_t services = SharesOf(lines).size();
  std::string out = fmt::format(
      "{}   {} line{}   {} service{}   {}   {}\n\n", painter(Style::kBold, Printable(id)), lines.size(),
      lines.size() == 1 ? "" : "s", services, services == 1 ? "" : "s", HumanDuration(extent.duration_ns()),
      painter(Style::kDim, base::FormatRfc3339(extent.begin_ns, 3)));
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
    painter.Append(StyleOfLevel(line.level), Bar(line, extent, bar_columns), out);
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
  json += "],\"events\":[";
  for (const TrailLine& line : lines) {
    if (json.back() != '[') json += ",\n";
    fmt::format_to(std::back_inserter(json), R"({{"offset_ms":{},"service":{},"level":{},"message":{},)",
                   offset_ms(line.timestamp_ns), net::JsonQuote(line.service), net::JsonQuote(line.level),
                   net::JsonQuote(line.message));
    if (line.duration_ms) {
      fmt::format_to(std::back_inserter(json), R"("duration_ms":{},)", *line.duration_ms);
    }
    json += "\"entry\":" + line.entry + "}";
  }
  return json + "]}\n";
}

}  // namespace taffrail::cmd
