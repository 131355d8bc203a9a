#include "server/pattern_report.h"

#include <iterator>
#include <vector>

#include "fmt/format.h"
#include "pattern/jumps.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

void AppendTime(int64_t time_ns, int digits, std::string& out) {
  out += '"';
  record::AppendRfc3339(time_ns, digits, out);
  out += '"';
}

void AppendJumps(const std::vector<pattern::Jump>& jumps, std::string& out) {
  out += ",\"jumps\":[";
  for (const pattern::Jump& jump : jumps) {
    if (out.back() != '[') out += ',';
    out += "{\"from\":";
    AppendTime(jump.from_ns, 0, out);
    out += ",\"to\":";
    AppendTime(jump.to_ns, 0, out);
    fmt::format_to(std::back_inserter(out), ",\"lines\":{},\"usual\":{:.4g}}}", jump.lines, jump.usual);
  }
  out += ']';
}

}  // namespace

std::string PatternReport::ToJson(const MinedLines& found) const {
  const pattern::Mined& mined = found.mined;
  std::string out = fmt::format(
      R"({{"lines":{},"baseline_lines":{},"unmatched":{},"truncated":{},"step_ms":{},"patterns":[)",
      found.lines, found.baseline_lines, mined.unmatched, found.truncated, mined.step_ns / 1'000'000);
  size_t shown = 0;
  for (const pattern::Template& one : mined.templates) {
    if (shown == limit) break;
    const pattern::Tally& lines = one.lines;
    const bool is_new = new_since_ns && lines.first_ns >= *new_since_ns;
    std::vector<pattern::Jump> jumps = pattern::JumpsOf(lines.counts, mined.step_ns, mined.first_ns);
    if (new_since_ns) std::erase_if(jumps, [this](const auto& jump) { return jump.to_ns <= *new_since_ns; });
    if (anomalies && !is_new && jumps.empty()) continue;
    ++shown;
    if (out.back() != '[') out += ",\n";
    out += "{\"pattern\":";
    record::AppendJsonString(one.Text(), out);
    fmt::format_to(std::back_inserter(out), ",\"lines\":{},\"first\":", lines.count);
    AppendTime(lines.first_ns, 9, out);
    out += ",\"last\":";
    AppendTime(lines.last_ns, 9, out);
    if (new_since_ns) out += is_new ? ",\"new\":true" : ",\"new\":false";
    out += ",\"sample\":";
    record::AppendJsonString(lines.sample, out);
    AppendJumps(jumps, out);
    out += ",\"counts\":[";
    for (const auto& [begin_ns, count] : lines.counts) {
      if (out.back() != '[') out += ',';
      out += '[';
      AppendTime(begin_ns, 0, out);
      fmt::format_to(std::back_inserter(out), ",{}]", count);
    }
    out += "]}";
  }
  return out + "]}\n";
}

}  // namespace taffrail::server
